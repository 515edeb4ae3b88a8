"""A step's script from ``go`` to ``done``: what is heard of it, and everything that may end it from outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pipelinelab.engines.base import ImageFound
from pipelinelab.events.types import InputAwaited, Note, PartTimed, Probe
from pipelinelab.inside.channel import Message
from pipelinelab.planning.plan import StepPlan
from pipelinelab.session import pipes
from pipelinelab.session.conversation import Conversation
from pipelinelab.session.prepared import Hands
from pipelinelab.session.script_run import ScriptRun
from pipelinelab.session.services import Services
from pipelinelab.session.settings import Settings
from pipelinelab.session.waiting import Blocked, blocked

_END_OF_FILE = re.compile(r"\b(?:EOFError|RuntimeError|IOError|OSError|Error)\b|Traceback \(|\s{2}File \"")
ON_ITS_WAY_S = 1.0
QUIET_S = 1.2
"""Silence after which a step with an open stdin is looked at, and between looks."""
DEAF_S = 5.0
"""What a script that was killed has to say so before its container goes with it."""
PORTS_S = 0.1


@dataclass
class Listening:
    """One script that runs. ``began`` and all times are the engine's, in seconds."""

    plan: StepPlan
    talk: Conversation
    run: ScriptRun
    services: Services
    images: Mapping[str, ImageFound]
    settings: Settings
    hands: Hands
    began: float
    _after_from: float | None = None
    _hurried: bool = False
    _stopped: bool = False
    _deadline: float = field(init=False)
    _spoke: float = field(init=False)
    _asked_ports: float = field(init=False)

    def __post_init__(self) -> None:
        self._deadline = self.began + self.plan.max_time_s
        self._spoke = self._asked_ports = self.began

    def to_its_end(self) -> None:
        """Hear the script until it is done, its container is gone, or it outlives its own kill."""
        last = self.began
        for at, piece in self.talk:
            last = at
            if isinstance(piece, Message):
                self._message(at, piece)
                if self.run.done:
                    return
                self._spoke = at
                continue
            if piece is not None:
                self.run.output(at, piece)
                self._spoke = at
            if self.services.waiting and at - self._asked_ports > PORTS_S:
                self.talk.say(b"ports\n")
                self._asked_ports = at
            if not self._may_go_on(at, quiet=piece is None):
                return
        self.run.lost(last, "oom" if self.talk.step.look().oom_killed else "lost")

    def _message(self, at: float, message: Message) -> None:
        if message.verb == "ports":
            self.services.heard(at, message.fields, late=True)
        elif message.verb == "pipe" and self.run.current is not None:
            pipes.start(self.run.current, self.plan, self.images, self.settings.container_variables, self.talk,
                        self.hands.masker(), self.run.output)  # fmt: skip
        else:
            self.run.message(at, message)
        if message.verb == "script":
            self._took(at, "script", self.began)
            self._after_from = at
            if self.run.why:
                self._deadline = max(self._deadline, at + self.settings.stop_grace_s)
        elif message.verb == "after" and self._after_from is not None:
            self._took(at, "after_script", self._after_from)

    def _took(self, at: float, part: str, since: float) -> None:
        self.hands.emit(PartTimed(at=at, step=self.plan.index, part=part, seconds=at - since))

    def _may_go_on(self, at: float, quiet: bool) -> bool:
        """False once the script is to be given up: it outlives its own kill, and the container goes with it."""
        run = self.run
        if self.hands.hurry.is_set() and not self._hurried:
            self._hurried = True
            self.talk.say(b"skip\nkill\n")
        if self.hands.stop.is_set() and not run.why and not self._stopped:
            self._stopped = True
            self._end("stopped")
            self._deadline = at + self.settings.stop_grace_s
        elif at >= self._deadline:
            if run.why and self._after_from is None and at > self._deadline + DEAF_S:
                return False
            if not run.why or self._after_from is not None:
                self._overdue()
            self._deadline = at + self.settings.stop_grace_s
        elif self.settings.stdin == "silent" and quiet and at - self._spoke > QUIET_S and not run.why:
            self._spoke = at
            if found := blocked(self.talk.step):
                self._waits(found)
                self._deadline = self.hands.now() + self.settings.stop_grace_s
        return True

    def _end(self, why: str) -> None:
        if self._after_from is None:
            self.run.why = why
        self.talk.say(b"kill\n")

    def _overdue(self) -> None:
        if self._after_from is not None:
            kind, text = "after_script_stopped", "the after-script took too long and was stopped"
        else:
            limit = self.plan.max_time_s
            told = f"{limit / 60:g} minutes" if limit >= 60 else f"{limit:g} seconds"
            kind, text = "time", f"Exceeded build time limit of {told}."
        self.hands.emit(Note(at=self.hands.now(), kind=kind, text=text, step=self.plan.index))
        self._end("timed_out")

    def _waits(self, found: Blocked) -> None:
        """Tell what waits and what it asked. A prompt that is still in the program's own buffer comes out once its
        standard input ends: so it gets end of file, as it would have had on Bitbucket."""
        run, now, step = self.run, self.hands.now, self.plan.index
        phase, index = run.phase, run.current.index if run.current else 0
        run.why = "waiting_for_input"
        if not run.prompt:  # on a busy machine the question may still be on its way
            self._hear(now() + ON_ITS_WAY_S, enough=lambda: bool(run.prompt))
        prompt, flushed = run.prompt, bool(run.prompt)
        if not prompt:
            seen = run.offset
            self.talk.say(b"eof\n")
            self._hear(now() + 2.0, enough=lambda: run.current is None)
            prompt = _first_words(run.tail[-(run.offset - seen) :]) if run.offset > seen else ""
        self.hands.emit(InputAwaited(at=now(), step=step, phase=phase, index=index, process=found.name, prompt=prompt,
                                     flushed=flushed))  # fmt: skip
        answer = {"pid": found.pid, "name": found.name, "syscall": found.call, "reads": "stdin", "uid": found.uid}
        source = "/proc/PID/syscall"
        self.hands.emit(Probe(at=now(), step=step, question="blocked_process", source=source, answer=answer))
        if run.exit_code is None:
            self.talk.say(b"kill\n")

    def _hear(self, until: float, enough: Callable[[], bool]) -> None:
        """Take what the step says until that moment, or until it is enough."""
        for at, piece in self.talk:
            if isinstance(piece, Message):
                self.run.message(at, piece)
            elif piece is not None:
                self.run.output(at, piece)
            if enough() or at > until:
                return


def _first_words(data: bytes) -> str:
    """What a program had left in its buffer: the words before the traceback that end of file brought on, else the first
    words at all."""
    lines = [line.strip("\x1d ") for line in data.decode("utf-8", "replace").splitlines()]
    questions = [_END_OF_FILE.split(line)[0].strip() for line in lines if _END_OF_FILE.search(line)]
    words = [line for line in lines if not line.startswith(("Traceback (", "File "))]
    return next((one for one in [*questions, *words] if one), "")
