"""Where the rules fit in one stretch of output, and what of that counts. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from pipelinelab.diagnosis.assertions import reports_begin
from pipelinelab.diagnosis.index import index_of
from pipelinelab.diagnosis.matching import Match, Text, match_rule, warns
from pipelinelab.diagnosis.regions import Region, plain
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.survived import harmless, survived
from pipelinelab.recording.log_verdict import verdict as told_by_text
from pipelinelab.recording.records import CommandRecord, StepRecord

_SERIOUS = 64  # a rule of lower priority says nothing in the output of a command that passed
ENOUGH = 20  # a rule of lower priority ends no search


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


class Whole:
    """A step, the rules that are tried on it, and its whole output, read when a rule first asks for it."""

    def __init__(self, step: StepRecord, rules: Sequence[Rule]) -> None:
        self.step, self.rules = step, rules
        self._text: Text | None = None

    def __call__(self) -> Text:
        if self._text is None:
            self._text = Text.scanned(plain(self.step.log), index_of(tuple(self.rules)).required)
        return self._text


def look(seen: Seen, region: Region, whole: Whole, rules: Sequence[Rule], is_log: bool, forgiven: bool = True) -> None:
    """Add the rules' matches in a region. ``forgiven``: what its command lets pass (``|| true``) is survived."""
    index = index_of(tuple(rules))
    text = Text.scanned(region.data, index.words)
    fitting = [
        rule
        for rule in index.candidates(text.found)
        if region.place in rule.places
        and gate(rule, seen.failing, whole.step)
        and (region.place != "step" or rule.priority >= _SERIOUS)
    ]
    logged = is_log and region.place in ("command", "step")
    after = told_by_text(region.data).success_at if logged else -1
    passed_by = survived if logged else harmless if region.place != "platform" else _never
    reports = reports_begin(region.data) if region.place == "command" else 0
    for rule in fitting:
        matches = match_rule(rule, text, region.place, command_of(region), after=max(after, reports - 1), context=whole)
        match, past = _first(matches, region, passed_by, command_of(region) if forgiven else "")
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


def gate(rule: Rule, failing: CommandRecord | None, step: StepRecord, known: bool = False) -> bool:
    """Whether exit code and result let the rule in; ``known``: they must be known (the rule has nothing else)."""
    code = failing.exit_code if failing and failing.exit_code is not None else step.exit_code
    result = failing.result if failing else step.result
    if rule.exit_codes and (code not in rule.exit_codes if code is not None else known):
        return False
    if rule.results and (result not in rule.results and step.result not in rule.results):
        return result == "unknown" and not known
    return True


def command_of(region: Region) -> str:
    return region.command.command if region.command else ""


def beside(match: Match) -> bool:
    """Whether it is a fact of the pipelines file, which need not have to do with the failure."""
    return match.line_text.startswith("[yaml]")
