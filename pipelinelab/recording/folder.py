"""The run folder on disk: written as the run happens, readable after a crash at any byte.

<runs>/<run-id>/events.jsonl       one event a line
<runs>/<run-id>/output/03.log      a step's merged, masked output, in Bitbucket's own log form
<runs>/<run-id>/output/03.idx      "offset elapsed" a line: when the byte at that offset arrived
<runs>/<run-id>/services/03.db.log
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pipelinelab.errors import DiskFull, RecordingError, UsageError
from pipelinelab.events.types import Event, LogCapped, Output, RunStarted, ServiceOutput, StepEnded, StepSkipped
from pipelinelab.recording.codec import decode, decode_all, encode
from pipelinelab.recording.fold import Marks, fold
from pipelinelab.recording.records import Recording

EVENTS = "events.jsonl"
GAP = 0.001
"""Seconds between two marks at the least: what arrives within a millisecond has one time."""
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


class Writer:
    """The one writer of a run folder. Call it with each masked event; it is flushed before the call returns.

    Raises DiskFull or RecordingError when the folder cannot be written any more."""

    def __init__(self, folder: Path, cap_bytes: int) -> None:
        self.folder = folder
        self._cap = cap_bytes
        self._sizes: dict[int, int] = {}
        self._marked: dict[int, float] = {}
        self._open: dict[str, IO[bytes]] = {}
        with self._guard():
            for name in ("output", "services"):
                (folder / name).mkdir(parents=True, exist_ok=True)
            self._file(EVENTS)

    def __call__(self, event: Event) -> Event | None:
        """Write it; gives a further event to be told where this one caused one (the log's cap)."""
        with self._guard():
            if isinstance(event, Output):
                return self._output(event)
            if isinstance(event, ServiceOutput):
                self._append(f"services/{event.step:02}.{_UNSAFE.sub('_', event.service)}.log", event.data)
                return None
            self._append(EVENTS, encode(event))
            if isinstance(event, StepEnded | StepSkipped):
                self._close(f"output/{event.step:02}.")
        return None

    def _output(self, event: Output) -> Event | None:
        size = self._sizes.get(event.step, 0)
        room = max(0, self._cap - size)
        data = event.data[:room]
        if data:
            if event.at - self._marked.get(event.step, -1.0) >= GAP:
                self._marked[event.step] = event.at
                self._append(f"output/{event.step:02}.idx", b"%d %.6f\n" % (size, event.at))
            self._append(f"output/{event.step:02}.log", data)
        self._sizes[event.step] = size + len(event.data)
        if size <= self._cap < size + len(event.data):
            return LogCapped(at=event.at, step=event.step, cap_bytes=self._cap)
        return None

    def _file(self, name: str) -> IO[bytes]:
        if name not in self._open:
            self._open[name] = (self.folder / name).open("ab", buffering=0)
        return self._open[name]

    def _append(self, name: str, data: bytes) -> None:
        file = self._file(name)
        view = memoryview(data)
        while view:
            view = view[file.write(view) :]

    def _close(self, prefix: str) -> None:
        for name in [one for one in self._open if one.startswith(prefix)]:
            self._open.pop(name).close()

    def close(self) -> None:
        """Close every file."""
        self._close("")

    def _guard(self) -> _Guard:
        return _Guard(self.folder)


class _Guard:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, problem: BaseException | None, trace: object) -> None:
        if isinstance(problem, OSError):
            if problem.errno in (28, 122):
                raise DiskFull(
                    f"the disk of the run folder {self._folder} is full", "free some space; the recording ends here"
                ) from None
            raise RecordingError(
                f"the run folder {self._folder} cannot be written: {problem.strerror}",
                "mend its permissions, or what it is mounted on",
            ) from None


def create(folder: Path) -> bool:
    """Make a run folder; False where it is there already. Raises DiskFull or RecordingError."""
    with _Guard(folder.parent):
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            return False
    return True


def append(folder: Path, event: Event) -> None:
    """Add an event to a run that is over: what was found out about it afterwards."""
    with _Guard(folder), (folder / EVENTS).open("ab", buffering=0) as file:
        file.write(encode(event))


def read(folder: Path) -> Recording:
    """The recording in this folder, whole or cut off. Raises RecordingError where there is none to read."""
    try:
        data = (folder / EVENTS).read_bytes()
        logs, marks, services = {}, {}, {}
        for path in sorted((folder / "output").glob("*.log")):
            logs[int(path.stem)] = path.read_bytes()
        for path in sorted((folder / "output").glob("*.idx")):
            marks[int(path.stem)] = tuple(_marks(path.read_bytes()))
        for path in sorted((folder / "services").glob("*.log")):
            index, _, name = path.stem.partition(".")
            services[int(index), name] = path.read_bytes()
    except FileNotFoundError:
        raise RecordingError(f"{folder} holds no recording", "pipelinelab runs lists what there is") from None
    except (OSError, ValueError) as problem:
        raise RecordingError(f"the recording in {folder} cannot be read: {problem}") from None
    recording = fold(decode_all(data), logs, marks, services)
    if not recording.run_id:
        raise RecordingError(f"the recording in {folder} was cut off before it began")
    return recording


def _marks(data: bytes) -> Iterator[tuple[int, float]]:
    last: Marks = ((-1, -1.0),)
    for line in data.split(b"\n")[:-1]:
        try:
            offset, elapsed = line.split()
            mark = (int(offset), float(elapsed))
        except ValueError:
            continue
        if mark[0] > last[0][0]:
            yield mark
            last = (mark,)


def run_ids(runs: Path) -> list[str]:
    """The ids of the recorded runs, oldest first."""
    if not runs.is_dir():
        return []
    return sorted(one.name for one in runs.iterdir() if (one / EVENTS).is_file())


def find(runs: Path, wanted: str) -> Path:
    """The folder of the run whose id is, or begins or ends with, ``wanted``; ``last`` is the newest that was asked for,
    the replays that proved a cure of another left aside."""
    known = run_ids(runs)
    if not known:
        raise UsageError(f"there are no recorded runs in {runs}", "make one with: pipelinelab replay")
    if wanted == "last":
        return runs / next((one for one in reversed(known) if not _parent(runs / one)), known[-1])
    hits = [one for one in known if wanted == one]
    hits = hits or [one for one in known if one.startswith(wanted) or one.endswith(wanted)]
    if len(hits) != 1:
        what = "no run is called" if not hits else "more than one run matches"
        raise UsageError(f"{what} {wanted!r}", f"the last ones: {', '.join((hits or known)[-5:])}")
    return runs / hits[0]


def _parent(folder: Path) -> str | None:
    with (folder / EVENTS).open("rb") as file:
        begun = decode(file.readline())
    return begun.parent_run if isinstance(begun, RunStarted) else None


def prune(runs: Path, most: int) -> None:
    """Remove the oldest runs beyond ``most``."""
    for old in run_ids(runs)[: -most or None]:
        shutil.rmtree(runs / old, ignore_errors=True)


def writable(runs: Path) -> None:
    """Raise RecordingError, before anything is started, where no run folder can be made."""
    with _Guard(runs):
        runs.mkdir(parents=True, exist_ok=True)
        if not os.access(runs, os.W_OK | os.X_OK):
            raise PermissionError(13, os.strerror(13))
