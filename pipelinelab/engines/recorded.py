"""An engine that plays back what was recorded: the same code runs on it as on Docker, without Docker.

A step is found by its key (what it does), a command that is asked beside it by its words. Its clock is the
recording's own, so a replay on it takes no time and still shows the seconds that it took. What nobody recorded raises
NeedsDocker.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipelinelab.engines.base import Answer, Chunk, Facts, ImageFound, Look, Service, ServiceSpec, Step, StepSpec
from pipelinelab.errors import EngineError, NeedsDocker
from pipelinelab.events.types import InputAwaited
from pipelinelab.inside.script import enter
from pipelinelab.recording.records import NOT_RUN, CommandRecord, Recording, ServiceRecord, StepRecord

Question = tuple[str, tuple[str, ...]]
"""The container that is asked and the words."""
TICK = 0.25
MIB = 1024 * 1024


class RecordedEngine:
    """Plays the steps of these recordings; where a key was recorded twice, the last one, with all that was asked."""

    def __init__(self, recordings: Iterable[Recording]) -> None:
        self._clock = time.monotonic()
        self._lock = threading.Lock()
        self._steps: dict[str, StepRecord] = {}
        self._images: dict[str, ImageFound] = {}
        self._open: dict[tuple[str, str], StepRecord] = {}
        self._turns: dict[tuple[str, str], Counter[Question]] = {}
        for recording in recordings:
            for step in recording.steps:
                if step.key and step.result not in ("skipped", NOT_RUN):
                    known = self._steps.get(step.key)
                    asked = step.asked + (known.asked if known else ())
                    self._steps[step.key] = replace(step, asked=asked)
                self._remember(step)

    def _remember(self, step: StepRecord) -> None:
        if step.image_used:
            self._images[step.image_asked] = ImageFound(
                asked=step.image_asked, used=step.image_used, digest=step.image_digest
            )
        for service in step.services:
            self._images[service.image_used] = ImageFound(
                asked=service.image_used, used=service.image_used, digest="", ports=service.ports
            )

    def now(self) -> float:
        return self._clock

    def advance(self, to: float) -> float:
        """Move the clock on, never back."""
        with self._lock:
            self._clock = max(self._clock, to)
            return self._clock

    def facts(self) -> Facts:
        return Facts(name="recorded", endpoint=f"{len(self._steps)} recorded steps")

    def image(self, asked: str, used: str, platform: str | None = None, auth: Mapping[str, str] | None = None,
              progress: Callable[[str], None] | None = None) -> ImageFound:  # fmt: skip
        found = self._images.get(asked) or self._images.get(used)
        if found is None:
            raise NeedsDocker(f"the image {asked} is in no recording: this needs Docker", HINT)
        return ImageFound(asked=asked, used=found.used, digest=found.digest, ports=found.ports)

    def prepare(self, spec: StepSpec) -> Step:
        if spec.key not in self._steps:
            raise NeedsDocker(f"step {spec.name!r}, as it stands now, was never recorded: this needs Docker", HINT)
        record = self._steps[spec.key]
        place = (spec.labels.get("pipelinelab.folder", ""), spec.labels.get("pipelinelab.step", ""))
        self._open[place], self._turns[place] = record, Counter()
        return RecordedStep(self, record, spec.nonce, spec.lane, self._turns[place])

    def reopen(self, labels: Mapping[str, str]) -> Step:
        place = (labels.get("pipelinelab.folder", ""), labels.get("pipelinelab.step", ""))
        record = self._open.get(place)
        if record is None:
            raise EngineError("the step was not replayed in this session", "replay it again")
        return RecordedStep(self, record, "", None, self._turns[place])

    def sweep(self, chosen: Callable[[Mapping[str, str]], bool]) -> Mapping[str, int]:
        return {}


HINT = "pipelinelab doctor --fix sets Docker up; with it, everything here runs live"


class RecordedService:
    """A service's recorded log; it ends when it did."""

    def __init__(self, engine: RecordedEngine, record: ServiceRecord) -> None:
        self.name = record.name
        self._engine, self._record = engine, record
        self._stopped = threading.Event()

    def logs(self) -> Iterator[Chunk]:
        if self._record.log:
            yield Chunk(self._record.log, self._engine.now())
        if not self._record.early:
            self._stopped.wait()

    def look(self) -> Look:
        over = self._record.early or self._stopped.is_set()
        return Look(
            container=self.name, running=not over, exit_code=self._record.exit_code if over else None,
            oom_killed=bool(self._record.oom_killed), memory_peak_mib=self._record.memory_peak_mib,
        )  # fmt: skip

    def stop(self) -> None:
        self._stopped.set()


