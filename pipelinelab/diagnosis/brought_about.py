"""What was said earlier in a step that brings about what was found in the command that failed. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipelinelab.diagnosis.categories import GENERAL
from pipelinelab.diagnosis.index import index_of
from pipelinelab.diagnosis.looking import ENOUGH, Seen, Whole, command_of, look
from pipelinelab.diagnosis.matching import Match
from pipelinelab.diagnosis.regions import Region, earlier
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.recording.command_shape import forgives, hides_in_a_pipe, runs_in_background, script_of
from pipelinelab.recording.records import StepRecord

_OF_ABSENCE = ("files", GENERAL)  # categories of rules that tell that something is not there
_OF_SILENCE = ("network", "service")  # categories of rules that tell that nobody answers
ABSENCES = frozenset((
    "postgres-schema", "mysql-table-missing", "sqlite-schema", "php-vendor-missing", "python-module-missing",
    "node-module-missing",
))  # fmt: skip
"""Rules that tell of something missing that an earlier command should have made, whatever their category."""
_CLEANS = re.compile(r"\b(?:rm|rmdir|kill|pkill|stop|down|drop|delete|prune|unlink|umount)\b")
SILENCES = frozenset(("network-refused", "mysql-refused", "mysql-socket"))
"""Rules that tell that nobody answers, and what others explain of that kind."""
_BEFORE = 6  # commands
_RIGHT_AFTER = 8  # lines
_SHOWN = 4096  # bytes of an output, in which npm shows its script


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


def look_behind_what_hides(seen: Seen, step: StepRecord, whole: Whole, rules: Sequence[Rule]) -> None:
    """Where something is missing that should have been made: what the nearest command before it said whose failure a
    pipe or ``|| …`` has hidden."""
    absent = [match.rule for match, _ in seen.matches if _tells_absence(match.rule)]
    told = {name for rule in absent for name in (rule.id, *rule.explains)}
    if not absent or seen.number is None or any(match.rule.id not in told for match, _ in seen.matches):
        return
    for region in earlier(step, seen.number)[:_BEFORE]:
        if _hides(region, step) and _died(seen, region, whole, rules):
            return


def _tells_absence(rule: Rule) -> bool:
    return rule.category in _OF_ABSENCE or rule.id in ABSENCES


def _hides(region: Region, step: StepRecord) -> bool:
    command = command_of(region)
    forgiven = forgives(script_of(command, region.data[:_SHOWN])) and not _CLEANS.search(command)
    return forgiven or (hides_in_a_pipe(command) and b"pipefail" not in step.log)


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
    return rule.category in _OF_SILENCE or not SILENCES.isdisjoint((rule.id, *rule.explains))


def _died(seen: Seen, region: Region, whole: Whole, rules: Sequence[Rule]) -> bool:
    """Whether rules know what was said in an earlier region as the end of a program; they are ``hidden`` then.
    What came after it does not tell that it was survived: it may be the answer of ``||``, or of what else runs."""
    behind = Seen(seen.number, seen.failing)
    look(behind, replace(region, place="command"), whole, rules, is_log=False, forgiven=False)
    known = {match.rule.id for match, _ in seen.matches}  # said again it is no cause of itself
    found = [(m, where) for m, where in behind.matches if m.rule.priority >= ENOUGH and m.rule.id not in known]
    seen.hidden |= {match.rule.id for match, _ in found}
    seen.matches += found
    return bool(found)
