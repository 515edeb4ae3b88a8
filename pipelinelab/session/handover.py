"""What goes from step to step and from replay to replay: artifacts, caches, output variables, test reports."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from pipelinelab.engines.base import Step
from pipelinelab.errors import EngineError, NeedsDocker, PipelinelabError
from pipelinelab.events.types import Event, Note, PartTimed, Probe, TestSeen
from pipelinelab.planning.plan import CLONE_DIR, StepPlan
from pipelinelab.planning.variables import WORK
from pipelinelab.recording.sift import printable
from pipelinelab.recording.stream import Pieces
from pipelinelab.reports import read
from pipelinelab.session.artifacts import ArtifactStore
from pipelinelab.session.caches import CacheStore
from pipelinelab.system.tree import pieces

OUTCOMES = "pipelinelab-outcomes.jsonl"
"""The lab's own test hooks write to this file in a folder of test reports; it is handed on as it is, as a Probe."""
LARGEST_REPORT = 64 << 20
UNTOLD_S = 0.001
"""What takes less is no part of a step's time worth telling."""


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
        with suppress(NeedsDocker):  # a recorded step: what its caches did is in its recording
            self._hits[plan.index] = self.caches.restore(plan, step)
        if (seconds := self.now() - began) > UNTOLD_S:
            self.emit(PartTimed(at=self.now(), step=plan.index, part="artifacts", seconds=seconds))
        return dict(self.outputs)

    def after(self, plan: StepPlan, step: Step, passed: bool, reports: Sequence[str]) -> None:
        """Take what a step leaves; ``reports`` are the folders of test reports that its driver saw."""
        began = self.now()
        try:
            kept = self.artifacts.capture(plan, step, passed)
            self.caches.save(plan, step, self._hits.get(plan.index, frozenset()), passed)
            self._variables(plan, step)
            self._reports(plan, _found(step, reports, kept))
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

    def _reports(self, plan: StepPlan, found: Iterator[tuple[str, bytes]]) -> None:
        for name, data in found:
            if name.endswith(f"/{OUTCOMES}"):
                said = data.decode("utf-8", "replace")
                self.emit(Probe(at=self.now(), step=plan.index, question=OUTCOMES, source=name, answer=said))
                continue
            try:
                cases = read(name, data)
            except PipelinelabError as problem:
                text = f"the test report {printable(name)} cannot be read: {problem}"
                self.emit(Note(at=self.now(), kind="report", text=text, step=plan.index))
                continue
            for case in cases:
                self.emit(
                    TestSeen(
                        at=self.now(), step=plan.index, suite=case.suite, test=case.test, outcome=case.outcome,
                        seconds=case.seconds, position=case.position, message=case.message,
                    )
                )  # fmt: skip


def _found(step: Step, folders: Sequence[str], tars: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """Each report once, by its path in the clone: those in folders of Bitbucket's own names, those in artifacts."""
    seen: set[str] = set()
    for folder in folders:
        if ".." not in folder.split("/"):
            for name, data in _read(step.get(f"{CLONE_DIR}/{folder}")):
                yield f"{folder}/{name.partition('/')[2]}", data
                seen.add(f"{folder}/{name.partition('/')[2]}")
    for tar in tars:
        yield from ((name, data) for name, data in _read(pieces(tar)) if name not in seen)


def _read(tar: Iterable[bytes]) -> Iterator[tuple[str, bytes]]:
    with closing(Pieces(tar)) as stream, tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|*") as archive:
        for entry in archive:
            if entry.isreg() and entry.name.endswith((".xml", f"/{OUTCOMES}")) and entry.size < LARGEST_REPORT:
                file = archive.extractfile(entry)
                yield entry.name, file.read() if file else b""
