"""Recording + rules → diagnosis. Pure: what it would like to know it asks for, as Questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipelinelab.diagnosis.categories import GENERAL
from pipelinelab.diagnosis.cures import cures_for
from pipelinelab.diagnosis.facts import elsewhere
from pipelinelab.diagnosis.known import known_facts
from pipelinelab.diagnosis.leftover import unexplained_of
from pipelinelab.diagnosis.looking import Seen, beside
from pipelinelab.diagnosis.matching import Match, warns
from pipelinelab.diagnosis.nature import nature_of
from pipelinelab.diagnosis.placed import able_there, reasoned, titled, told_at
from pipelinelab.diagnosis.questions import Question
from pipelinelab.diagnosis.regions import Region, evidence_of, failing_of
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.rulebook import shipped
from pipelinelab.diagnosis.search import search
from pipelinelab.diagnosis.slots import headed, tell
from pipelinelab.diagnosis.under_way import migration_before
from pipelinelab.diagnosis.values import Diagnosis, Evidence, Finding, ProjectFiles
from pipelinelab.diagnosis.weighing import alternatives, base_confidence, weigh
from pipelinelab.recording.command_shape import falls_back, is_timed
from pipelinelab.recording.log_text import strip_ansi
from pipelinelab.recording.log_verdict import past_diff, went_on
from pipelinelab.recording.records import Recording, StepRecord

_SHOWN = 5
_CAUSE = 50  # a rule of lower priority most often knows a consequence only
_MANY = 8  # lines of other things
_NEAR_END = 4  # lines
_PLACE_ORDER = {"platform": 0, "command": 0, "end": 0, "teardown": 1, "step": 2, "service": 2}
_NATURE = "{nature"  # a slot for the kind of failure that the output tells of by itself
_SAID = 400_000  # bytes of an output that tell it
_SUPPOSED = 5_000_000  # bytes of a log that are read once more
_NO_FILES = ProjectFiles()
_STOPPED = "replay it again, to its end: pipelinelab replay"


def diagnose(
    recording: Recording,
    rules: Sequence[Rule] | None = None,
    files: ProjectFiles = _NO_FILES,
    green: Recording | None = None,
) -> Diagnosis:
    """Why the recording is red: findings (the likeliest first), open questions, and what helps where no rule fits.

    ``rules`` defaults to the shipped rulebook; ``files`` are what cures are diffs against; ``green`` is a run of the
    same commands that passed. A green run gives no findings but those about what it silently left undone."""
    if recording.broken_off:
        return Diagnosis("stopped", remarks=(_STOPPED,))
    rules = shipped(examples=False) if rules is None else rules
    verdict = _verdict(recording)
    remarks = [note.text for note in recording.notes]
    if recording.source != "log" and recording.result == "lost":
        remarks.append("the recording ends in the middle of the run: what came after its last line is lost")
    steps = _suspects(recording, verdict)
    findings: list[Finding] = []
    questions: list[Question] = []
    unexplained = None
    for step in steps:
        step_verdict = "red" if step.red else verdict
        seen = search(recording, step, rules, files, step_verdict)
        found, asked = _findings(seen, step, files, step_verdict)
        findings += found
        questions += asked
        remarks += [f"rule {name} ran out of its time budget and was skipped" for name in sorted(seen.ran_out)]
    remarks += _hidden(recording)
    if_red = None
    if verdict == "unknown" and steps:
        if findings and (_refused(findings, rules) or _ended_with(findings[0], steps[0])):
            verdict = "red"
        elif findings and all(one.category == GENERAL for one in findings):
            if_red, findings = findings[0], []  # words that any program may say, and nothing that tells of a failure
        elif not findings:
            if_red = _if_red(recording, steps[0], rules, files)
    if verdict != "green" and all(one.category == GENERAL for one in findings):
        unexplained = unexplained_of(recording, steps[0] if steps else None, green)
    return Diagnosis(
        verdict,
        tuple(findings),
        tuple(dict.fromkeys(questions)),
        unexplained,
        tuple(dict.fromkeys(remarks)),
        if_red=if_red,
    )


def _if_red(recording: Recording, step: StepRecord, rules: Sequence[Rule], files: ProjectFiles) -> Finding | None:
    """What would come first if the step had failed: a silent check, or a wait, that ends a log may be its failure."""
    number, command = failing_of(step)
    if number is None or command is None or len(step.log) > _SUPPOSED:
        return None
    code = 124 if is_timed(command.command) else 1
    failed = replace(command, result="failed", exit_code=code)
    commands = (*step.commands[:number], failed, *step.commands[number + 1 :])
    red = replace(step, result="failed", exit_code=code, commands=commands)
    told = diagnose(replace(recording, result="failed", exit_code=code, steps=(red,)), rules, files).findings
    return told[0] if told and told[0].evidence[0].kind != "log" else None


def _verdict(recording: Recording) -> str:
    if recording.red_step is not None or recording.result in ("failed", "refused"):
        return "red"
    return "green" if recording.result == "passed" else "unknown"


def _refused(findings: Sequence[Finding], rules: Sequence[Rule]) -> bool:
    return not {one.rule for one in findings}.isdisjoint(rule.id for rule in rules if rule.refusal)


def _ended_with(finding: Finding, step: StepRecord) -> bool:
    """Whether an error that a rule knows is (nearly) the last that the command said: then it is what ended it."""
    if finding.severity != "error" or finding.category == GENERAL:
        return False
    end = step.commands[finding.command].end if finding.command is not None else len(step.log)
    return any(_is_last(said, step, end) for said in finding.evidence)


def _is_last(said: Evidence, step: StepRecord, end: int) -> bool:
    if said.kind != "log" or said.line is None:
        return False
    last = said.line + said.text.count("\n")
    after = strip_ansi(step.log[:end]).split(b"\n", last)[last:]
    rest = past_diff(said.text.encode(), after[0]) if after else b""
    return sum(bool(line.strip()) for line in rest.split(b"\n")) <= _NEAR_END or not went_on(rest, 1)


def _suspects(recording: Recording, verdict: str) -> list[StepRecord]:
    red = [step for step in recording.steps if step.red and step.result != "stopped"]  # those are another's victims
    if red or verdict == "green":
        return red or list(recording.steps)
    return [step for step in recording.steps if step.result != "passed"][-1:]


def _hidden(recording: Recording) -> list[str]:
    return [
        f"`{command.command.partition(chr(10))[0]}` failed inside (exit code {command.exit_code}), "
        "but the step went on: a pipe or && hid it"
        for _, command in recording.commands()
        if command.hidden_failure
    ]


def _findings(seen: Seen, step: StepRecord, files: ProjectFiles, verdict: str) -> tuple[list[Finding], list[Question]]:
    best: dict[str, tuple[Match, Region]] = {}
    for match, region in seen.matches:
        best.setdefault(match.rule.id, (match, region))
    explained = {
        name: rule_id
        for rule_id, (match, region) in best.items()
        for name in match.rule.explains
        if name in best and not (beside(match) and elsewhere(best[name][0].groups))
        if not (best[name][1] is region and _fell_back(match.at, best[name][0].at, region))
    }
    behind = next((name for name in best if name in seen.hidden), None)
    if behind is not None:  # what was missing is what the hidden failure did not make
        explained |= {name: behind for name in best if name not in seen.hidden and not beside(best[name][0])}
    brought = set(explained.values())  # what the pipelines file gives away counts only where it brought something about
    best = {name: found for name, found in best.items() if not beside(found[0]) or name in brought}
    aside = {m.rule.id for m, r in best.values() if _warned(m, best.values()) or _passed_over(m, r, best.values())}
    findings: list[tuple[tuple[float, ...], Finding, tuple[Question, ...], bool]] = []
    for match, region in best.values():
        rule = match.rule
        if rule.id in explained and rule.id not in _chain(explained, rule.id):
            continue
        facts = known_facts(match.groups, step, files, seen.failing)
        place = told_at(match, region)
        under_way = migration_before(rule.category, region.data, match.at)
        if place is not None:
            facts |= {"place": str(place), "there": place.there}
        if _NATURE in rule.title:
            facts["nature"] = nature_of(region.data[-_SAID:].decode("utf-8", "replace"))
        certain = "red" if rule.refusal else verdict
        confidence, probed, asked, refuted = weigh(rule, base_confidence(match, certain), step, facts)
        consequences = [best[name] for name, by in explained.items() if by == rule.id]
        evidence = (evidence_of(match, region, step), *(evidence_of(m, r, step) for m, r in consequences), *probed)
        finding = Finding(
            rule=rule.id, title=titled(headed(rule.title, facts, match.groups), place, under_way),
            category=rule.category, severity=rule.severity, confidence=round(confidence, 2),
            cause=reasoned(tell(rule.cause, facts), place), cure=tell(rule.cure, facts),
            step=step.index, command=region.number, evidence=evidence,
            cures=cures_for(able_there(rule, place), facts, files, step, seen.failing),
            alternatives=alternatives(rule, step), references=rule.references, groups=dict(match.groups),
        )  # fmt: skip
        lead = max([rule.priority, *(m.rule.priority for m, _ in consequences)])
        order = (
            float(refuted),
            float(rule.id in aside),
            _PLACE_ORDER[match.place] if not consequences else 0,
            -lead,
            match.at,
        )
        findings.append((order, finding, asked, refuted))
    findings.sort(key=lambda entry: entry[0])
    kept = [entry for entry in findings if not entry[3]] or findings
    shown = [entry[1] for entry in kept[:_SHOWN]]
    if len(shown) > 1:  # the others are also-seen: never surer than the first
        shown[1:] = [
            replace(one, confidence=min(one.confidence, round(shown[0].confidence * 0.8, 2))) for one in shown[1:]
        ]
    return shown, [question for entry in kept[:3] for question in entry[2]]


def _warned(match: Match, matches: Iterable[tuple[Match, Region]]) -> bool:
    """Whether it stands in a line that only warns, and another serious rule knows a line that does not."""
    return warns(match) and any(m.rule.priority >= _CAUSE and not warns(m) for m, _ in matches)


def _passed_over(match: Match, region: Region, matches: Iterable[tuple[Match, Region]]) -> bool:
    """Whether the command went about many other things, or fell back on another (``a || b``), before it ended with
    words that another serious rule knows."""
    last = max((m.at for m, r in matches if r is region and m.rule.priority >= _CAUSE), default=-1)
    if last <= match.at:
        return False
    if _fell_back(match.at, last, region):
        return True
    if region.data[last:].rstrip().count(b"\n") > 2:
        return False
    return went_on(region.data[match.at : last].partition(b"\n")[2], enough=_MANY)


def _fell_back(first: int, last: int, region: Region) -> bool:
    """Whether what was said last may be of b in ``a || b``, and what was said first of a."""
    a_or_b = region.command is not None and falls_back(region.command.command)
    return a_or_b and region.data[first:last].count(b"\n") > 1


def _chain(explained: dict[str, str], rule_id: str) -> set[str]:
    """The rules that explain each other in a circle with this one (none, where the rulebook is sound)."""
    seen: set[str] = set()
    at = explained.get(rule_id)
    while at is not None and at not in seen:
        seen.add(at)
        at = explained.get(at)
    return seen
