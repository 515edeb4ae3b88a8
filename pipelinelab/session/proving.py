"""Proof: a cure is applied to a clone, replayed, and compared with the run it is to cure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.values import Cure, Diagnosis, Edit, Finding
from pipelinelab.engines.base import Engine
from pipelinelab.errors import FileRefused, PipelinelabError
from pipelinelab.events.types import Proved
from pipelinelab.reading.api import read
from pipelinelab.recording.folder import append
from pipelinelab.recording.records import CommandRecord, Recording, StepRecord
from pipelinelab.recording.summary import headline
from pipelinelab.session.diagnosing import diagnose_file, diagnose_run, files_of
from pipelinelab.session.effects import effects, state_of
from pipelinelab.session.perform import Listener
from pipelinelab.session.replay import FILE, Asked, replay
from pipelinelab.session.run import Run
from pipelinelab.session.watching import whole

PROVEN, MOVED_ON, NO_CHANGE, HARMFUL = "proven", "moved on", "no change", "harmful"


@dataclass(frozen=True)
class Bench:
    """What cures are tried with: the repository, how it was replayed, the engine, the rules, and the edits made so
    far."""

    root: Path
    asked: Asked
    engine: Engine
    rules: Sequence[Rule]
    edits: tuple[Edit, ...] = ()
    listeners: Sequence[Listener] = ()

    def with_edits(self, edits: Sequence[Edit]) -> Bench:
        """The same with these edits on top of those made so far."""
        texts = {edit.path: edit for edit in self.edits}
        for edit in edits:
            first = texts.get(edit.path, edit)
            texts[edit.path] = Edit(edit.path, first.before, edit.after)
        return replace(self, edits=tuple(texts.values()))

    def replay(self, parent: str | None = None, keep_green: frozenset[int] = frozenset()) -> Run:
        """Replay with the edits in the clone. Raises FileRefused where the file is still refused, Stopped where it is
        interrupted."""
        asked = replace(
            self.asked, parent_run=parent, edits={edit.path: edit.after for edit in self.edits}, worktree=True,
            settings=replace(self.asked.settings, keep_green=keep_green),
        )  # fmt: skip
        return whole(replay(self.root, asked, self.engine, listeners=self.listeners))

    def diagnose(self, run: Run) -> Diagnosis:
        """Why a run of this bench is red, with its questions answered."""
        return diagnose_run(run, files_of(self.root, self.edits), self.rules)


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
        text = {
            PROVEN: "proven: it was replayed, and all is green",
            MOVED_ON: f"moved on: this failure is gone; now {self.came}",
            NO_CHANGE: "no change: the same failure came again",
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
        return Proof(finding, cure, NO_CHANGE if before is None else HARMFUL, before, None, str(problem))
    harm, beside = effects(state, state_of(after, red.index if red else None) if state else {})
    following = None if after.ok else tried.diagnose(after)
    outcome, came = _outcome(before, after, finding, following)
    if harm:
        outcome = HARMFUL
    proof = Proof(finding, cure, outcome, before, after, came, (*harm, *beside), following)
    if before is not None:
        append(before.folder, Proved(
            at=before.recording.seconds or 0.0, rule=finding.rule, cure=cure.title, outcome=outcome, after=after.run_id,
            came=came, effects=proof.effects, seconds_before=_took(before, None),
            seconds_after=_took(after, before))
        )  # fmt: skip
        before.forget()
    return proof


def _outcome(before: Run | None, after: Run, finding: Finding, following: Diagnosis | None) -> tuple[str, str]:
    if after.ok:
        return PROVEN, ""
    came = headline(after.recording).partition(": ")[2]
    if following is not None and following.findings:
        came = f"{following.findings[0].title[:1].lower()}{following.findings[0].title[1:]}"
    again = following is not None and any(f.rule == finding.rule for f in following.findings[:1])
    if before is None:  # from a log alone, or a refused file
        return NO_CHANGE if again else MOVED_ON, came
    lost = _passed(before.recording) & _failed(after.recording)
    if lost:
        return HARMFUL, f"`{sorted(lost)[0][1]}` passed before and fails now"
    if again and _failed(after.recording) & _failed(before.recording):
        return NO_CHANGE, came
    if not (following and following.findings) and _failed(after.recording) == _failed(before.recording):
        return NO_CHANGE, came
    return MOVED_ON, came


def _passed(recording: Recording) -> set[tuple[str, str]]:
    return {(s.name, c.command) for s, c in recording.commands() if c.result == "passed" and c.phase == "script"}


def _failed(recording: Recording) -> set[tuple[str, str]]:
    step = recording.red_step
    return {(step.name, step.failing.command)} if step is not None and step.failing is not None else set()


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


@dataclass(frozen=True)
class Story:
    """Cures proven one after another. ``green`` tells whether they led there; ``edits`` are all of them together."""

    proofs: tuple[Proof, ...]
    green: bool
    edits: tuple[Edit, ...]
    stuck: Diagnosis | None = None


def until_green(bench: Bench, tell: Callable[[Proof], None] = lambda proof: None, most: int = 15) -> Story:
    """Diagnose, cure, prove, and again, until the pipeline is green or no cure helps. Nothing is written to the
    user's files."""
    proofs: list[Proof] = []
    run: Run | None = None
    found = _first(bench)
    if found is None:
        run = bench.replay()
        found = bench.diagnose(run)
    while len(proofs) < most and not (run is not None and run.ok):
        proof = prove_best(bench, run, found)
        if proof is None or not proof.good:
            return Story(tuple(proofs), False, bench.edits, found)
        proofs.append(proof)
        tell(proof)
        bench = bench.with_edits(proof.cure.edits)
        run = proof.after
        found = proof.next or Diagnosis("green")
    return Story(tuple(proofs), run is not None and run.ok, bench.edits)


def _first(bench: Bench) -> Diagnosis | None:
    """The file's own errors as a diagnosis, None where Bitbucket would take it."""
    texts = {edit.path: edit.after for edit in bench.edits}
    text = texts.get(FILE) or (bench.root / FILE).read_text("utf-8", "replace")
    reading = read(text + ("" if "\n" in text else "\n"), FILE)
    return diagnose_file(reading, FILE) if reading.errors else None


def write(root: Path, edits: Sequence[Edit]) -> list[str]:
    """Write edits to the user's files; returns their paths. Raises PipelinelabError, and writes nothing, where a file
    is no longer what the cure was made for."""
    for edit in edits:
        path = root / edit.path
        now = path.read_bytes().decode("utf-8") if path.is_file() else ""
        if now != edit.before:
            raise PipelinelabError(f"{edit.path} has changed since: the cure no longer fits", "diagnose it again")
    for edit in edits:
        (root / edit.path).parent.mkdir(parents=True, exist_ok=True)
        (root / edit.path).write_bytes(edit.after.encode("utf-8"))
    return [edit.path for edit in edits]
