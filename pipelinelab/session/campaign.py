"""A campaign: many runs of one suite, each from the same starting state, until every test has its verdict.

Its folder holds what was asked and one file a run, written when the run is over; so it can be stopped at any moment
and goes on where it was, and every run can be had again from its seed and its order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelinelab.errors import RecordingError, UsageError
from pipelinelab.flaky.campaign import Run, left, rows, run, settled
from pipelinelab.flaky.intervals import runs_to_see
from pipelinelab.reports.case import FAILING, TestCase
from pipelinelab.reports.namesakes import namesakes, told_apart
from pipelinelab.session.hooks import Part
from pipelinelab.session.test_process import Task, run_tests

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """What was asked: many runs of a ``command`` in plain processes, or of a pipeline's ``step`` in Docker. ``rate`` is
    the failure rate that "healthy" rules out with 95 % confidence."""

    command: tuple[str, ...]
    seed: int
    times: int
    shuffle: bool = True
    rate: float = 0.1
    commit: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 300.0
    step: str = ""
    pipeline: str = ""

    @property
    def what(self) -> str:
        """What is run, in words."""
        return f"step {self.step!r}" if self.step else f"`{' '.join(self.command)}`"


@dataclass(frozen=True)
class Progress:
    """How far it is: ``done`` of ``times`` runs; tests ``unsettled``, None before that is asked; the newest run."""

    done: int
    times: int
    unsettled: int | None
    last: Run | None = None


Make = Callable[[Run], tuple[Part, ...]]


def create(folder: Path, campaign: Campaign) -> None:
    """Begin a campaign's folder. Raises RecordingError where it cannot be written or is there already."""
    try:
        (folder / "runs").mkdir(parents=True)
        _write(folder / "campaign.json", json.dumps(asdict(campaign), indent=1, ensure_ascii=False))
    except OSError as problem:
        raise RecordingError(f"{folder}: cannot begin a campaign: {problem.strerror}") from None


def load(folder: Path) -> Campaign:
    """What a campaign asks. Raises UsageError where the folder holds none."""
    try:
        found = json.loads((folder / "campaign.json").read_text(encoding="utf-8"))
        return Campaign(**{**found, "command": tuple(found["command"])})
    except (OSError, ValueError, TypeError, KeyError) as problem:
        raise UsageError(f"{folder}: no campaign can be read here ({problem})") from None


def done(folder: Path) -> set[int]:
    """The numbers of the runs that are whole."""
    return {int(path.stem) for path in (folder / "runs").glob("[0-9]*.jsonl")}


def frame(folder: Path) -> pd.DataFrame:
    """The ``tests`` frame of all runs that are whole, in the order of their numbers. Where the suite reported itself,
    several tests of one name have a number each."""
    from pipelinelab.recording.frames import frame as framed

    made = [part for path in sorted((folder / "runs").glob("[0-9]*.jsonl")) for part in _read(path)]
    several = {name for part in made if not part.hooked for name in namesakes(part.cases)}
    return framed("tests", [row for part in made for row in part.rows(several)])


def conduct(
    folder: Path, executor: Executor, submit: Callable[[Executor, Run], Future[tuple[Part, ...]]], *, jobs: int = 1,
    tell: Callable[[Progress], None] = lambda progress: None, early: bool = True,
) -> pd.DataFrame:  # fmt: skip
    """Make the runs that are not yet done, ``jobs`` at a time, and return the frame of all.

    Stops early once no test is unsettled, unless told not to. ``submit`` hands a run to the executor, which may be
    threads here or a Dask cluster. Raises UsageError where the first run finds no test at all."""
    from pipelinelab.flaky.ranking import rank

    campaign = load(folder)
    todo = left(campaign.seed, campaign.times, done(folder), shuffle=campaign.shuffle)
    flying: dict[Future[tuple[Part, ...]], Run] = {}
    fewest = runs_to_see(campaign.rate)
    unsettled: int | None = None
    tell(Progress(len(done(folder)), campaign.times, None))
    try:
        while True:
            while len(flying) < jobs and (unsettled is None or unsettled > 0) and (following := next(todo, None)):
                flying[submit(executor, following)] = following
            if not flying:
                break
            for future in wait(flying, return_when=FIRST_COMPLETED).done:
                made = flying.pop(future)
                _save(folder, campaign, made, future.result())
                finished = len(done(folder))
                if early and finished >= fewest:
                    ranking = rank(frame(folder), rate=campaign.rate)
                    unsettled = 0 if settled(ranking) else int((ranking["more_runs"] > 0).sum())
                tell(Progress(finished, campaign.times, unsettled, made))
    finally:
        for future in flying:
            future.cancel()
    return frame(folder)


