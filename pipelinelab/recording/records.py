"""A recording as values: what diagnosis, displays and frames read. Pure.

A replay's run folder and a downloaded Bitbucket log both become a ``Recording``, so whatever reads one reads both.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelinelab.events.types import (
    ArtifactMoved,
    Asked,
    CacheMoved,
    InputAwaited,
    Note,
    Probe,
    Proved,
    Sample,
    TestSeen,
)

PASSED = "passed"
NOT_RUN = "not_run"
BAD = frozenset({"failed", "timed_out", "waiting_for_input", "oom", "stopped", "lost", "refused"})


@dataclass(frozen=True, kw_only=True)
class CommandRecord:
    """One script item. ``started_at`` seconds since the run began; ``begin`` and ``end`` are byte offsets of its
    output in the step's log (the echo line not included). ``phase``: setup, script, after-script or teardown."""

    phase: str
    index: int
    command: str
    yaml_line: int | None = None
    exit_code: int | None = None
    result: str = NOT_RUN
    hidden_failure: bool = False
    pipestatus: tuple[int, ...] = ()
    started_at: float | None = None
    seconds: float | None = None
    begin: int = 0
    end: int = 0


@dataclass(frozen=True, kw_only=True)
class ServiceRecord:
    """One service of a step. ``early`` True: it went by itself while the step still needed it."""

    name: str
    image_used: str = ""
    port_open_after_s: float | None = None
    ports: tuple[int, ...] = ()
    late: bool = False
    exit_code: int | None = None
    oom_killed: bool | None = None
    early: bool = False
    memory_peak_mib: float | None = None
    log: bytes = field(default=b"", repr=False)

    @property
    def text(self) -> str:
        """Its log as text; undecodable bytes are replaced."""
        return self.log.decode("utf-8", "replace")


@dataclass(frozen=True, kw_only=True)
class StepRecord:
    """One step with everything that was seen of it. ``marks`` are (byte offset, elapsed seconds), rising."""

    index: int
    name: str
    stage: str = ""
    group: int | None = None
    image_asked: str = ""
    image_used: str = ""
    image_digest: str = ""
    result: str = NOT_RUN
    exit_code: int | None = None
    started_at: float | None = None
    seconds: float | None = None
    parts: Mapping[str, float] = field(default_factory=dict)
    memory_limit_mib: float | None = None
    memory_peak_mib: float | None = None
    cpu_s: float | None = None
    oom_killed: bool | None = None
    kept: bool = False
    key: str = ""
    skipped_why: str = ""
    commands: tuple[CommandRecord, ...] = ()
    services: tuple[ServiceRecord, ...] = ()
    samples: tuple[Sample, ...] = field(default=(), repr=False)
    probes: tuple[Probe, ...] = field(default=(), repr=False)
    asked: tuple[Asked, ...] = field(default=(), repr=False)
    waits: tuple[InputAwaited, ...] = ()
    notes: tuple[Note, ...] = ()
    tests: tuple[TestSeen, ...] = field(default=(), repr=False)
    artifacts: tuple[ArtifactMoved, ...] = ()
    caches: tuple[CacheMoved, ...] = ()
    log: bytes = field(default=b"", repr=False)
    marks: tuple[tuple[int, float], ...] = field(default=(), repr=False)

    def output_of(self, command: CommandRecord) -> bytes:
        """The bytes this command printed."""
        return self.log[command.begin : command.end]

    def text_of(self, command: CommandRecord) -> str:
        """What this command printed, as text; undecodable bytes are replaced."""
        return self.output_of(command).decode("utf-8", "replace")

    @property
    def text(self) -> str:
        """The whole log as text."""
        return self.log.decode("utf-8", "replace")

    def elapsed_at(self, offset: int) -> float | None:
        """When the byte at ``offset`` arrived, in seconds since the run began; None where no time is known."""
        at = bisect_right(self.marks, offset, key=lambda mark: mark[0]) - 1
        return self.marks[at][1] if at >= 0 else None

    @property
    def failing(self) -> CommandRecord | None:
        """The script item that made the step red, if one did. An after-script item never is."""
        return next((c for c in self.commands if c.phase != "after-script" and c.result in BAD), None)

    @property
    def red(self) -> bool:
        return self.result in BAD


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A whole run. ``started_at`` is ISO 8601 UTC ("" where unknown). ``complete`` False: it was cut off.

    ``platform`` holds text that Bitbucket's web page or the lab says beside the log."""

    run_id: str
    source: str = "replay"
    parent_run: str | None = None
    repo: str = ""
    commit: str = ""
    branch: str = ""
    pipeline: str = ""
    result: str = "lost"
    exit_code: int | None = None
    started_at: str = ""
    seconds: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[StepRecord, ...] = ()
    notes: tuple[Note, ...] = ()
    proofs: tuple[Proved, ...] = ()
    platform: str = ""
    complete: bool = True

    @property
    def red_step(self) -> StepRecord | None:
        """The first step that made the run red; one that was stopped only where no other did."""
        red = [step for step in self.steps if step.red]
        return next((step for step in red if step.result != "stopped"), red[0] if red else None)

    @property
    def broken_off(self) -> bool:
        """Whether somebody stopped it, and nothing had failed by then."""
        red = self.red_step
        return self.result == "stopped" and (red is None or red.result == "stopped")

    def commands(self) -> Iterator[tuple[StepRecord, CommandRecord]]:
        """Every command with its step, in order."""
        for step in self.steps:
            for command in step.commands:
                yield step, command
