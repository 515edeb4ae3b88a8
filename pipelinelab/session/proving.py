"""Proof: a cure is applied to a clone, replayed, and compared with the run it is to cure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.values import Cure, Diagnosis, Edit, Finding
from pipelinelab.engines.base import Engine
from pipelinelab.errors import FileRefused, UsageError
from pipelinelab.events.types import Proved
from pipelinelab.reading.api import read
from pipelinelab.recording.folder import append
from pipelinelab.recording.records import CommandRecord, StepRecord
from pipelinelab.session.asked import Asked
from pipelinelab.session.diagnosing import diagnose_file, diagnose_run
from pipelinelab.session.effects import effects, state_of
from pipelinelab.session.judging import HARMFUL, MOVED_ON, NO_CHANGE, PROVEN, all_green, within
from pipelinelab.session.judging import outcome as judged
from pipelinelab.session.perform import Listener
from pipelinelab.session.replay import FILE, digest, replay
from pipelinelab.session.run import Run
from pipelinelab.session.sources import changed_since, files_of, named
from pipelinelab.session.watching import whole
from pipelinelab.session.workspace import tree_name
from pipelinelab.system import git


@dataclass(frozen=True)
class Bench:
    """What cures are tried with: the repository, how it was replayed, the engine, the rules, the edits made so
    far, and the runs whose containers stay."""

    root: Path
    asked: Asked
    engine: Engine
    rules: Sequence[Rule]
    edits: tuple[Edit, ...] = ()
    listeners: Sequence[Listener] = ()
    spare: tuple[str, ...] = ()

    def with_edits(self, edits: Sequence[Edit]) -> Bench:
        """The same with these edits on top of those made so far."""
        texts = {edit.path: edit for edit in self.edits}
        for edit in edits:
            first = texts.get(edit.path, edit)
            texts[edit.path] = Edit(edit.path, first.before, edit.after)
        return replace(self, edits=tuple(texts.values()))

    def replay(self, parent: str | None = None, keep_green: frozenset[int] = frozenset()) -> Run:
        """Replay with the edits in the clone, the files of the work tree, or of the ref that is asked for. Raises
        FileRefused where the file is still refused, Stopped where it is interrupted."""
        edits = {edit.path: edit.after for edit in self.edits}
        text = edits.pop(named(self.root, self.asked.file), None) if self.asked.file else None
        asked = replace(
            self.asked, parent_run=parent, edits=edits, text=text, worktree=self.asked.ref == "HEAD", spare=self.spare,
            settings=replace(self.asked.settings, keep_green=keep_green),
        )  # fmt: skip
        return whole(replay(self.root, asked, self.engine, listeners=self.listeners))

    def diagnose(self, run: Run) -> Diagnosis:
        """Why a run of this bench is red, with its questions answered."""
        return diagnose_run(run, files_of(self.root, run.recording, self.edits), self.rules)


@dataclass(frozen=True)
class Proof:
    """What came of a cure. ``came`` is what fails now, "" where nothing does; ``effects`` are what it did beside
    curing. ``before`` is None where the file was refused, ``after`` where it still is."""

    finding: Finding
    cure: Cure
    outcome: str
    before: Run | None
    after: Run | None
    came: str = ""
    effects: tuple[str, ...] = ()
    next: Diagnosis | None = field(default=None, repr=False)

    @property
    def good(self) -> bool:
        """Whether it is progress: proven, or moved on to another failure."""
        return self.outcome in (PROVEN, MOVED_ON)

    def __str__(self) -> str:
        again = self.came if self.after is not None and self.after.ok else "the same failure came again"
        text = {
            PROVEN: f"proven: it was replayed, and {all_green(self.after)}",
            MOVED_ON: f"moved on: this failure is gone; now {self.came}",
            NO_CHANGE: f"no change: {again}",
            HARMFUL: f"harmful: {'; '.join(self.effects) or self.came}",
        }[self.outcome]
        return f"{self.cure.title}: {text}"


def prove(bench: Bench, before: Run | None, finding: Finding, cure: Cure) -> Proof:
    """Apply one cure to a clone and replay it; the outcome is added to the recording of ``before``."""
    tried = bench.with_edits(cure.edits)
    red = before.recording.red_step if before is not None else None
    state = state_of(before) if before is not None else {}
    try:
        keep = frozenset({red.index}) if red is not None and state else frozenset()
        after = tried.replay(before.run_id if before is not None else None, keep)
    except FileRefused as problem:
        return _refused(bench, tried, before, Proof(finding, cure, HARMFUL, before, None, str(problem)))
    harm, beside = effects(state, state_of(after, red.index if red else None) if state else {})
    following = None if after.ok else tried.diagnose(after)
    what, came = judged(before, after, finding, following)
    what = HARMFUL if harm else what
    proof = Proof(finding, cure, what, before, after, came, (*harm, *beside), following)
    if before is not None:
        append(before.folder, Proved(
            at=before.recording.seconds or 0.0, rule=finding.rule, cure=cure.title, outcome=what, after=after.run_id,
            came=came, effects=proof.effects, seconds_before=_took(before, None),
            seconds_after=_took(after, before))
        )  # fmt: skip
        before.forget()
    return proof


def _refused(bench: Bench, tried: Bench, before: Run | None, proof: Proof) -> Proof:
    """What came of a cure with which Bitbucket would refuse the file: harm, where it did not without it."""
    was, now = file_errors(bench), file_errors(tried)
    if before is not None or was is None or now is None:
        return proof
    if _count(now, proof.finding) < _count(was, proof.finding):
        return replace(proof, outcome=MOVED_ON, came=within(now.findings[0].title), next=now)
    return replace(proof, outcome=NO_CHANGE)


def _count(refused: Diagnosis, finding: Finding) -> int:
    return sum((one.rule, one.title) == (finding.rule, finding.title) for one in refused.findings)


def _took(run: Run, like: Run | None) -> float | None:
    """Seconds of the failing command of a run, or of the command of that text in the other run."""
    place: tuple[StepRecord, CommandRecord] | None = (like or run).failing
    if place is None:
        return None
    return next((c.seconds for s, c in run.recording.commands() if c.command == place[1].command), None)


def prove_best(bench: Bench, run: Run | None, found: Diagnosis) -> Proof | None:
    """Prove cures of the findings in order, the safe ones before the unsafe, until one is progress."""
    best: Proof | None = None
    ranked = [(f, c) for f in found.findings for c in f.cures if c.edits]
    for finding, cure in sorted(ranked, key=lambda pair: pair[1].safety != "safe"):
        proof = prove(bench, run, finding, cure)
        if proof.good:
            return proof
        best = best or proof
    return best


def file_errors(bench: Bench) -> Diagnosis | None:
    """The file's own errors as a diagnosis, None where Bitbucket would take it."""
    if bench.asked.ref != "HEAD":
        return None  # read when it is replayed
    name = named(bench.root, bench.asked.file) if bench.asked.file else FILE
    texts = {edit.path: edit.after for edit in bench.edits}
    if name not in texts and not (bench.root / name).is_file():
        raise UsageError(f"there is no {name} in {bench.root}", "its cures are for that file")
    text = texts.get(name) or (bench.root / name).read_text("utf-8", "replace")
    reading = read(text + ("" if "\n" in text else "\n"), name)
    return diagnose_file(reading, name) if reading.errors else None


def fresh(bench: Bench, run: Run) -> bool:
    """Whether a red run is one of the files as they are now, so that cures may begin with it."""
    red = not run.ok and not run.recording.broken_off and run.recording.parent_run is None
    if not red or not run.recording.complete or "tree" not in run.recording.facts:
        return False
    worktree = bench.asked.ref == "HEAD"
    repo = git.facts(bench.root, bench.asked.ref, (bench.asked.options.pull_request or ("", ""))[1])
    now = digest(tree_name(bench.root, repo, worktree, {}).encode())
    return bool(now == run.recording.facts["tree"]) and not changed_since(bench.root, run.recording)