class RecordedStep:
    """The driver's side of the channel, played from a StepRecord."""

    def __init__(
        self, engine: RecordedEngine, record: StepRecord, nonce: str, lane: str | None, turns: Counter[Question]
    ) -> None:
        self._turns = turns
        self.lane = lane or record.key
        self._engine, self._record, self._nonce = engine, record, nonce.encode()
        self._heard: queue.Queue[bytes] = queue.Queue()
        self._services: list[RecordedService] = []
        self._served = 0.0
        self._playing = False
        self._awaited = ""

    def put(self, path: str, tar: Iterable[bytes]) -> float:
        return self._record.parts.get("clone", 0.0)

    def get(self, path: str) -> Iterator[bytes]:
        raise NeedsDocker(f"{path} was not recorded: this needs Docker", HINT)

    def container_id(self, container: str) -> str:
        raise NeedsDocker("a recorded step has no container to sit down in: this needs Docker", HINT)

    def start(self) -> None:
        return None

    def serve(self, service: ServiceSpec) -> Service:
        record = next((one for one in self._record.services if one.name == service.name), None)
        if record is None:
            raise NeedsDocker(f"the service {service.name!r} was never recorded here: this needs Docker", HINT)
        self._served = self._engine.now()
        made = RecordedService(self._engine, record)
        self._services.append(made)
        return made

    def say(self, data: bytes) -> None:
        for line in data.split(b"\n"):
            if line in (b"ports", b"go", b"kill", b"eof", b"keep", b"skip"):
                self._heard.put(line)

    def ask(self, argv: Sequence[str], container: str = "build", user: str = "", timeout: float = 30.0,
            environment: Mapping[str, str] | None = None) -> Answer:  # fmt: skip
        wanted = _asked(argv)
        known = [one for one in self._record.asked if one.container == container and one.argv == wanted]
        if known:
            # The same words asked twice had two answers: what was run between them may have changed the step.
            one = known[min(self._turns[container, wanted], len(known) - 1)]
            self._turns[container, wanted] += 1
            return Answer(exit_code=one.exit_code, output=one.output.encode())
        if self._playing:  # while a script runs, the lab asks one thing: who waits for input
            return Answer(exit_code=0, output=self._awaited.encode())
        shown = wanted[-1].strip().splitlines()[-1] if wanted else ""
        raise NeedsDocker(f"`{shown}` was never recorded in this step: this needs Docker", HINT)

    def look(self, container: str = "build") -> Look:
        return Look(container=container, running=False, exit_code=self._record.exit_code,
                    oom_killed=bool(self._record.oom_killed))  # fmt: skip

    def close(self) -> None:
        for service in self._services:
            service.stop()

    # What follows is the driver as seen from the lab.

    def _message(self, *fields: str) -> Chunk:
        body = "\x1f".join(fields).encode()
        return Chunk(b"\x1e" + self._nonce + b"\x1f" + body + b"\x1e", self._engine.now())

    def _wait(self, wanted: frozenset[bytes]) -> Generator[Chunk, None, bytes]:
        """Silence, and answers about ports, until one of these was said; which one."""
        while True:
            try:
                line = self._heard.get_nowait()
            except queue.Empty:
                self._engine.advance(self._engine.now() + TICK)
                time.sleep(0.0005)
                yield Chunk(b"", self._engine.now())
                continue
            if line == b"ports":
                yield self._ports()
            if line in wanted:
                return line

    def _ports(self) -> Chunk:
        opened = [one for one in self._record.services if one.port_open_after_s is not None]
        self._engine.advance(self._served + max([one.port_open_after_s or 0.0 for one in opened], default=0.0))
        return self._message("ports", " ".join(f"{port:X}" for one in opened for port in one.ports))

    def listen(self, tick: float = 0.2) -> Iterator[Chunk]:
        yield self._message("ready", "/bin/bash", "no", "0", "/root")
        yield from self._wait(frozenset({b"go"}))
        self._playing = True
        record, began = self._record, self._engine.now()
        start = next((c.started_at for c in record.commands if c.started_at is not None), 0.0)
        for phase in ("script", "after-script"):
            ran = [c for c in record.commands if c.phase == phase and c.result != NOT_RUN]
            for command in ran:
                yield from self._play(command, began - start, self._ended_itself(command, ran))
            if phase == "script":
                yield self._usage()
                code = record.exit_code if record.exit_code is not None else 137
                yield self._message("script", str(code))
            elif ran:
                yield self._message("after", str(ran[-1].exit_code or 0))
        yield self._usage()
        self._playing = False
        yield self._message("done")
        said = yield from self._wait(frozenset({b"kill", b"keep"}))
        yield self._message("kept", "yes") if said == b"keep" else self._message("killed")

    def _ended_itself(self, command: CommandRecord, ran: Sequence[CommandRecord]) -> bool:
        """Whether the script went on after it: then its own marker came, else the shell's end was its end."""
        same = [c for c in self._record.commands if c.phase == command.phase]
        last = command is ran[-1]
        return not last or (command is same[-1] and command.result == "passed")

    def _play(self, command: CommandRecord, shift: float, marked: bool) -> Iterator[Chunk]:
        record = self._record
        self._engine.advance((command.started_at or 0.0) + shift)
        yield self._message("begin", str(command.index))
        wait = next((w for w in record.waits if w.phase == command.phase and w.index == command.index), None)
        self._awaited = self._process(wait) if wait else ""
        if wait and not wait.flushed:
            yield from self._wait(frozenset({b"kill", b"eof"}))
        asked = self._asked_at(command, wait) if wait and wait.flushed else None
        at = command.begin
        cuts = [mark for mark in record.marks if command.begin < mark[0] < command.end]
        if asked is not None:
            cuts = sorted([*cuts, (asked, wait.at if wait else 0.0)])
        for offset, elapsed in [*cuts, (command.end, (command.started_at or 0.0) + (command.seconds or 0.0))]:
            moment = record.elapsed_at(at)
            self._engine.advance((elapsed if moment is None else moment) + shift)
            if offset > at:
                yield Chunk(record.log[at:offset], self._engine.now())
            at = offset
            if offset == asked:
                asked = None
                yield from self._wait(frozenset({b"kill", b"eof"}))
        self._engine.advance((command.started_at or 0.0) + (command.seconds or 0.0) + shift)
        if marked:
            codes = " ".join(map(str, command.pipestatus))
            yield self._message("end", str(command.index), str(command.exit_code or 0), codes)

    def _asked_at(self, command: CommandRecord, wait: InputAwaited) -> int:
        """Where in the log the question ends that was on the screen while the command waited."""
        question = wait.prompt.encode()
        found = self._record.log.rfind(question, command.begin, command.end)
        return found + len(question) if question and found >= 0 else command.end

    def _process(self, wait: InputAwaited) -> str:
        """The waiting process, as /proc told of it."""
        seen = [p.answer for p in self._record.probes if p.question == "blocked_process" and p.answer]
        known = seen[-1] if seen else {}
        call = known.get("syscall", "0 0x0")
        return f"{known.get('pid', 1)}\t{known.get('uid', 0)}\tread\t{call}\t{wait.process}\n"

    def _usage(self) -> Chunk:
        record = self._record
        peak = str(int(record.memory_peak_mib * MIB)) if record.memory_peak_mib is not None else ""
        cpu = str(int(record.cpu_s * 1e9)) if record.cpu_s is not None else ""
        return self._message("usage", peak, cpu, str(int(bool(record.oom_killed))), "2")


def _asked(argv: Sequence[str]) -> tuple[str, ...]:
    """The words of a question, without the lab's own way into the container."""
    words, own = tuple(argv), ("sh", "-c", enter(), "pipelinelab")
    return words[len(own) :] if words[: len(own)] == own else words
