"""The script as it runs: the container's pieces to masked events, and what each item came to."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pipelinelab.events.types import CommandEnded, CommandStarted, Event, Output
from pipelinelab.inside.channel import Message
from pipelinelab.masking.mask import Masker
from pipelinelab.planning.plan import Item

SIGPIPE = 141
_NUMBER = re.compile(r"\d+")
Emit = Callable[[Event], None]


def hidden(exit_code: int, pipestatus: Sequence[int]) -> bool:
    """Whether an item failed unnoticed: by ``&&``, after ``set +e``, or in an earlier part of a pipe.

    A part that died of SIGPIPE is no failure: ``yes | head -1`` means it."""
    return exit_code != 0 or (len(pipestatus) > 1 and any(code not in (0, SIGPIPE) for code in pipestatus[:-1]))


@dataclass
class ScriptRun:
    """One step's script and after-script. ``why`` is what ended it from outside ("" if nothing did)."""

    step: int
    items: Sequence[Item]
    emit: Emit
    masker: Masker
    phase: str = "script"
    offset: int = 0
    current: Item | None = None
    exit_code: int | None = None
    why: str = ""
    blamed: bool = False
    peak_mib: float | None = None
    cpu_s: float | None = None
    ooms: int = 0
    sockets: int = 0
    reports: tuple[str, ...] = ()
    done: bool = False
    began: float | None = None
    tail: bytes = field(default=b"", repr=False)
    _turn: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def output(self, at: float, data: bytes) -> None:
        """Output of the script, as it came; of a pipe, from a thread of its own."""
        with self._turn:
            self._write(at, self.masker.feed(data))

    def message(self, at: float, message: Message) -> None:
        """What the driver or a marker said."""
        with self._turn:
            self._told(at, message)

    def _told(self, at: float, message: Message) -> None:
        match message.verb, message.fields:
            case "begin", (index,) if index.isdigit():
                self._close(at, None, "passed")
                self._begin(at, int(index))
            case "end", (index, code, statuses) if index.isdigit() and code.isdigit():
                if self.current and self.current.index == int(index):
                    pipe = tuple(map(int, _NUMBER.findall(statuses)))  # joined by whatever the script's IFS is
                    self._close(at, int(code), self._blame() or "passed", pipe, hidden(int(code), pipe))
            case "script", (code,):
                self.exit_code = int(code)
                self._close(at, self.exit_code, self._verdict(self.exit_code))
                self.phase = "after-script"
            case "after", (code,):
                self._close(at, int(code), "passed" if code == "0" else "failed")
            case "usage", (peak, cpu, ooms, sockets):
                self.peak_mib = int(peak) / 1048576 if peak.isdigit() else None
                self.cpu_s = int(cpu) / 1e9 if cpu.isdigit() else None
                self.ooms = int(ooms or 0)
                # Two header lines mean that nothing but the tables' heads was there.
                self.sockets = max(0, int(sockets) - 2)
            case "reports", folders:
                self.reports = tuple(folders)
            case "done", _:
                self.done = True

    def lost(self, at: float, result: str) -> None:
        """The container is gone without a word."""
        self._close(at, None, result)

    def _verdict(self, code: int) -> str:
        if code == 0:
            return "passed"
        if self.blamed:
            return "stopped"
        return self._blame() or ("oom" if self.ooms and code == 137 else "failed")

    def _blame(self) -> str:
        """What ended the script from outside, told of one item only: the one that ran then."""
        why = "" if self.blamed else self.why
        self.blamed = self.blamed or bool(why)
        return why

    def _begin(self, at: float, index: int) -> None:
        self.current = next((i for i in self.items if i.phase == self.phase and i.index == index), None)
        if self.current is None:
            return  # a script that echoes the lab's own words back
        self.began = at
        self.tail = b""
        self._write(at, b"\x1d+ " + self.masker.text(self.current.text).encode("utf-8", "surrogateescape") + b"\n")
        self.emit(CommandStarted(at=at, step=self.step, phase=self.phase, index=index, offset=self.offset))

    def _close(self, at: float, code: int | None, result: str, pipe: tuple[int, ...] = (), hid: bool = False) -> None:
        self._write(at, self.masker.end())
        if self.current is None:
            return
        index, self.current = self.current.index, None
        self.emit(
            CommandEnded(
                at=at, step=self.step, phase=self.phase, index=index, offset=self.offset, exit_code=code,
                result=result, pipestatus=pipe, hidden_failure=hid,
            )
        )  # fmt: skip
        self._write(at, b"\n")

    def _write(self, at: float, data: bytes) -> None:
        if data:
            self.emit(Output(at=at, step=self.step, data=data))
            self.offset += len(data)
            self.tail = (self.tail + data)[-4096:] if len(data) < 4096 else data[-4096:]

    @property
    def prompt(self) -> str:
        """The unfinished last line of the output: what a waiting program asked, if it said it."""
        return self.tail.rpartition(b"\n")[2].decode("utf-8", "replace").strip()
