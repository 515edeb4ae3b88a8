"""What goes from step to step and from replay to replay: artifacts, caches, output variables, test reports."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, cast

from pipelinelab.engines.base import Step
from pipelinelab.errors import EngineError, NeedsDocker, PipelinelabError
from pipelinelab.events.types import Event, Note, PartTimed, Probe, TestSeen
from pipelinelab.planning.plan import CLONE_DIR, StepPlan
from pipelinelab.planning.variables import WORK
from pipelinelab.recording.sift import Stream
from pipelinelab.reports import read
from pipelinelab.session.artifacts import ArtifactStore
from pipelinelab.session.caches import CacheStore

OUTCOMES = "pipelinelab-outcomes.jsonl"
"""The lab's own test hooks write to this file in a folder of test reports; it is handed on as it is, as a Probe."""


@dataclass
class Handover:
    """The stores of one replay, and the output variables that steps left."""

    artifacts: ArtifactStore
    caches: CacheStore
    emit: Callable[[Event], None]
    now: Callable[[], float]
    outputs: dict[str, str] = field(default_factory=dict)
    _hits: dict[int, frozenset[str]] = field(default_factory=dict)

    def before(self, plan: StepPlan, step: Step) -> Mapping[str, str]:
        """Give a step its artifacts and caches; returns the variables that earlier steps left for it."""
        began = self.now()
        self.artifacts.deliver(plan, step)
        self._hits[plan.index] = self.caches.restore(plan, step)
        if plan.caches:
            self.emit(PartTimed(at=self.now(), step=plan.index, part="artifacts", seconds=self.now() - began))
        return dict(self.outputs)

    def after(self, plan: StepPlan, step: Step, passed: bool, reports: Sequence[str]) -> None:
        """Take what a step leaves; ``reports`` are the folders of test reports that its driver saw."""
        began = self.now()
        try:
            self.artifacts.capture(plan, step, passed)
            if passed:
                self.caches.save(plan, step, self._hits.get(plan.index, frozenset()))
            self._variables(plan, step)
            self._reports(plan, step, reports)
        except NeedsDocker:
            return  # a recorded step: what it left is in its recording
        except EngineError as problem:
            self.emit(Note(at=self.now(), kind="handover", text=f"not all could be taken: {problem}", step=plan.index))
        if plan.artifacts or plan.caches or reports:
            self.emit(PartTimed(at=self.now(), step=plan.index, part="artifacts", seconds=self.now() - began))

    def _variables(self, plan: StepPlan, step: Step) -> None:
        """KEY=VALUE lines of the file that Bitbucket names; the last write wins, and only what was declared goes on."""
        if not plan.output_variables:
            return
        said = step.ask(["sh", "-c", f'[ ! -f "{WORK}/variables" ] || cat "{WORK}/variables"']).text
        for line in said.splitlines():
            name, equals, value = line.partition("=")
            if equals and name.strip() in plan.output_variables:
                self.outputs[name.strip()] = value

    def _reports(self, plan: StepPlan, step: Step, folders: Sequence[str]) -> None:
        for folder in folders:
            for name, data in _found(step, folder):
                if name.endswith(f"/{OUTCOMES}"):
                    said = data.decode("utf-8", "replace")
                    self.emit(Probe(at=self.now(), step=plan.index, question=OUTCOMES, source=name, answer=said))
                    continue
                try:
                    cases = read(name, data)
                except PipelinelabError as problem:
                    text = f"the test report {name} cannot be read: {problem}"
                    self.emit(Note(at=self.now(), kind="report", text=text, step=plan.index))
                    continue
                for case in cases:
                    self.emit(
                        TestSeen(
                            at=self.now(), step=plan.index, suite=case.suite, test=case.test, outcome=case.outcome,
                            seconds=case.seconds, position=case.position, message=case.message,
                        )
                    )  # fmt: skip


def _found(step: Step, folder: str) -> list[tuple[str, bytes]]:
    found = []
    with tarfile.open(fileobj=cast(IO[bytes], Stream(step.get(f"{CLONE_DIR}/{folder}"))), mode="r|") as tar:
        for entry in tar:
            file = tar.extractfile(entry) if entry.isreg() and entry.name.endswith((".xml", f"/{OUTCOMES}")) else None
            if file is not None and entry.size < 64 << 20:
                found.append((f"{folder}/{entry.name.partition('/')[2]}", file.read()))
    return found
