"""Running a rule's own examples: each is a log, and says which rule must come first. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelinelab.diagnosis.reasoning import diagnose
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.values import Diagnosis
from pipelinelab.recording.bitbucket_log import parse_log
from pipelinelab.recording.records import Recording

_BESIDE = re.compile(r"(?m)^\[(?:lab|yaml)\] .*\n?")
_EXIT = re.compile(r"^#exit (\d+)$")


@dataclass(frozen=True)
class ExampleResult:
    """How one example came out. ``kind`` is positive, confusable or green; None means "no finding"."""

    rule: str
    kind: str
    log: str
    expected: str | None
    got: str | None

    @property
    def passed(self) -> bool:
        return self.expected == self.got


def run_examples(rule: Rule, rules: Sequence[Rule]) -> tuple[ExampleResult, ...]:
    """Every example of a rule against the whole rulebook. A green one must be silent both as a log alone and with the
    knowledge that it ended with 0."""
    results = [_result(rule, "positive", log, rule.id, diagnose(example(log), rules)) for log in rule.examples.positive]
    results += [
        _result(rule, "confusable", log, wanted, diagnose(example(log), rules))
        for log, wanted in rule.examples.confusable
    ]
    for log in rule.examples.green:
        results.append(_result(rule, "green", log, None, diagnose(example(log), rules)))
        results.append(_result(rule, "green", log, None, diagnose(example(log, 0), rules)))
    return tuple(results)


def example(log: str, exit_code: int | None = None) -> Recording:
    """An example as a recording: ``[lab]`` and ``[yaml]`` lines stand beside the log; ``#exit 137`` alone is a command
    that printed nothing and ended so."""
    if found := _EXIT.match(log.strip()):
        return parse_log(b"+ command\n", exit_code=int(found.group(1)))
    beside = "\n".join(line.strip() for line in _BESIDE.findall(log))
    return parse_log(_BESIDE.sub("", log).encode(), platform=beside, exit_code=exit_code)


def _result(rule: Rule, kind: str, log: str, expected: str | None, diagnosis: Diagnosis) -> ExampleResult:
    supposed = diagnosis.if_red if expected is not None else None  # where the log does not tell that it is red
    first = diagnosis.findings[0] if diagnosis.findings else supposed
    got = first.rule if first else None
    return ExampleResult(rule.id, kind, log, expected, got)
