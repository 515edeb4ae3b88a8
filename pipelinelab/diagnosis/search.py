"""Where the rules fit in what a step left: tier by tier, until one tells enough. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pipelinelab.diagnosis.assertions import only_assertions
from pipelinelab.diagnosis.brought_about import led_to, look_at_background, look_behind_what_hides, look_for_causes
from pipelinelab.diagnosis.categories import CHECKS, TESTS
from pipelinelab.diagnosis.index import index_of
from pipelinelab.diagnosis.looking import ENOUGH, Seen, Whole, beside, command_of, gate, look
from pipelinelab.diagnosis.matching import Match, Text, fits_command, match_rule
from pipelinelab.diagnosis.nature import own_fault
from pipelinelab.diagnosis.regions import Region, failing_of, last_words, plain, tiers
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.survived import survived
from pipelinelab.diagnosis.values import ProjectFiles
from pipelinelab.recording.log_verdict import decided, went_on
from pipelinelab.recording.records import CommandRecord, Recording, StepRecord

_OF_TESTS = (TESTS, CHECKS)  # categories of rules that tell why an assertion failed
_ENDS = 400_000  # bytes of an output that tell how its tests ended


def search(recording: Recording, step: StepRecord, rules: Sequence[Rule], files: ProjectFiles, verdict: str) -> Seen:
    """The rules' matches in a step that is red, green or unknown (``verdict``)."""
    seen = Seen(*failing_of(step))
    if verdict == "green":
        rules = [rule for rule in rules if rule.even_green]
    whole = Whole(step, rules)
    output = step.output_of(seen.failing) if seen.failing else step.log
    said = plain(output[-_ENDS:]).decode("utf-8", "replace")
    own = own_fault(said)
    for tier in tiers(recording, step, files, seen.number, seen.failing, verdict):
        for region in tier:
            look(seen, region, whole, rules, recording.source == "log")
        if any(r.place in ("command", "platform") and m.rule.priority >= ENOUGH for m, r in seen.matches):
            break
        if own:
            break  # its own tests, code or checks: what earlier commands complained of was survived
    if only_assertions(said):
        seen.matches = [(match, region) for match, region in seen.matches if match.rule.category in _OF_TESTS]
    elif (step.exit_code or (verdict == "red" and not own and decided(said.encode()))) and not seen.matches:
        seen.matches = seen.overcome  # it did fail, and nothing else says why
    else:
        seen.matches += [one for one in seen.overcome if led_to(one, seen.matches)]
        look_for_causes(seen, step, whole, rules)
        look_behind_what_hides(seen, step, whole, rules)
        look_at_background(seen, step, whole, rules)
    if all(beside(match) for match, _ in seen.matches):
        end = last_words(step, seen.number, seen.failing, verdict)
        sure = step.exit_code is not None or recording.source != "log"
        if end is not None:
            _look_at_end(seen, end, rules, sure)
    by_exit = Region("platform", "exit", b"", 0, seen.failing, seen.number)
    seen.matches += [
        (Match(rule, "platform", 0, _exit(seen.failing, step)), by_exit)
        for rule in index_of(tuple(rules)).wordless
        if gate(rule, seen.failing, step, known=True) and fits_command(rule, command_of(by_exit))
    ]
    return seen


def _look_at_end(seen: Seen, end: Region, rules: Sequence[Rule], sure: bool) -> None:
    """What the command's last words say by themselves; ``sure``: it is known to have failed."""
    general = [rule for rule in rules if end.place in rule.places]
    text = Text.scanned(end.data, index_of(tuple(general)).words)
    told = (match_rule(rule, text, end.place, command_of(end)) for rule in general)
    found = (next((m for m in matches if sure or not _went_past(m, end)), None) for matches in told)
    seen.matches += [(match, end) for match in found if match]
    seen.ran_out |= text.ran_out


def _went_past(match: Match, end: Region) -> bool:
    """Whether other lines came after the words: a program of which nothing is known went on."""
    rest = end.said[match.at :].partition(b"\n")[2]
    return survived(match, end.said, command_of(end)) or went_on(rest, enough=2)


def _exit(failing: CommandRecord | None, step: StepRecord) -> str:
    code = failing.exit_code if failing and failing.exit_code is not None else step.exit_code
    return f"result {failing.result if failing else step.result}, exit code {code}"
