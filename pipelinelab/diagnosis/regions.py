"""The stretches of a step's record that rules look at, in their order, and places in them as evidence. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pipelinelab.diagnosis.facts import lab_lines, yaml_lines
from pipelinelab.diagnosis.matching import Match
from pipelinelab.diagnosis.nature import own_fault
from pipelinelab.diagnosis.values import Evidence, ProjectFiles
from pipelinelab.recording.alarm_words import CALM, HARMLESS, WARNING
from pipelinelab.recording.log_text import strip_ansi, strip_prefixes, to_ascii_quotes
from pipelinelab.recording.records import CommandRecord, Recording, StepRecord

_COMMANDS_READ = 300  # of a step's commands, the last ones
_LAST_BYTES = 16_000
_LAST_LINES = {"red": 20, "unknown": 3}  # what counts as last words: less where nothing tells that the step is red


@dataclass(frozen=True)
class Region:
    """A stretch of cleaned output. ``begin`` is its byte offset in the step's log; ``number`` counts the commands.
    ``said`` is the same stretch where ``data`` has parts of it blanked out."""

    place: str
    name: str
    data: bytes
    begin: int = 0
    command: CommandRecord | None = None
    number: int | None = None
    said: bytes = b""


def failing_of(step: StepRecord) -> tuple[int | None, CommandRecord | None]:
    """The command to blame and its place in the step: the one that failed, else the last script item that ran."""
    failing = step.failing
    if failing is None:
        script = [c for c in step.commands if c.phase == "script" and c.result != "not_run"]
        failing = script[-1] if script else (step.commands[-1] if step.commands else None)
    return (step.commands.index(failing), failing) if failing is not None else (None, None)


def tiers(
    recording: Recording, step: StepRecord, files: ProjectFiles, number: int | None, failing: CommandRecord | None,
    verdict: str,
) -> list[list[Region]]:  # fmt: skip
    """Where to look, in order: a later tier counts only where an earlier one tells nothing.

    Of a step that is not known to be red the earlier commands tell nothing: what they complained of was survived."""
    beside = "\n".join([*lab_lines(recording, step, failing), *yaml_lines(files, step, failing)])
    first = [Region("platform", "platform", beside.encode("utf-8", "replace"), 0, failing, number)]
    if failing is not None:
        first.append(_region("command", step, failing, number))
    elif step.log:
        first.append(Region("command", "log", plain(step.log), 0))
    first += [_region("teardown", step, c, at) for at, c in enumerate(step.commands) if c.phase == "teardown"]
    first += [Region("service", s.name, plain(s.log), 0, failing, number) for s in step.services if s.log]
    if verdict != "red" or number is None:
        return [first]
    return [first, earlier(step, number)]


def earlier(step: StepRecord, number: int) -> list[Region]:
    """The step's other commands in its script and set-up, but for number ``number``, the last ones first."""
    return [
        _region("step", step, command, at)
        for at, command in list(enumerate(step.commands))[-_COMMANDS_READ:][::-1]
        if at != number and command.phase in ("script", "setup") and command.begin < command.end
    ]


def last_words(step: StepRecord, number: int | None, failing: CommandRecord | None, verdict: str) -> Region | None:
    """The end of what the failing command printed; all but its last words, which are no warnings and no chatter, is
    blanked out in it. None where it tells of the project's own tests, code or checks, and where the step is green."""
    begin, end = (failing.begin, failing.end) if failing else (0, len(step.log))
    begin = max(begin, end - _LAST_BYTES)
    said = plain(step.log[begin:end])
    if verdict not in _LAST_LINES or own_fault(said.decode("utf-8", "replace")):
        return None
    lines = said.split(b"\n")
    spoken = [at for at, line in enumerate(lines) if line.strip() and not line.startswith(b"# ")]
    last = {at for at in spoken[-_LAST_LINES[verdict] :] if not _chatter(lines[at])}
    data = b"\n".join(line if at in last else b" " * len(line) for at, line in enumerate(lines))
    return Region("end", "last words", data, begin, failing, number, said)


def _chatter(line: bytes) -> bool:
    return bool(WARNING.search(line) or HARMLESS.search(line) or CALM.match(line))


def _region(place: str, step: StepRecord, command: CommandRecord, number: int | None) -> Region:
    return Region(place, command.command, plain(step.output_of(command)), command.begin, command, number)


def plain(data: bytes) -> bytes:
    """Output as rules read it: no colours, no prefixes of other programs, quotes as a keyboard has them. It has as many
    lines as ``data``."""
    return to_ascii_quotes(strip_prefixes(strip_ansi(data)))


def evidence_of(match: Match, region: Region, step: StepRecord) -> Evidence:
    """The matched lines with their place for people; lines count in the whole log."""
    line0 = 0 if match.place == "service" else step.log.count(b"\n", 0, region.begin)
    line = line0 + region.data.count(b"\n", 0, match.at) + 1
    name = f"step {step.index}"
    if match.place == "service":
        return Evidence(
            "service", f"{name}, log of service {region.name}, line {line}", match.line_text, line, step.index
        )
    if match.place != "platform":
        return Evidence("log", f"{name}, log line {line}", match.line_text, line, step.index)
    kind, text = "platform", match.line_text
    for prefix, word in (("[lab] ", "exit"), ("[yaml] ", "yaml")):
        if text.startswith(prefix):
            kind, text = word, text[len(prefix) :]
    where = {"exit": f"{name}, seen by the lab", "yaml": "bitbucket-pipelines.yml"}.get(kind, f"{name}, beside the log")
    return Evidence(kind, where, text, None, step.index)
