"""Where the rules fit in what a step left: tier by tier, until one tells enough. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from pipelinelab.diagnosis.assertions import only_assertions
from pipelinelab.diagnosis.categories import CHECKS, GENERAL, TESTS
from pipelinelab.diagnosis.index import index_of
from pipelinelab.diagnosis.matching import Match, Text, fits_command, match_rule, warns
from pipelinelab.diagnosis.nature import own_fault
from pipelinelab.diagnosis.regions import Region, earlier, failing_of, last_words, plain, tiers
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.survived import harmless, survived
from pipelinelab.diagnosis.values import ProjectFiles
from pipelinelab.recording.command_shape import hides_in_a_pipe, runs_in_background
from pipelinelab.recording.log_verdict import verdict as told_by_text
from pipelinelab.recording.log_verdict import went_on
from pipelinelab.recording.records import CommandRecord, Recording, StepRecord

_ENOUGH = 20  # a rule of lower priority ends no search
_OF_TESTS = (TESTS, CHECKS)  # categories of rules that tell why an assertion failed
_OF_ABSENCE = ("files", GENERAL)  # categories of rules that tell that something is not there
_OF_SILENCE = ("network", "service")  # categories of rules that tell that nobody answers
_SILENCES = frozenset(("network-refused", "mysql-refused", "mysql-socket"))
_ENDS = 400_000  # bytes of an output that tell how its tests ended
_RIGHT_AFTER = 8  # lines
_BEFORE = 6  # commands
_SERIOUS = 64  # a rule of lower priority says nothing in the output of a command that passed


@dataclass
class Seen:
    """What was found in one step: ``matches`` with where each stands, the command to blame, and the rules that ran out
    of their time budget. ``overcome`` are matches that the command went on after; ``hidden`` are the rules that know
    what an earlier command died of behind a pipe or in the background, so that what it should have made is missing or
    does not answer."""

    number: int | None
    failing: CommandRecord | None
    matches: list[tuple[Match, Region]] = field(default_factory=list)
    overcome: list[tuple[Match, Region]] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    ran_out: set[str] = field(default_factory=set)


def search(recording: Recording, step: StepRecord, rules: Sequence[Rule], files: ProjectFiles, verdict: str) -> Seen:
    """The rules' matches in a step that is red, green or unknown (``verdict``)."""
    seen = Seen(*failing_of(step))
    if verdict == "green":
        rules = [rule for rule in rules if rule.even_green]
    whole = _Whole(step, rules)
    output = step.output_of(seen.failing) if seen.failing else step.log
    said = plain(output[-_ENDS:]).decode("utf-8", "replace")
    own = own_fault(said)
    for tier in tiers(recording, step, files, seen.number, seen.failing, verdict):
        for region in tier:
            _look(seen, region, whole, rules, recording.source == "log")
        if any(r.place in ("command", "platform") and m.rule.priority >= _ENOUGH for m, r in seen.matches):
            break
        if own:
            break  # its own tests, code or checks: what earlier commands complained of was survived
    if only_assertions(said):
        seen.matches = [(match, region) for match, region in seen.matches if match.rule.category in _OF_TESTS]
    elif (step.exit_code or (verdict == "red" and not own)) and not seen.matches:
        seen.matches = seen.overcome  # it did fail, and nothing else says why
    else:
        seen.matches += [one for one in seen.overcome if _brought_about(one, seen.matches)]
        _look_for_causes(seen, step, whole, rules)
        _look_behind_pipes(seen, step, whole, rules)
        _look_at_background(seen, step, whole, rules)
    if all(beside(match) for match, _ in seen.matches):
        end = last_words(step, seen.number, seen.failing, verdict)
        sure = step.exit_code is not None or recording.source != "log"
        if end is not None:
            _look_at_end(seen, end, rules, sure)
    by_exit = Region("platform", "exit", b"", 0, seen.failing, seen.number)
    seen.matches += [
        (Match(rule, "platform", 0, _exit(seen.failing, step)), by_exit)
        for rule in index_of(tuple(rules)).wordless
        if _gate(rule, seen.failing, step, known=True) and fits_command(rule, _command(by_exit))
    ]
    return seen


def beside(match: Match) -> bool:
    """Whether it is a fact of the pipelines file, which need not have to do with the failure."""
    return match.line_text.startswith("[yaml]")


class _Whole:
    """A step, the rules that are tried on it, and its whole output, read when a rule first asks for it."""

    def __init__(self, step: StepRecord, rules: Sequence[Rule]) -> None:
        self.step, self.rules = step, rules
        self._text: Text | None = None

    def __call__(self) -> Text:
        if self._text is None:
            self._text = Text.scanned(plain(self.step.log), index_of(tuple(self.rules)).required)
        return self._text


def _look_for_causes(seen: Seen, step: StepRecord, whole: _Whole, rules: Sequence[Rule]) -> None:
    """What the commands right before said that brings about what was found: a server that ended, a browser that did
    not start. A failure of the same kind, which is only told better there, is another one."""
    found = {match.rule.id: match.rule for match, region in seen.matches if region.place == "command"}
    causes = {rule.id: rule for rule in index_of(tuple(rules)).causes(found) if rule.id not in found}
    if not causes or seen.number is None:
        return
    for region in earlier(step, seen.number)[:_BEFORE]:
        before = Seen(seen.number, seen.failing)
        _look(before, region, whole, [*causes.values(), *found.values()], is_log=True, forgiven=False)
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


