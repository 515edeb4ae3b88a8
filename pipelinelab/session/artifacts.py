"""Artifacts: captured from a step, kept in the replay's scratch folder, put into the steps that want them.

As Bitbucket has it: each glob of the short form is an artifact of its own, named by itself; a step gets those of the
steps before it, never of those beside it; scoped ones and test reports stay with their step; what is over 1 GiB when
compressed is not kept at all; where two hold one file, the later one wins. That artifacts are captured from red steps
too unless ``capture-on`` says otherwise is inferred from people who keep screenshots of failed tests in them."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from pipelinelab.engines.base import Step
from pipelinelab.errors import DiskFull, EngineError, EngineUnavailable
from pipelinelab.events.types import ArtifactMoved, Event, Note
from pipelinelab.model.pipelines import Artifacts
from pipelinelab.planning.globs import glob_matches
from pipelinelab.planning.plan import CLONE_DIR, StepPlan
from pipelinelab.recording.sift import Sieve, Sifted, above, prefix, printable
from pipelinelab.system.bounded import Bounded, NotKept, TooLarge
from pipelinelab.system.tree import pieces

REPORTS = "test-reports"
WILD = "*?[{"


@dataclass(frozen=True)
class _Wanted:
    """One artifact as it is written: a name, globs, and when it is captured."""

    name: str
    paths: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    on: str = "always"
    depth: int | None = None
    kind: str = "shared"

    def matches(self, path: str) -> bool:
        if path.startswith(".git/") or (self.depth is not None and path.count("/") >= self.depth):
            return False
        return any(glob_matches(one, path) for one in self.paths) and not any(
            glob_matches(one, path) for one in self.ignored
        )


@dataclass(frozen=True)
class Kept:
    """An artifact on this machine, of the step ``of`` with the name ``by``, which ran in the parallel ``group``."""

    name: str
    tar: Path
    sifted: Sifted
    of: int
    by: str
    group: int | None


def wanted(artifacts: Artifacts | None) -> tuple[_Wanted, ...]:
    """The artifacts a step says it leaves."""
    if artifacts is None:
        return ()
    found = [_Wanted(path, (path,)) for path in artifacts.paths]
    for one in artifacts.upload:
        found.append(_Wanted(one.name, one.paths, one.ignore_paths, one.capture_on, one.depth, one.type))
    return tuple(found)


class ArtifactStore:
    """The artifacts of one replay; ``kept`` are those that go on to later steps. ``stopped`` says whether anybody still
    waits for them."""

    def __init__(self, folder: Path, emit: Callable[[Event], None], now: Callable[[], float],
                 stopped: Callable[[], bool] = lambda: False) -> None:  # fmt: skip
        self._folder, self._emit, self._now, self._stopped = folder, emit, now, stopped
        self.kept: list[Kept] = []

    def deliver(self, plan: StepPlan, step: Step) -> None:
        """Put what earlier steps left into this step's clone: everything, nothing, or what it names."""
        choice = plan.artifacts.download if plan.artifacts is not None else True
        there = [one for one in list(self.kept) if one.group is None or one.group != plan.group]
        for one in there:
            if choice is True or (isinstance(choice, tuple) and one.name in choice):
                step.put(CLONE_DIR, pieces(one.tar))
                self._tell(plan, "downloaded", one.name, one.sifted)
        known = ", ".join(sorted({one.name for one in there})) or "none"
        for name in choice if isinstance(choice, tuple) else ():
            if name not in {one.name for one in there}:
                self._tell(plan, "nothing", name, why=f"no earlier step left it; what there is: {known}")

    def capture(self, plan: StepPlan, step: Step, passed: bool) -> Sequence[Path]:
        """Take what the step leaves, and tell what is refused or matches nothing. Gives the tars of test reports."""
        reports = []
        self._folder.mkdir(parents=True, exist_ok=True)
        for number, one in enumerate(wanted(plan.artifacts)):
            if one.on != "always" and (one.on == "success") != passed:
                continue
            tar = self._folder / f"artifact-{plan.index}-{number}.tar"
            try:
                sifted, reasons = self._take(step, one, tar)
            except NotKept as problem:
                tar.unlink(missing_ok=True)
                bitbucket = ", so Bitbucket keeps none of it" * isinstance(problem, TooLarge)
                self._tell(plan, "refused", one.name, why=f"{problem}{bitbucket}")
                continue
            for why in (*reasons, *sifted.told()):
                self._tell(plan, "refused", one.name, why=why)
            if not sifted.files:
                tar.unlink(missing_ok=True)
                if len(reasons) < len(one.paths):
                    self._tell(plan, "nothing", one.name, why=_nothing(one))
                continue
            self._tell(plan, "captured", one.name, sifted)
            if one.kind == "shared":
                self._keep(Kept(one.name, tar, sifted, plan.index, plan.name, plan.group))
            elif one.kind == REPORTS:
                reports.append(tar)
        return reports

    def _keep(self, new: Kept) -> None:
        """Remember it; the later one of two that hold one file wins, and a note tells it."""
        for old in self.kept:
            both = [path for path, what in new.sifted.taken.items() if old.sifted.taken.get(path, what) != what]
            if both and old.of != new.of:
                some = printable(both[0]) + (f" and {len(both) - 1} more" if len(both) > 1 else "")
                beside = " They run at the same time: which one that is may change." * (
                    new.group is not None and old.group == new.group
                )
                text = f"step {old.of} {old.by!r} and step {new.of} {new.by!r} both leave {some}: the later one wins."
                self._emit(Note(at=self._now(), kind="artifact", step=new.of, text=text + beside))
        self.kept.append(new)

    def _take(self, step: Step, one: _Wanted, tar: Path) -> tuple[Sifted, list[str]]:
        """What the globs match, in one tar; the globs that can match nothing are told."""
        refused = [f"{printable(path)}: {why}" for path in one.paths if (why := _impossible(path))]
        roots = sorted({prefix(path) for path in one.paths if not _impossible(path)})
        roots = [r for r in roots if not any(r != o and (o == "" or r.startswith(f"{o}/")) for o in roots)]
        behind = _links(step, roots)
        with closing(Bounded(tar, stopped=self._stopped)) as out, closing(Sieve(out)) as sieve:
            for root in roots:
                if link := next((folder for folder in above(root) if folder in behind), ""):
                    refused.append(f"{printable(root)}: it lies behind the link {printable(link)}")
                else:
                    self._from(step, root, one, sieve)
            for path in tuple(sieve.found.linked):
                self._from(step, path, one, sieve, alone=True)
        return sieve.found, refused

    def _from(self, step: Step, root: str, one: _Wanted, sieve: Sieve, alone: bool = False) -> None:
        try:
            sieve.take(step.get(f"{CLONE_DIR}/{root}".rstrip("/")), _placed(root, alone), one.matches)
        except (EngineUnavailable, DiskFull):
            raise
        except EngineError:
            return  # it is not there: nothing matches
        except tarfile.TarError as problem:
            sieve.found.refuse(root or ".", f"what came is no tar ({problem})")

    def _tell(self, plan: StepPlan, action: str, name: str, sifted: Sifted | None = None, why: str = "") -> None:
        said = sifted or Sifted()
        self._emit(ArtifactMoved(at=self._now(), step=plan.index, action=action, name=printable(name),
                                 files=said.files, size_bytes=said.size_bytes, why=why))  # fmt: skip


