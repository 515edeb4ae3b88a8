"""What was said earlier in a step that brings about what was found in the command that failed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipelinelab.diagnosis.categories import GENERAL
from pipelinelab.diagnosis.index import index_of
from pipelinelab.diagnosis.looking import ENOUGH, Seen, Whole, command_of, look
from pipelinelab.diagnosis.matching import Match
from pipelinelab.diagnosis.regions import Region, earlier
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.recording.command_shape import hides_in_a_pipe, runs_in_background
from pipelinelab.recording.records import StepRecord

_OF_ABSENCE = ("files", GENERAL)  # categories of rules that tell that something is not there
_OF_SILENCE = ("network", "service")  # categories of rules that tell that nobody answers
_SILENCES = frozenset(("network-refused", "mysql-refused", "mysql-socket"))
_BEFORE = 6  # commands
_RIGHT_AFTER = 8  # lines


def led_to(cause: tuple[Match, Region], matches: Sequence[tuple[Match, Region]]) -> bool:
    """Whether what it explains followed right after it: then it was not survived."""
    match, region = cause
    return any(
        other.rule.id in match.rule.explains
        and where is region
        and match.at < other.at
        and region.data.count(b"\n", match.at, other.at) <= _RIGHT_AFTER
        for other, where in matches
    )


def look_for_causes(seen: Seen, step: StepRecord, whole: Whole, rules: Sequence[Rule]) -> None:
    """What the commands right before said that brings about what was found: a server that ended, a browser that did
    not start. A failure of the same kind, which is only told better there, is another one."""
    found = {match.rule.id: match.rule for match, region in seen.matches if region.place == "command"}
    causes = {rule.id: rule for rule in index_of(tuple(rules)).causes(found) if rule.id not in found}
    if not causes or seen.number is None:
        return
    for region in earlier(step, seen.number)[:_BEFORE]:
        before = Seen(seen.number, seen.failing)
        look(before, region, whole, [*causes.values(), *found.values()], is_log=True, forgiven=False)
        same = {_line(match, region) for match, _ in before.matches if match.rule.id in found}
        seen.ran_out |= before.ran_out
        seen.matches += [
            (match, where)
            for match, where in before.matches
            if match.rule.id in causes and _line(match, where) not in same
        ]


def _line(match: Match, region: Region) -> int:
    """Where the line begins in which a match does."""
    return region.data.rfind(b"\n", 0, match.at) + 1


def look_behind_pipes(seen: Seen, step: StepRecord, whole: Whole, rules: Sequence[Rule]) -> None:
    """Where a file is missing: what the nearest command before it said whose failure a pipe has hidden."""
    missing = bool(seen.matches) and all(match.rule.category in _OF_ABSENCE for match, _ in seen.matches)
    if not missing or seen.number is None or b"pipefail" in step.log:
        return
    for region in earlier(step, seen.number)[:_BEFORE]:
        if hides_in_a_pipe(command_of(region)) and _died(seen, region, whole, rules):
            return


def look_at_background(seen: Seen, step: StepRecord, whole: Whole, rules: Sequence[Rule]) -> None:
    """Where nothing answers: what was said from the start of a program in the background on, which may be what it died
    of."""
    silent = [match for match, _ in seen.matches if _tells_silence(match.rule)]
    started = [at for at, one in enumerate(step.commands[: seen.number]) if runs_in_background(one.command)]
    if not silent or not started or seen.number is None:
        return
    explained = {name for match in silent for name in (match.rule.id, *match.rule.explains)}
    own = {match.rule.id for match, region in seen.matches if region.place == "command"} - explained
    if own:  # what it said is among the words of the command that asked for it
        seen.hidden |= own
        return
    for region in earlier(step, seen.number):
        if started[0] <= (region.number or 0) < seen.number and _died(seen, region, whole, rules):
            return


def _tells_silence(rule: Rule) -> bool:
    return rule.category in _OF_SILENCE or not _SILENCES.isdisjoint((rule.id, *rule.explains))


def _died(seen: Seen, region: Region, whole: Whole, rules: Sequence[Rule]) -> bool:
    """Whether rules know what was said in an earlier region as the end of a program; they are ``hidden`` then."""
    behind = Seen(seen.number, seen.failing)
    look(behind, replace(region, place="command"), whole, rules, is_log=True, forgiven=False)
    found = [(match, where) for match, where in behind.matches if match.rule.priority >= ENOUGH]
    seen.hidden |= {match.rule.id for match, _ in found}
    seen.matches += found
    return bool(found)
