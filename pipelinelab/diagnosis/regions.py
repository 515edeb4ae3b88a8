"""The stretches of a step's record that rules look at, in their order, and places in them as evidence. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pipelinelab.diagnosis.facts import lab_lines, yaml_lines
from pipelinelab.diagnosis.matching import Match
from pipelinelab.diagnosis.values import Evidence, ProjectFiles
from pipelinelab.recording.log_text import strip_ansi, strip_prefixes
from pipelinelab.recording.records import CommandRecord, Recording, StepRecord

_COMMANDS_READ = 300  # of a step's commands, the last ones


@dataclass(frozen=True)
class Region:
    """A stretch of cleaned output. ``begin`` is its byte offset in the step's log; ``number`` counts the commands."""

    place: str
    name: str
    data: bytes
    begin: int = 0
    command: CommandRecord | None = None
    number: int | None = None


def failing_of(step: StepRecord) -> tuple[int | None, CommandRecord | None]:
    """The command to blame and its place in the step: the one that failed, else the last script item that ran."""
    failing = step.failing
    if failing is None:
        script = [c for c in step.commands if c.phase == "script" and c.result != "not_run"]
        failing = script[-1] if script else (step.commands[-1] if step.commands else None)
    return (step.commands.index(failing), failing) if failing is not None else (None, None)


def tiers(
    recording: Recording, step: StepRecord, files: ProjectFiles, number: int | None, failing: CommandRecord | None
) -> list[list[Region]]:
    """Where to look, in order: a later tier counts only where an earlier one tells nothing."""
    beside = "\n".join([*lab_lines(recording, step, failing), *yaml_lines(files)]).encode("utf-8", "replace")
    first = [Region("platform", "platform", beside, 0, failing, number)]
    if failing is not None:
        first.append(_region("command", step, failing, number))
    elif step.log:
        first.append(Region("command", "log", _plain(step.log), 0))
    first += [_region("teardown", step, c, at) for at, c in enumerate(step.commands) if c.phase == "teardown"]
    first += [Region("service", s.name, _plain(s.log), 0, failing, number) for s in step.services if s.log]
    rest = [
        _region("step", step, command, at)
        for at, command in list(enumerate(step.commands))[-_COMMANDS_READ:]
        if at != number and command.phase in ("script", "setup") and command.begin < command.end
    ]
    return [first, rest[::-1]]


def _region(place: str, step: StepRecord, command: CommandRecord, number: int | None) -> Region:
    return Region(place, command.command, _plain(step.output_of(command)), command.begin, command, number)


def _plain(data: bytes) -> bytes:
    return strip_prefixes(strip_ansi(data))


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
