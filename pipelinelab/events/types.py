"""The events of a run. ``at`` is seconds since the run began, on the host's monotonic clock.

A recording is nothing but these, one a line, with the steps' output beside them; the terminal, the notebook and the
frames are folds over them. Everything textual in an event has been masked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The base: when."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """A replay begins. ``started_at`` is ISO 8601 UTC; ``facts`` holds versions and what was asked for."""

    run_id: str
    pipeline: str
    source: str = "replay"
    parent_run: str | None = None
    repo: str = ""
    commit: str = ""
    branch: str = ""
    started_at: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted(Event):
    """A step begins. ``items`` are (phase, index, command, yaml_line) of all it means to run; ``key`` names what it
    does: the same key means the same items, services, variables and files."""

    step: int
    name: str
    stage: str = ""
    group: int | None = None
    image_asked: str = ""
    memory_limit_mib: int | None = None
    key: str = ""
    items: tuple[tuple[str, int, str, int | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSkipped(Event):
    """A step that is not run, and why."""

    step: int
    name: str
    why: str
    stage: str = ""
    group: int | None = None
    image_asked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageUsed(Event):
    """Which image stood in for the one asked for. ``container`` is "build" or a service's name."""

    step: int
    container: str
    asked: str
    used: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PartTimed(Event):
    """A part of a step ended: image, clone, services, script, after_script, artifacts. Seconds."""

    step: int
    part: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStarted(Event):
    step: int
    service: str
    image_used: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReady(Event):
    """A service listens. ``after_s`` seconds after its start; ``ports`` are those it listens on.

    ``late`` is True where the script had begun by then: on Bitbucket its first command may have lost the race."""

    step: int
    service: str
    after_s: float
    ports: tuple[int, ...] = ()
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEnded(Event):
    """A service's end. ``early`` means it went by itself while the step still needed it. Its log is beside the
    steps' logs; ``log_lines`` counts it."""

    step: int
    service: str
    exit_code: int | None
    oom_killed: bool = False
    early: bool = False
    log_lines: int = 0
    memory_peak_mib: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandStarted(Event):
    """A script item begins; ``offset`` is where its output starts in the step's log, in bytes."""

    step: int
    phase: str
    index: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandEnded(Event):
    """A script item ended. ``offset`` is where its output stops; ``pipestatus`` is bash's PIPESTATUS ("" in sh).

    ``result`` is passed, failed, timed_out, waiting_for_input, oom, stopped or lost."""

    step: int
    phase: str
    index: int
    offset: int
    exit_code: int | None
    result: str
    pipestatus: tuple[int, ...] = ()
    hidden_failure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Output(Event):
    """Bytes of a step's merged, masked output. Not in events.jsonl: they are the step's log."""

    step: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOutput(Event):
    """Bytes of a service's masked log. Not in events.jsonl."""

    step: int
    service: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCapped(Event):
    """The step's log reached its cap; later output is counted, not kept."""

    step: int
    cap_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Event):
    """CPU (percent of one core) and memory (MiB) of a container."""

    step: int
    container: str
    cpu_percent: float
    memory_mib: float


@dataclass(frozen=True, slots=True, kw_only=True)
class InputAwaited(Event):
    """A process of the step blocks on the lab's own stdin. ``prompt`` is what it asked, so far as it could be read."""

    step: int
    phase: str
    index: int
    process: str
    prompt: str
    flushed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe(Event):
    """A question that was put to a container or to the clone, and the answer. ``ok`` False: it could not be asked."""

    step: int
    question: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    answer: Any = None
    ok: bool = True
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked(Event):
    """A command that was run beside or after the script in one of the step's containers, and what it said, masked."""

    step: int
    container: str
    argv: tuple[str, ...]
    exit_code: int
    output: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved(Event):
    """A cure of this run was replayed as run ``after``. ``outcome``: proven, moved on, no change or harmful; ``came``
    is what failed instead; ``effects`` are what the cure did beside curing. Seconds are the failing command's."""

    rule: str
    cure: str
    outcome: str
    after: str
    came: str = ""
    effects: tuple[str, ...] = ()
    seconds_before: float | None = None
    seconds_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Event):
    """Something a reader should know that is no command's output: ``kind`` is a stable word, ``text`` a sentence."""

    kind: str
    text: str
    step: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestSeen(Event):
    """A test case read from a report or from output. ``outcome``: passed, failed, error, skipped, xfailed, xpassed."""

    __test__ = False

    step: int
    suite: str
    test: str
    outcome: str
    seconds: float | None = None
    position: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactMoved(Event):
    """An artifact was captured from a step or put into one. ``action``: captured, downloaded, refused, nothing."""

    step: int
    action: str
    name: str
    files: int = 0
    size_bytes: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheMoved(Event):
    """A cache was looked up or kept. ``action``: hit, miss, saved, nothing (to save), refused.

    ``why`` says more where there is more to say."""

    step: int
    action: str
    name: str
    key: str = ""
    size_bytes: int = 0
    seconds: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEnded(Event):
    """A step ended. ``result``: passed, failed, timed_out, waiting_for_input, oom, stopped, lost, refused.

    ``kept`` means its containers still stand."""

    step: int
    result: str
    exit_code: int | None
    oom_killed: bool = False
    memory_peak_mib: float | None = None
    cpu_s: float | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded(Event):
    """The run is over. ``result``: passed, failed, stopped, lost."""

    result: str
    exit_code: int
