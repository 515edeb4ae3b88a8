"""One step, from its waiting container to its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipelinelab.engines.base import ImageFound
from pipelinelab.errors import EngineError
from pipelinelab.events.types import ImageUsed, Note, PartTimed, StepEnded, StepStarted
from pipelinelab.inside.script import program, script_text
from pipelinelab.planning.plan import StepPlan
from pipelinelab.session.conversation import Conversation
from pipelinelab.session.listening import Listening
from pipelinelab.session.prepared import Hands, Prepared
from pipelinelab.session.sampler import Sampler
from pipelinelab.session.script_run import ScriptRun
from pipelinelab.session.services import Services
from pipelinelab.session.settings import Settings


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
        Listening(plan, talk, run, services, images, settings, hands, began).to_its_end()
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
        and plan.group is None  # nobody follows in the network namespace of a step that others ran beside
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


def _outcome(run: ScriptRun, prepared: Prepared, hands: Hands) -> tuple[str, int | None, bool]:
    """(result, exit code, was anything killed for want of memory)."""
    if run.exit_code is None:
        look = prepared.step.look()
        return run.why or ("oom" if look.oom_killed else "lost"), look.exit_code, look.oom_killed
    if run.exit_code == 0 and run.why != "waiting_for_input":
        return "passed", 0, run.ooms > 0
    return run.why or ("oom" if run.ooms and run.exit_code == 137 else "failed"), run.exit_code, run.ooms > 0
