"""A plan's waves: what runs when, beside what, after what, and what is passed over and why."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import takewhile

from pipelinelab.events.types import StepSkipped
from pipelinelab.planning.expressions import reads
from pipelinelab.planning.plan import Child, Plan, StepPlan, Wave, steps_in
from pipelinelab.planning.variables import expand
from pipelinelab.session.groups import Groups
from pipelinelab.session.handover import Handover
from pipelinelab.session.lanes import Lanes, Track
from pipelinelab.session.prepared import Hands

STOPPED = "the replay was stopped"
EARLIER = "an earlier step failed"
BESIDE = "a step beside it failed, and the group has fail-fast"


class Flow:
    """Runs one plan, at most ``jobs`` steps at the same time. ``apart`` makes the stores of a child pipeline, which
    shares no artifact and no variable with its parent but what is handed to it."""

    def __init__(self, lanes: Lanes, groups: Groups, hands: Hands, jobs: int,
                 apart: Callable[[str], Handover]) -> None:  # fmt: skip
        self._lanes, self._groups, self._hands, self._apart = lanes, groups, hands, apart
        self._gate = threading.Semaphore(jobs)

    def run(self, plan: Plan) -> str:
        """Run all waves; gives passed, failed, stopped or lost. When it returns, only what is kept still stands."""
        try:
            for step in plan.steps():
                if why := _refused(step):
                    self._skip(step, why)
            result = self._sequence(plan.waves, self._hands)
        finally:
            self._lanes.clear(self._hands)
        return "stopped" if result == "passed" and self._hands.stop.is_set() else result

    def _sequence(self, waves: Sequence[Wave], hands: Hands) -> str:
        """One wave after another. After a failure only final steps still run; after a stop nothing does."""
        result, track = "passed", self._lanes.track()
        for number, wave in enumerate(waves):
            if hands.stop.is_set():
                result = "stopped" if result == "passed" else result
            if result != "passed":
                final = () if hands.stop.is_set() else tuple(o for o in wave if isinstance(o, StepPlan) and o.final)
                why = STOPPED if self._hands.stop.is_set() else BESIDE if hands.stop.is_set() else EARLIER
                self._pass_over(tuple(one for one in wave if one not in final), why)
                wave = final
            todo = tuple(one for one in wave if not _all_refused(one) and self._holds(one, track, hands))
            if not todo:
                continue
            bad = [one for one in self._wave(todo, waves[number + 1 :], track, hands) if one != "passed"]
            if bad and result == "passed":
                result = next((one for one in bad if one in ("stopped", "lost")), "failed")
        return result

    def _holds(self, one: StepPlan | Child, track: Track, hands: Hands) -> bool:
        """Whether what earlier steps left lets it run; told where it does not."""
        left = hands.handover.outputs if hands.handover else {}
        if not one.state or reads(one.state)({**one.variables, **left}):
            return True
        self._pass_over((one,), f"its condition is not met: {one.state}")
        if isinstance(one, StepPlan):
            self._lanes.drop(one, track)
        return False

    def _wave(self, wave: Wave, later: Sequence[Wave], track: Track, hands: Hands) -> list[str]:
        if len(wave) > 1:
            track.lane = None
            return self._parallel(wave, track, hands)
        one = wave[0]
        if isinstance(one, Child):
            track.lane = None
            return [self._child(one, hands)]
        with self._groups.held(one, hands) as free, self._gate:
            if not free:
                self._skip(one, STOPPED)
                return ["stopped"]
            return [self._lanes.alone(one, list(_alone(later)), track, hands).result]

    def _parallel(self, wave: Wave, track: Track, hands: Hands) -> list[str]:
        """All at once; with fail-fast the first red one stops its fellows. Those of one concurrency group run one after
        another, in the order of the file."""
        fellows = threading.Event()
        inner = replace(hands, stop=_Either(hands.stop, fellows))
        for one in wave:
            if isinstance(one, StepPlan):
                self._lanes.prepare(one, track)

        def run(part: Sequence[StepPlan | Child]) -> list[str]:
            found = []
            for one in part:
                try:
                    found.append(self._beside(one, track, inner))
                except BaseException:
                    fellows.set()
                    raise
                if found[-1] != "passed" and one.fail_fast:
                    fellows.set()
            return found

        parts = list(_parts(wave))
        with ThreadPoolExecutor(len(parts), "pipelinelab-step") as pool:
            results = [result for found in pool.map(run, parts) for result in found]
        if fellows.is_set() and not hands.stop.is_set():
            results = ["failed" if one == "stopped" else one for one in results]
        return results

    def _beside(self, one: StepPlan | Child, track: Track, hands: Hands) -> str:
        if isinstance(one, Child):
            return self._child(one, hands)
        with self._groups.held(one, hands), self._gate:
            if hands.stop.is_set():
                self._skip(one, STOPPED if self._hands.stop.is_set() else BESIDE)
                self._lanes.drop(one, track)
                return "stopped"
            return self._lanes.run(one, track, hands).result

    def _child(self, child: Child, hands: Hands) -> str:
        """A child pipeline, from its inputs to its result."""
        handover = self._apart(child.name)
        outer = hands.handover.outputs if hands.handover else {}
        handover.outputs.update({name: expand(value, outer) for name, value in child.inputs.items()})
        result = self._sequence(child.waves, replace(hands, handover=handover))
        return result if result in ("passed", "stopped", "lost") else "failed"

    def _pass_over(self, wave: Wave, why: str) -> None:
        for step in steps_in([wave]):
            if not _refused(step):
                self._skip(step, why)

    def _skip(self, step: StepPlan, why: str) -> None:
        self._hands.emit(StepSkipped(at=self._hands.now(), step=step.index, name=step.name, why=why, stage=step.stage,
                                     group=step.group, image_asked=step.image.name))  # fmt: skip


def _refused(step: StepPlan) -> str:
    """Why the plan itself does not run this step; "" if it does."""
    return step.skipped or (f"{step.guarded}; give --deploy-for-real to run it" if step.guarded else "")


def _all_refused(one: StepPlan | Child) -> bool:
    return all(_refused(step) for step in steps_in([(one,)]))


def _alone(later: Iterable[Wave]) -> Iterator[StepPlan]:
    """The steps to come that run alone, as far as they follow one another."""
    todo = (tuple(one for one in wave if not _all_refused(one)) for wave in later)
    for wave in takewhile(lambda wave: len(wave) == 1, (wave for wave in todo if wave)):
        if isinstance(wave[0], Child):
            return
        yield wave[0]


def _parts(wave: Wave) -> Iterator[Sequence[StepPlan | Child]]:
    """What runs beside each other: every step for itself, those of one concurrency group in a row."""
    groups: dict[str, list[StepPlan | Child]] = {}
    for one in wave:
        if isinstance(one, StepPlan) and one.concurrency_group:
            groups.setdefault(one.concurrency_group, []).append(one)
        else:
            yield (one,)
    yield from groups.values()


class _Either(threading.Event):
    """Set when it or another event is."""

    def __init__(self, first: threading.Event, second: threading.Event) -> None:
        super().__init__()
        self._both = (first, second)

    def is_set(self) -> bool:
        return any(one.is_set() for one in self._both)
