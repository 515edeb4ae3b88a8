"""The containers of a run: made ready ahead of their step, run, and removed behind it; in which network namespace."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from pipelinelab.engines.base import Engine, ImageFound, Step, StepSpec
from pipelinelab.errors import PipelinelabError
from pipelinelab.events.types import Note
from pipelinelab.planning.plan import CLONE_DIR, StepPlan
from pipelinelab.session.keys import step_key
from pipelinelab.session.pipes import image_of
from pipelinelab.session.prepared import Hands, Prepared, ready
from pipelinelab.session.settings import Settings
from pipelinelab.session.step_run import Outcome, run_step
from pipelinelab.session.workspace import Workspace

AHEAD = 3
"""Containers that are made ready while a step runs: their making takes longer than a small step does."""


@dataclass(frozen=True)
class _Ahead:
    """A container that is being made ready; ``lane`` is whose network namespace it joins (None: its own)."""

    future: Future[Prepared]
    lane: str | None


@dataclass
class Track:
    """A sequence of steps: what is made ready for those to come, and the network namespace that the next may join."""

    ahead: dict[int, _Ahead] = field(default_factory=dict)
    lane: str | None = None


class Lanes:
    """The containers of one run. A network namespace ("lane") is used again only by a step that follows one which ran
    alone, had no services and left no socket and no process; every other step gets one of its own."""

    def __init__(self, engine: Engine, workspace: Workspace, images: Mapping[str, ImageFound], settings: Settings,
                 labels: Mapping[str, str]) -> None:  # fmt: skip
        self._engine, self._workspace, self._images = engine, workspace, images
        self._settings, self._labels = settings, labels
        self._pool = ThreadPoolExecutor(settings.jobs + 4, "pipelinelab")
        self._open: dict[str, Step] = {}
        self._tracks: list[Track] = []
        self._removals: list[Future[None]] = []

    def track(self) -> Track:
        """A track for one more sequence of steps."""
        made = Track()
        self._tracks.append(made)
        return made

    def alone(self, step: StepPlan, later: Sequence[StepPlan], track: Track, hands: Hands) -> Outcome:
        """Run a step that nothing runs beside; meanwhile, containers for the ``later`` ones are made ready."""
        if step.index not in track.ahead:
            self.prepare(step, track, None if step.services else track.lane)
        self._look_ahead(step, later, track)
        outcome = self.run(step, track, hands)
        track.lane = outcome.lane if outcome.clean and self._settings.recycle else None
        for index, made in list(track.ahead.items()):
            if made.lane and made.lane != track.lane:
                self._discard(track.ahead.pop(index))
        return outcome

    def _look_ahead(self, step: StepPlan, later: Sequence[StepPlan], track: Track) -> None:
        """Make the next containers ready while this step runs: in its network namespace as long as no step between has
        services, else the very next one in a namespace of its own."""
        own = track.ahead[step.index].future.result().step.lane
        shared = self._settings.recycle and not step.services
        for number, one in enumerate(later[:AHEAD]):
            shared = shared and not one.services
            if one.index not in track.ahead and (shared or number == 0 or not self._settings.recycle):
                self.prepare(one, track, own if shared else None)

    def prepare(self, step: StepPlan, track: Track, lane: str | None = None) -> None:
        """Begin to make a step's container ready, in a network namespace of its own or in ``lane``."""
        if step.index not in track.ahead:
            track.ahead[step.index] = _Ahead(self._pool.submit(self._prepared, step, lane), lane)

    def _prepared(self, step: StepPlan, lane: str | None) -> Prepared:
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
            started = ready(made, nonce)
            clone_s = self._workspace.fill(started, step.clone)
        except BaseException:
            made.close()
            raise
        return Prepared(started.talk, nonce, image, started.shell, clone_s, key)

    def run(self, step: StepPlan, track: Track, hands: Hands) -> Outcome:
        """Run a step in the container that was made for it."""
        prepared = track.ahead.pop(step.index).future.result()
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

    def drop(self, step: StepPlan, track: Track) -> None:
        """Remove the container of a step that will not run after all."""
        if made := track.ahead.pop(step.index, None):
            self._discard(made)

    def _remove(self, step: Step) -> None:
        self._removals.append(self._pool.submit(step.close))

    def _discard(self, made: _Ahead) -> None:
        def drop() -> None:
            if made.future.exception() is None:
                made.future.result().step.close()

        if not made.future.cancel():
            self._removals.append(self._pool.submit(drop))

    def clear(self, hands: Hands) -> None:
        """Remove everything that is not kept. When it returns, only that still stands."""
        for track in self._tracks:
            for made in track.ahead.values():
                self._discard(made)
        for step in self._open.values():
            self._remove(step)
        for removal in self._removals:
            try:
                removal.result()
            except PipelinelabError as problem:
                hands.emit(Note(at=hands.now(), kind="left_behind", text=str(problem)))
        self._pool.shutdown()