def _impossible(path: str) -> str:
    """Why a glob can match nothing of the clone; "" where it may."""
    if path.startswith(("/", "~")):
        return "artifacts are found by their path in the clone, and this one leads elsewhere"
    if {".", ".."} & set(path.split("/")):
        return "a path with . or .. matches nothing on Bitbucket; write it from the root of the clone"
    return ""


def _nothing(one: _Wanted) -> str:
    plain = [path for path in one.paths if not any(sign in path for sign in WILD)]
    return "no file matches" + (f" (for a folder write {plain[0].rstrip('/')}/**)" if plain else "")


def _links(step: Step, roots: Sequence[str]) -> frozenset[str]:
    """Which of the folders that lead to the roots are links: the engine would follow them out of the clone."""
    folders = sorted({folder for root in roots for folder in above(root)})
    if not folders:
        return frozenset()
    script = f'cd {CLONE_DIR} && for one; do [ ! -L "$one" ] || printf "%s\\n" "$one"; done'
    return frozenset(step.ask(["sh", "-c", script, "sh", *folders]).text.splitlines())


def _placed(root: str, alone: bool) -> Callable[[str], str | None]:
    """The path in the clone of a name in the engine's tar, which begins with the last part of the path asked for.
    ``alone``: that path itself and nothing below it."""

    def place(name: str) -> str | None:
        inner = name.removeprefix("./").partition("/")[2]
        return None if alone and inner else "/".join(part for part in (root, inner) if part) or None

    return place
