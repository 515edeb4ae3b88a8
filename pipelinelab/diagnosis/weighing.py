"""From a match to a finding: answers raise its confidence or refute it; what stays open becomes Questions. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelinelab.diagnosis.facts import answered
from pipelinelab.diagnosis.matching import Match
from pipelinelab.diagnosis.questions import Question, ask, holds
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.slots import fill
from pipelinelab.diagnosis.values import NOT_RULED_OUT, RULED_OUT, UNKNOWN, Alternative, Evidence
from pipelinelab.recording.records import StepRecord

_BY_PLACE = {"command": 1.0, "teardown": 1.0, "platform": 1.0, "service": 0.9, "step": 0.7}
_OPEN = 0.04  # what an unanswered question takes away


def base_confidence(match: Match, verdict: str) -> float:
    """0 to 1, before any answer: the rule's own, less where the place or the verdict says less."""
    return match.rule.confidence * _BY_PLACE.get(match.place, 1.0) * (1.0 if verdict == "red" else 0.8)


def weigh(
    rule: Rule, confidence: float, step: StepRecord, facts: Mapping[str, str]
) -> tuple[float, tuple[Evidence, ...], tuple[Question, ...], bool]:
    """(confidence after the answers, probe evidence, questions still open, whether an answer refutes the rule)."""
    evidence: list[Evidence] = []
    still_open: list[Question] = []
    refuted = False
    for asked in rule.questions:
        arguments = {key: fill(template, facts) for key, template in asked.arguments.items()}
        if any(value is None for value in arguments.values()):
            confidence -= _OPEN / 2
            continue
        known = {key: value for key, value in arguments.items() if value is not None}
        answer = answered(step, asked.ask, known)
        supports = holds(asked.supports, answer) if asked.supports else None
        refutes = holds(asked.refutes, answer) if asked.refutes else None
        if answer is None:
            confidence -= _OPEN
            still_open.append(ask(asked.ask, known, step.index))
        elif refutes:
            confidence, refuted = confidence * 0.25, True
        elif supports:
            confidence += (1 - confidence) * 0.5
        if answer is not None:
            evidence.append(_evidence(asked.ask, known, answer, step))
    return max(0.05, min(0.99, confidence)), tuple(evidence), tuple(still_open), refuted


def alternatives(rule: Rule, step: StepRecord) -> tuple[Alternative, ...]:
    """What else it could be, with what the answers say to it."""
    told: list[Alternative] = []
    for other in rule.alternatives:
        probe = next((p for p in reversed(step.probes) if p.question == other.ask and p.ok), None)
        out = holds(other.ruled_out_by, probe.answer) if probe and other.ruled_out_by else None
        state = UNKNOWN if out is None else RULED_OUT if out else NOT_RULED_OUT
        by = describe(probe.question, dict(probe.arguments), probe.answer) if probe and out is not None else ""
        told.append(Alternative(other.what, state, by))
    return tuple(told)


def _evidence(name: str, arguments: Mapping[str, str], answer: Any, step: StepRecord) -> Evidence:
    return Evidence("probe", f"step {step.index}, asked: {name}", describe(name, arguments, answer), step=step.index)


def describe(name: str, arguments: Mapping[str, str], answer: Any) -> str:
    """A question and its answer on one line: ``socket_file(path=/run/x.sock): exists=False``."""
    inside = ", ".join(f"{key}={value}" for key, value in sorted(arguments.items()))
    if isinstance(answer, Mapping):
        answer = ", ".join(f"{key}={value!r}" for key, value in answer.items())
    return f"{name}({inside}): {answer}"[:500]
