"""A plan's waves: what runs when, in which network namespace, and what is made ready or removed meanwhile."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from pipelinelab.engines.base import Engine, ImageFound, Step, StepSpec
from pipelinelab.errors import PipelinelabError
from pipelinelab.events.types import Note, StepSkipped
from pipelinelab.planning.plan import CLONE_DIR, Plan, StepPlan
from pipelinelab.session.keys import step_key
from pipelinelab.session.pipes import image_of
from pipelinelab.session.settings import Settings
from pipelinelab.session.step_run import Hands, Outcome, Prepared, ready, run_step
from pipelinelab.session.workspace import Workspace

AHEAD = 3
"""Containers that are made ready while a step runs: their making takes longer than a small step does."""


@dataclass(frozen=True)
class _Ahead:
    """A container that is being made ready; ``lane`` is whose network namespace it joins (None: its own)."""

    future: Future[Prepared]
    lane: str | None


class Flow:
    """Runs one plan. A network namespace ("lane") is used again only by a step that follows one which ran alone, had
    no services and left no socket and no process; every other step gets one of its own."""

    def __init__(self, engine: Engine, workspace: Workspace, images: Mapping[str, ImageFound], settings: Settings,
                 hands: Hands, labels: Mapping[str, str]) -> None:  # fmt: skip
        self._engine, self._workspace, self._images = engine, workspace, images
        self._settings, self._hands, self._labels = settings, hands, labels
        self._pool = ThreadPoolExecutor(settings.jobs + 4, "pipelinelab")
        self._open: dict[str, Step] = {}
        self._ahead: dict[int, _Ahead] = {}
        self._removals: list[Future[None]] = []

    def run(self, plan: Plan) -> str:
        """Run all waves; gives passed, failed, stopped or lost. When it returns, only what is kept still stands."""
        result, lane = "passed", None
        waves = [self._todo(wave) for wave in plan.waves]
        try:
            for number, wave in enumerate(waves):
                if result != "passed" or self._hands.stop.is_set():
                    result = "stopped" if self._hands.stop.is_set() else result
                    self._pass_over(wave, "the replay was stopped" if result == "stopped" else "an earlier step failed")
                    continue
                if not wave:
                    continue
                outcomes, lane = self._wave(wave, waves[number + 1 :], lane)
                bad = [one.result for one in outcomes if one.result != "passed"]
                if bad:
                    result = next((one for one in bad if one in ("stopped", "lost")), "failed")
        finally:
            self._clear()
        return "stopped" if result == "passed" and self._hands.stop.is_set() else result

    def _todo(self, wave: Sequence[StepPlan]) -> list[StepPlan]:
        for step in wave:
            if why := step.skipped or step.guarded:
                guarded = "" if step.skipped else "; give --deploy-for-real to run it"
                self._skip(step, why + guarded)
        return [step for step in wave if not step.skipped and not step.guarded]

    def _pass_over(self, wave: Sequence[StepPlan], why: str) -> None:
        for step in wave:
            self._skip(step, why)

    def _skip(self, step: StepPlan, why: str) -> None:
        self._hands.emit(StepSkipped(at=self._hands.now(), step=step.index, name=step.name, why=why, stage=step.stage,
                                     group=step.group, image_asked=step.image.name))  # fmt: skip

    def _wave(self, wave: list[StepPlan], later: list[list[StepPlan]], lane: str | None
              ) -> tuple[list[Outcome], str | None]:  # fmt: skip
        alone = len(wave) == 1
        for step in wave:
            if step.index not in self._ahead:
                self._prepare_ahead(step, lane if alone and not step.services else None)
        if alone:
            self._look_ahead(wave[0], [one for one in later if one])
        outcomes = [self._run(wave[0], self._hands)] if alone else self._parallel(wave)
        again = outcomes[0].lane if alone and outcomes[0].clean and self._settings.recycle else None
        for index, made in list(self._ahead.items()):
            if made.lane and made.lane != again:
                self._discard(self._ahead.pop(index))
        return outcomes, again

    def _look_ahead(self, step: StepPlan, later: Sequence[Sequence[StepPlan]]) -> None:
        """Make the next containers ready while this step runs: in its network namespace as long as no step between has
        services, else the very next one in a namespace of its own."""
        own = self._ahead[step.index].future.result().step.lane
        shared = self._settings.recycle and not step.services
        for number, wave in enumerate(later[:AHEAD]):
            if len(wave) != 1:
                return
            shared = shared and not wave[0].services
            if wave[0].index not in self._ahead and (shared or number == 0 or not self._settings.recycle):
                self._prepare_ahead(wave[0], own if shared else None)

    def _parallel(self, wave: list[StepPlan]) -> list[Outcome]:
        """All at once, at most ``jobs`` of them; with fail-fast the first red one stops its fellows."""
        fellows = threading.Event()
        hands = replace(self._hands, stop=_Either(self._hands.stop, fellows))
        gate = threading.Semaphore(self._settings.jobs)

        def one(step: StepPlan) -> Outcome:
            with gate:
                if hands.stop.is_set():
                    self._skip(step, "a step beside it failed, and the group has fail-fast")
                    return Outcome("stopped", None, "")
                try:
                    outcome = self._run(step, hands)
                except BaseException:
                    fellows.set()
                    raise
                if outcome.result != "passed" and step.fail_fast:
                    fellows.set()
                return outcome

        with ThreadPoolExecutor(len(wave), "pipelinelab-step") as pool:
            outcomes = list(pool.map(one, wave))
        if fellows.is_set() and not self._hands.stop.is_set():
            outcomes = [replace(o, result="failed") if o.result == "stopped" else o for o in outcomes]
        return outcomes

    def _prepare_ahead(self, step: StepPlan, lane: str | None) -> None:
        self._ahead[step.index] = _Ahead(self._pool.submit(self._prepare, step, lane), lane)

    def _prepare(self, step: StepPlan, lane: str | None) -> Prepared:
        image = self._images[step.image.name]
        nonce = secrets.token_hex(12)
        key = step_key(step, self._workspace.tree, self._settings.stdin)
        user = "" if step.image.run_as_user is None else str(step.image.run_as_user)
        spec = StepSpec(
            name=step.name, image=image, volume=CLONE_DIR, memory_mib=step.memory_mib, key=key,
            shared=any(i.pipe for i in step.items) or any(s.docker for s in step.services), nonce=nonce, lane=lane,
            labels={**self._labels, "pipelinelab.step": str(step.index)}, user=user,
            platform=self._settings.platform, cpus=self._settings.cpus, extra_hosts=self._settings.extra_hosts,
        )  # fmt: skip
        self._pool.submit(self._workspace.tar, step.clone)  # meanwhile; whoever fills waits for it, and sees its errors
        made = self._engine.prepare(spec)
        try:
            made.start()
            talk, shell, unpacks = ready(made, nonce)
            clone_s = self._workspace.fill(talk, step.clone, unpacks)
        except BaseException:
            made.close()
            raise
        return Prepared(talk, nonce, image, shell, clone_s, key)

    def _run(self, step: StepPlan, hands: Hands) -> Outcome:
        prepared = self._ahead.pop(step.index).future.result()
        images = {service.name: self._images[service.image.name] for service in step.services}
        images |= {name: self._images[name] for name in (image_of(i.pipe) for i in step.items if i.pipe is not None)}
        try:
            outcome = run_step(step, prepared, images, self._settings, hands)
        except BaseException:
            self._remove(prepared.step)
            raise
        if outcome.clean:
            # It may own the network namespace that later steps join, so it stays, idle, until the end.
            self._open[outcome.lane] = self._open.get(outcome.lane, prepared.step)
            if self._open[outcome.lane] is prepared.step:
                return outcome
        if not outcome.kept:
            self._remove(prepared.step)
        return outcome

    def _remove(self, step: Step) -> None:
        self._removals.append(self._pool.submit(step.close))

    def _discard(self, made: _Ahead) -> None:
        def drop() -> None:
            if made.future.exception() is None:
                made.future.result().step.close()

        if not made.future.cancel():
            self._removals.append(self._pool.submit(drop))

    def _clear(self) -> None:
        for made in self._ahead.values():
            self._discard(made)
        for step in self._open.values():
            self._remove(step)
        for removal in self._removals:
            try:
                removal.result()
            except PipelinelabError as problem:
                self._hands.emit(Note(at=self._hands.now(), kind="left_behind", text=str(problem)))
        self._pool.shutdown()


class _Either(threading.Event):
    """Set when it or another event is."""

    def __init__(self, first: threading.Event, second: threading.Event) -> None:
        super().__init__()
        self._both = (first, second)

    def is_set(self) -> bool:
        return any(one.is_set() for one in self._both)
