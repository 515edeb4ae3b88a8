"""One step, from its waiting container to its result."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pipelinelab.engines.base import ImageFound, Step
from pipelinelab.errors import EngineError
from pipelinelab.events.types import Event, ImageUsed, InputAwaited, Note, PartTimed, Probe, StepEnded, StepStarted
from pipelinelab.inside.channel import Message
from pipelinelab.inside.script import program, script_text
from pipelinelab.masking.mask import Masker
from pipelinelab.planning.plan import StepPlan
from pipelinelab.session import pipes
from pipelinelab.session.conversation import Conversation
from pipelinelab.session.handover import Handover
from pipelinelab.session.sampler import Sampler
from pipelinelab.session.script_run import ScriptRun
from pipelinelab.session.services import Services
from pipelinelab.session.settings import Settings
from pipelinelab.session.waiting import Blocked, blocked

_END_OF_FILE = re.compile(r"\b(?:EOFError|RuntimeError|IOError|OSError|Error)\b|Traceback \(|\s{2}File \"")
READY_S = 60.0
ON_ITS_WAY_S = 1.0
QUIET_S = 1.2
"""Silence after which a step with an open stdin is looked at, and between looks."""


@dataclass(frozen=True)
class Hands:
    """What a step run needs from outside. ``stop`` asks it to end, ``hurry`` to end without its after-script."""

    emit: Callable[[Event], None]
    now: Callable[[], float]
    masker: Callable[[], Masker]
    stop: threading.Event
    hurry: threading.Event
    handover: Handover | None = None


@dataclass(frozen=True)
class Prepared:
    """A build container with its clone that waits for its script. ``shell`` is a path there; ``clone_s`` is what
    getting the clone there took, in seconds."""

    talk: Conversation
    nonce: str
    image: ImageFound
    shell: str
    clone_s: float
    key: str = ""

    @property
    def step(self) -> Step:
        return self.talk.step


def ready(step: Step, nonce: str) -> tuple[Conversation, str, bool]:
    """The talk with a started build container, the shell that its image has, and whether it can unpack a tar itself.

    Raises EngineError where the container does not come up."""
    talk = Conversation(step, nonce, tick=0.1)
    said = talk.wait_for("ready", READY_S)
    return talk, said.fields[0], said.fields[1:] == ("yes",)


@dataclass(frozen=True)
class Outcome:
    """``clean`` means that the network namespace ``lane`` may be used again; ``kept`` that the containers stand."""

    result: str
    exit_code: int | None
    lane: str
    kept: bool = False
    clean: bool = False


def run_step(plan: StepPlan, prepared: Prepared, images: Mapping[str, ImageFound], settings: Settings,
             hands: Hands) -> Outcome:  # fmt: skip
    """Run it to its end, whatever that is. Raises EngineError where the engine itself fails."""
    index, emit, now = plan.index, hands.emit, hands.now
    emit(
        StepStarted(
            at=now(), step=index, name=plan.name, stage=plan.stage, group=plan.group, image_asked=plan.image.name,
            key=prepared.key, memory_limit_mib=plan.memory_mib,
            items=tuple((i.phase, i.index, hands.masker().text(i.text), i.yaml_line) for i in plan.items),
        )
    )  # fmt: skip
    emit(ImageUsed(at=now(), step=index, container="build", asked=prepared.image.asked, used=prepared.image.used,
                   digest=prepared.image.digest))  # fmt: skip
    emit(PartTimed(at=now(), step=index, part="clone", seconds=prepared.clone_s))
    talk, shell = prepared.talk, prepared.shell
    run = ScriptRun(step=index, items=plan.items, emit=emit, masker=hands.masker())
    services = Services(plan, talk, emit, now, hands.masker)
    _services(plan, services, images, settings, hands)
    nonce = prepared.nonce
    after = script_text(plan.after_script, nonce, shell) if plan.after_script else ""
    left = hands.handover.before(plan, prepared.step) if hands.handover else {}
    variables = {**settings.container_variables, **plan.variables, **left}
    sampler = Sampler(prepared.step, index, [s.name for s in plan.services], emit, now, settings.sample_s)
    sampler.start()
    began = now()
    try:
        talk.say(program(script_text(plan.script, nonce, shell), after, variables, settings.stdin == "silent"))
        _listen(plan, talk, run, services, images, settings, hands, began)
    finally:
        sampler.stop()
    outcome = _outcome(run, prepared, hands)
    if outcome[2]:
        emit(Note(at=now(), kind="memory", text="Container 'Build' exceeded memory limit.", step=index))
    red = outcome[0] != "passed"
    if hands.handover and run.done and not talk.ended and outcome[0] != "stopped":
        hands.handover.after(plan, prepared.step, not red, run.reports)
    # Who stops a replay wants it gone; every other red step may be looked at.
    wanted = (red and settings.keep) or index in settings.keep_green
    keep = wanted and outcome[0] != "stopped" and run.done and _kept(talk)
    services.end(keep)
    emit(StepEnded(at=now(), step=index, result=outcome[0], exit_code=outcome[1], oom_killed=outcome[2],
                   memory_peak_mib=run.peak_mib, cpu_s=run.cpu_s, kept=keep))  # fmt: skip
    clean = (
        run.done
        and not red
        and run.sockets == 0
        and not plan.services
        and not any(i.pipe for i in plan.items)
        and _emptied(talk)
    )
    return Outcome(outcome[0], outcome[1], prepared.step.lane, keep, clean)


def _kept(talk: Conversation) -> bool:
    """Whether the build container now waits for whoever wants to look around in it."""
    talk.say(b"keep\n")
    try:
        return talk.wait_for("kept", 5.0).fields == ("yes",)
    except EngineError:
        return False


def _emptied(talk: Conversation) -> bool:
    """Whether all that the script left running is dead, so that the next step may use the network namespace."""
    talk.say(b"kill\n")
    try:
        talk.wait_for("killed", 5.0)
    except EngineError:
        return False
    return True


def _services(plan: StepPlan, services: Services, images: Mapping[str, ImageFound], settings: Settings,
              hands: Hands) -> None:  # fmt: skip
    if not plan.services:
        return
    began = hands.now()
    services.start(images)
    services.wait(settings.service_wait_s, hands.stop.is_set)
    hands.emit(PartTimed(at=hands.now(), step=plan.index, part="services", seconds=hands.now() - began))


def _listen(plan: StepPlan, talk: Conversation, run: ScriptRun, services: Services,
            images: Mapping[str, ImageFound], settings: Settings, hands: Hands, began: float) -> None:  # fmt: skip
    """The script from ``go`` to ``done``, with everything that may end it from outside."""
    deadline, spoke, last = began + plan.max_time_s, began, began
    after_from: float | None = None
    asked_ports, hurried, stopped = began, False, False
    for at, piece in talk:
        last = at
        if isinstance(piece, Message):
            if piece.verb == "ports":
                services.heard(at, piece.fields, late=True)
            elif piece.verb == "pipe" and run.current is not None:
                own = settings.container_variables
                pipes.start(run.current, plan, images, own, talk, hands.masker(), run.output)
            else:
                run.message(at, piece)
            if piece.verb == "script":
                hands.emit(PartTimed(at=at, step=plan.index, part="script", seconds=at - began))
                after_from = at
                deadline = max(deadline, at + settings.stop_grace_s) if run.why else deadline
            if piece.verb == "after" and after_from is not None:
                hands.emit(PartTimed(at=at, step=plan.index, part="after_script", seconds=at - after_from))
            if run.done:
                return
            spoke = at
            continue
        if piece is not None:
            run.output(at, piece)
            spoke = at
        if services.waiting and at - asked_ports > 0.1:
            talk.say(b"ports\n")
            asked_ports = at
        if hands.hurry.is_set() and not hurried:
            hurried = True
            talk.say(b"skip\nkill\n")
        if hands.stop.is_set() and not run.why and not stopped:
            stopped = True
            _end(run, talk, "stopped", after_from is not None)
            deadline = at + settings.stop_grace_s
        elif at >= deadline:
            if run.why and after_from is None and at > deadline + 5:
                return  # the script outlives its own kill: the container goes with it
            if not run.why or after_from is not None:
                _overdue(plan, talk, run, hands, after_from is not None)
            deadline = at + settings.stop_grace_s
        elif settings.stdin == "silent" and piece is None and at - spoke > QUIET_S and not run.why:
            spoke = at
            if found := blocked(talk.step):
                _waits(plan, talk, run, hands, found)
                deadline = hands.now() + settings.stop_grace_s
    run.lost(last, "oom" if talk.step.look().oom_killed else "lost")


def _end(run: ScriptRun, talk: Conversation, why: str, in_after: bool) -> None:
    if not in_after:
        run.why = why
    talk.say(b"kill\n")


def _overdue(plan: StepPlan, talk: Conversation, run: ScriptRun, hands: Hands, in_after: bool) -> None:
    if in_after:
        hands.emit(Note(at=hands.now(), kind="after_script_stopped", step=plan.index,
                        text="the after-script took too long and was stopped"))  # fmt: skip
    else:
        limit = f"{plan.max_time_s / 60:g} minutes" if plan.max_time_s >= 60 else f"{plan.max_time_s:g} seconds"
        hands.emit(Note(at=hands.now(), kind="time", text=f"Exceeded build time limit of {limit}.", step=plan.index))
    _end(run, talk, "timed_out", in_after)


def _waits(plan: StepPlan, talk: Conversation, run: ScriptRun, hands: Hands, found: Blocked) -> None:
    """Tell what waits and what it asked. A prompt that is still in the program's own buffer comes out once its
    standard input ends: so it gets end of file, as it would have had on Bitbucket."""
    phase, index = run.phase, run.current.index if run.current else 0
    run.why = "waiting_for_input"
    if not run.prompt:  # on a busy machine the question may still be on its way
        _hear(run, talk, hands.now() + ON_ITS_WAY_S, enough=lambda: bool(run.prompt))
    prompt, flushed = run.prompt, bool(run.prompt)
    if not prompt:
        seen = run.offset
        talk.say(b"eof\n")
        _hear(run, talk, hands.now() + 2.0, enough=lambda: run.current is None)
        prompt = _first_words(run.tail[-(run.offset - seen) :]) if run.offset > seen else ""
    hands.emit(InputAwaited(at=hands.now(), step=plan.index, phase=phase, index=index, process=found.name,
                            prompt=prompt, flushed=flushed))  # fmt: skip
    hands.emit(Probe(at=hands.now(), step=plan.index, question="blocked_process", source="/proc/PID/syscall", answer={
        "pid": found.pid, "name": found.name, "syscall": found.call, "reads": "stdin", "uid": found.uid}))  # fmt: skip
    if run.exit_code is None:
        talk.say(b"kill\n")


def _hear(run: ScriptRun, talk: Conversation, until: float, enough: Callable[[], bool]) -> None:
    """Take what the step says until that moment, or until it is enough."""
    for at, piece in talk:
        if isinstance(piece, Message):
            run.message(at, piece)
        elif piece is not None:
            run.output(at, piece)
        if enough() or at > until:
            return


def _first_words(data: bytes) -> str:
    """What a program had left in its buffer: the words before the traceback that end of file brought on, else the first
    words at all."""
    lines = [line.strip("\x1d ") for line in data.decode("utf-8", "replace").splitlines()]
    questions = [_END_OF_FILE.split(line)[0].strip() for line in lines if _END_OF_FILE.search(line)]
    words = [line for line in lines if not line.startswith(("Traceback (", "File "))]
    return next((one for one in [*questions, *words] if one), "")


def _outcome(run: ScriptRun, prepared: Prepared, hands: Hands) -> tuple[str, int | None, bool]:
    """(result, exit code, was anything killed for want of memory)."""
    if run.exit_code is None:
        look = prepared.step.look()
        return run.why or ("oom" if look.oom_killed else "lost"), look.exit_code, look.oom_killed
    if run.exit_code == 0 and run.why != "waiting_for_input":
        return "passed", 0, run.ooms > 0
    return run.why or ("oom" if run.ooms and run.exit_code == 137 else "failed"), run.exit_code, run.ooms > 0
