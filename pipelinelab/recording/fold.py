"""Events and logs to a Recording. Pure: the same fold for a run that goes on, a whole one and a cut-off one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import singledispatch
from typing import Any

from pipelinelab.events import types as e
from pipelinelab.recording.records import CommandRecord, Recording, ServiceRecord, StepRecord

Marks = tuple[tuple[int, float], ...]


class _Draft:
    """What is known so far; the only mutable thing here, and it never leaves ``fold``."""

    def __init__(self) -> None:
        self.run: dict[str, Any] = {"run_id": "", "complete": False}
        self.steps: dict[int, dict[str, Any]] = {}
        self.commands: dict[int, dict[tuple[str, int], CommandRecord]] = {}
        self.services: dict[int, dict[str, ServiceRecord]] = {}
        self.last = 0.0

    def step(self, index: int) -> dict[str, Any]:
        return self.steps.setdefault(index, {"index": index, "name": "", "result": "lost", "parts": {}})

    def add(self, index: int, key: str, value: Any) -> None:
        self.step(index).setdefault(key, []).append(value)

    def service(self, index: int, name: str, **changes: Any) -> None:
        known = self.services.setdefault(index, {})
        known[name] = replace(known.get(name, ServiceRecord(name=name)), **changes)


@singledispatch
def _apply(event: e.Event, draft: _Draft) -> None:
    """An event that says nothing to a Recording."""


@_apply.register
def _(event: e.RunStarted, draft: _Draft) -> None:
    for key in ("run_id", "pipeline", "source", "parent_run", "repo", "commit", "branch", "started_at", "facts"):
        draft.run[key] = getattr(event, key)


@_apply.register
def _(event: e.RunEnded, draft: _Draft) -> None:
    draft.run |= {"result": event.result, "exit_code": event.exit_code, "seconds": event.at, "complete": True}


@_apply.register
def _(event: e.StepStarted, draft: _Draft) -> None:
    step = draft.step(event.step)
    for key in ("name", "stage", "group", "image_asked", "memory_limit_mib", "key"):
        step[key] = getattr(event, key)
    step["started_at"] = event.at
    draft.commands[event.step] = {
        (phase, index): CommandRecord(phase=phase, index=index, command=text, yaml_line=line)
        for phase, index, text, line in event.items
    }


@_apply.register
def _(event: e.StepSkipped, draft: _Draft) -> None:
    step = draft.step(event.step)
    for key in ("name", "stage", "group", "image_asked"):
        step[key] = getattr(event, key)
    step |= {"result": "skipped", "skipped_why": event.why}


@_apply.register
def _(event: e.ImageUsed, draft: _Draft) -> None:
    if event.container == "build":
        draft.step(event.step).update(image_used=event.used, image_digest=event.digest)
    else:
        draft.service(event.step, event.container, image_used=event.used)


@_apply.register
def _(event: e.PartTimed, draft: _Draft) -> None:
    draft.step(event.step)["parts"][event.part] = event.seconds


@_apply.register
def _(event: e.ServiceStarted, draft: _Draft) -> None:
    draft.service(event.step, event.service, image_used=event.image_used)


@_apply.register
def _(event: e.ServiceReady, draft: _Draft) -> None:
    draft.service(event.step, event.service, port_open_after_s=event.after_s, ports=event.ports, late=event.late)


@_apply.register
def _(event: e.ServiceEnded, draft: _Draft) -> None:
    draft.service(event.step, event.service, exit_code=event.exit_code, oom_killed=event.oom_killed,
                  early=event.early, memory_peak_mib=event.memory_peak_mib)  # fmt: skip


def _command(draft: _Draft, event: e.CommandStarted | e.CommandEnded, **changes: Any) -> None:
    known = draft.commands.setdefault(event.step, {})
    key = (event.phase, event.index)
    known[key] = replace(known.get(key, CommandRecord(phase=event.phase, index=event.index, command="")), **changes)


@_apply.register
def _(event: e.CommandStarted, draft: _Draft) -> None:
    _command(draft, event, started_at=event.at, begin=event.offset, end=event.offset, result="lost")


@_apply.register
def _(event: e.CommandEnded, draft: _Draft) -> None:
    started = draft.commands.get(event.step, {}).get((event.phase, event.index))
    since = event.at if started is None or started.started_at is None else started.started_at
    _command(
        draft, event, end=event.offset, exit_code=event.exit_code, result=event.result, pipestatus=event.pipestatus,
        hidden_failure=event.hidden_failure, seconds=max(0.0, event.at - since),
    )  # fmt: skip


@_apply.register
def _(event: e.StepEnded, draft: _Draft) -> None:
    step = draft.step(event.step)
    for key in ("result", "exit_code", "oom_killed", "memory_peak_mib", "cpu_s", "kept"):
        step[key] = getattr(event, key)
    step["seconds"] = event.at - step.get("started_at", event.at)


_LISTS: dict[type[e.Event], str] = {
    e.Sample: "samples",
    e.Probe: "probes",
    e.Asked: "asked",
    e.InputAwaited: "waits",
    e.TestSeen: "tests",
    e.ArtifactMoved: "artifacts",
    e.CacheMoved: "caches",
}


def fold(
    events: Iterable[e.Event],
    logs: Mapping[int, bytes] = {},
    marks: Mapping[int, Marks] = {},
    service_logs: Mapping[tuple[int, str], bytes] = {},
) -> Recording:
    """The Recording that these events tell. A command that began and never ended is ``lost`` up to the log's end."""
    draft = _Draft()
    notes: list[e.Note] = []
    proofs: list[e.Proved] = []
    for event in events:
        draft.last = max(draft.last, event.at)
        if isinstance(event, e.Note):
            notes.append(event)
            if event.step is not None:
                draft.add(event.step, "notes", event)
        elif isinstance(event, e.Proved):
            proofs.append(event)
        elif type(event) in _LISTS:
            draft.add(event.step, _LISTS[type(event)], event)  # type: ignore[attr-defined]
        else:
            _apply(event, draft)
    for (index, name), log in service_logs.items():
        draft.service(index, name, log=log)
    steps = []
    for index, fields in sorted(draft.steps.items()):
        log = logs.get(index, b"")
        commands = tuple(_whole(one, log, draft.last) for one in draft.commands.get(index, {}).values())
        lists: dict[str, Any] = {k: tuple(value) if isinstance(value, list) else value for k, value in fields.items()}
        steps.append(
            StepRecord(
                **lists, commands=commands, log=log, marks=marks.get(index, ()),
                services=tuple(draft.services.get(index, {}).values()),
            )
        )  # fmt: skip
    draft.run.setdefault("seconds", draft.last)
    own = tuple(note for note in notes if note.step is None)
    return Recording(**draft.run, steps=tuple(steps), notes=own, proofs=tuple(proofs))


def _whole(command: CommandRecord, log: bytes, last: float) -> CommandRecord:
    if command.result != "lost" or command.started_at is None:
        return command
    return replace(command, end=max(command.begin, len(log)), seconds=max(0.0, last - command.started_at))