def _look_behind_pipes(seen: Seen, step: StepRecord, whole: _Whole, rules: Sequence[Rule]) -> None:
    """Where a file is missing: what the nearest command before it said whose failure a pipe has hidden."""
    missing = bool(seen.matches) and all(match.rule.category in _OF_ABSENCE for match, _ in seen.matches)
    if not missing or seen.number is None or b"pipefail" in step.log:
        return
    for region in earlier(step, seen.number)[:_BEFORE]:
        if hides_in_a_pipe(_command(region)) and _died(seen, region, whole, rules):
            return


def _look_at_background(seen: Seen, step: StepRecord, whole: _Whole, rules: Sequence[Rule]) -> None:
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


def _died(seen: Seen, region: Region, whole: _Whole, rules: Sequence[Rule]) -> bool:
    """Whether rules know what was said in an earlier region as the end of a program; they are ``hidden`` then."""
    behind = Seen(seen.number, seen.failing)
    _look(behind, replace(region, place="command"), whole, rules, is_log=True, forgiven=False)
    found = [(match, where) for match, where in behind.matches if match.rule.priority >= _ENOUGH]
    seen.hidden |= {match.rule.id for match, _ in found}
    seen.matches += found
    return bool(found)


def _look(
    seen: Seen, region: Region, whole: _Whole, rules: Sequence[Rule], is_log: bool, forgiven: bool = True
) -> None:
    """Add the rules' matches in a region. ``forgiven``: what its command lets pass (``|| true``) is survived."""
    index = index_of(tuple(rules))
    text = Text.scanned(region.data, index.words)
    fitting = [
        rule
        for rule in index.candidates(text.found)
        if region.place in rule.places
        and _gate(rule, seen.failing, whole.step)
        and (region.place != "step" or rule.priority >= _SERIOUS)
    ]
    logged = is_log and region.place in ("command", "step")
    after = told_by_text(region.data).success_at if logged else -1
    passed_by = survived if logged else harmless if region.place != "platform" else _never
    for rule in fitting:
        matches = match_rule(rule, text, region.place, _command(region), after=after, context=whole)
        match, past = _first(matches, region, passed_by, _command(region) if forgiven else "")
        seen.matches += [(match, region)] if match else []
        seen.overcome += [(past, region)] if past and not match else []
    seen.ran_out |= text.ran_out


def _never(match: Match, data: bytes, command: str) -> bool:
    return False


def _first(
    matches: Iterable[Match], region: Region, passed_by: Callable[[Match, bytes, str], bool], command: str
) -> tuple[Match | None, Match | None]:
    """The first match that counts, best in a line that does not only warn; and the first that was passed by."""
    warning = past = None
    for match in matches:
        if passed_by(match, region.data, command):
            past = past or match
        elif not warns(match):
            return match, past
        else:
            warning = warning or match
    return warning, past


def _brought_about(cause: tuple[Match, Region], matches: Sequence[tuple[Match, Region]]) -> bool:
    """Whether what it explains followed right after it: then it was not survived."""
    match, region = cause
    return any(
        other.rule.id in match.rule.explains
        and where is region
        and match.at < other.at
        and region.data.count(b"\n", match.at, other.at) <= _RIGHT_AFTER
        for other, where in matches
    )


def _look_at_end(seen: Seen, end: Region, rules: Sequence[Rule], sure: bool) -> None:
    """What the command's last words say by themselves; ``sure``: it is known to have failed."""
    general = [rule for rule in rules if end.place in rule.places]
    text = Text.scanned(end.data, index_of(tuple(general)).words)
    told = (match_rule(rule, text, end.place, _command(end)) for rule in general)
    found = (next((m for m in matches if sure or not _went_past(m, end)), None) for matches in told)
    seen.matches += [(match, end) for match in found if match]
    seen.ran_out |= text.ran_out


def _went_past(match: Match, end: Region) -> bool:
    """Whether other lines came after the words: a program of which nothing is known went on."""
    rest = end.said[match.at :].partition(b"\n")[2]
    return survived(match, end.said, _command(end)) or went_on(rest, enough=2)


def _command(region: Region) -> str:
    return region.command.command if region.command else ""


def _exit(failing: CommandRecord | None, step: StepRecord) -> str:
    code = failing.exit_code if failing and failing.exit_code is not None else step.exit_code
    return f"result {failing.result if failing else step.result}, exit code {code}"


def _gate(rule: Rule, failing: CommandRecord | None, step: StepRecord, known: bool = False) -> bool:
    """Whether exit code and result let the rule in; ``known``: they must be known (the rule has nothing else)."""
    code = failing.exit_code if failing and failing.exit_code is not None else step.exit_code
    result = failing.result if failing else step.result
    if rule.exit_codes and (code not in rule.exit_codes if code is not None else known):
        return False
    if rule.results and (result not in rule.results and step.result not in rule.results):
        return result == "unknown" and not known
    return True