def processes(source: Path, campaign: Campaign, archive: bytes = b"") -> Callable[[Executor, Run], Any]:
    """How a run of plain processes is handed to an executor; with ``archive`` it needs no folder where it runs."""

    def submit(executor: Executor, made: Run) -> Any:
        return executor.submit(run_tests, Task(
            command=campaign.command, run=made, source="" if archive else str(source), archive=archive,
            environment=campaign.environment, timeout_s=campaign.timeout_s,
        ))  # fmt: skip

    return submit


def _save(folder: Path, campaign: Campaign, made: Run, parts: tuple[Part, ...]) -> None:
    if not any(part.cases for part in parts):
        said = parts[0].output.strip().splitlines()[-15:] if parts else []
        if not done(folder):
            raise UsageError(f"run {made.number} of {campaign.what} found no test",
                             "it said:\n    " + "\n    ".join(said))  # fmt: skip
    lines = []
    for number, part in enumerate(parts):
        lines.append({"part": number, "run": asdict(made), "said": dict(part.said), "exit_code": part.exit_code,
                      "seconds": part.seconds, "timed_out": part.timed_out, "commit": campaign.commit})  # fmt: skip
        lines += [case._asdict() for case in part.cases]
    _write(folder / "runs" / f"{made.number:05d}.jsonl", "".join(json.dumps(one) + "\n" for one in lines))
    if any(part.exit_code or any(case.outcome in FAILING for case in part.cases) for part in parts):
        output = "\n".join(part.output for part in parts)
        _write(folder / "runs" / f"{made.number:05d}.txt", output.encode("utf-8", "replace").decode())


@dataclass(frozen=True)
class _Kept:
    """A part of a run as its file has it; one that went on after a test ended its process is a run of its own."""

    run: str
    head: Mapping[str, Any]
    cases: list[TestCase]

    @property
    def hooked(self) -> bool:
        """Whether the lab's own hook told of the tests."""
        return "framework" in self.head["said"]

    def rows(self, several: Collection[tuple[str, str]]) -> list[dict[str, Any]]:
        """The rows of the ``tests`` frame; ``several`` are names that more than one test has."""
        said = self.head["said"]
        versions = (f"python {said.get('python')}", f"{said['framework']} {said.get('version')}") if self.hooked else ()
        return rows(self.run, self.cases if self.hooked else told_apart(self.cases, several),
                    commit=self.head["commit"], environment=", ".join(versions),
                    order=[str(one) for one in said.get("order") or []], twice=self.head["run"]["twice"],
                    seed=self.head["run"]["seed"])  # fmt: skip


def _read(path: Path) -> list[_Kept]:
    found: list[_Kept] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        if "part" in one:
            found.append(_Kept(path.stem + (f"+{one['part']}" if one["part"] else ""), one, []))
        else:
            found[-1].cases.append(TestCase(**one))
    return found


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(text, encoding="utf-8", errors="replace")
    temporary.replace(path)


def again(campaign: Campaign, number: int) -> Run:
    """The run with this number, to be made once more."""
    return run(campaign.seed, number, shuffle=campaign.shuffle)


def commit_of(source: Path) -> str:
    """The commit of a working tree, with a ``+`` and a name for what is not committed; "" where git knows nothing."""
    import hashlib

    from pipelinelab.errors import PipelinelabError
    from pipelinelab.system import git

    try:
        root = git.toplevel(source)
        commit = git.git(root, "rev-parse", "HEAD").strip()
        changed = [root / name for name in git.dirty(root) if not name.startswith(".pipelinelab/")]
    except PipelinelabError:
        return ""
    said = [(str(path.relative_to(root)), path.read_bytes() if path.is_file() else b"") for path in changed]
    return commit + (f"+{hashlib.sha256(repr(sorted(said)).encode()).hexdigest()[:7]}" if changed else "")
