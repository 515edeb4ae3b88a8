"""Artifacts: captured from a step, kept in the replay's scratch folder, put into the steps that want them."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from pipelinelab.engines.base import Step
from pipelinelab.errors import EngineError
from pipelinelab.events.types import ArtifactMoved, Event
from pipelinelab.model.pipelines import Artifacts
from pipelinelab.planning.conditions import matches
from pipelinelab.planning.plan import CLONE_DIR, StepPlan
from pipelinelab.recording.sift import Sifted, prefix, sift
from pipelinelab.system.tree import pieces


@dataclass(frozen=True)
class _Wanted:
    """One artifact as it is written: a name, globs, and when it is captured."""

    name: str
    paths: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    on: str = "success"
    depth: int | None = None
    scoped: bool = False


@dataclass(frozen=True)
class _Kept:
    name: str
    tar: Path
    sifted: Sifted


def wanted(artifacts: Artifacts | None) -> tuple[_Wanted, ...]:
    """The artifacts a step says it leaves; the short form's globs are one artifact, named by themselves."""
    if artifacts is None:
        return ()
    found = [_Wanted(", ".join(artifacts.paths), artifacts.paths)] if artifacts.paths else []
    for one in artifacts.upload:
        scoped = one.type in ("scoped", "test-reports")
        found.append(_Wanted(one.name, one.paths, one.ignore_paths, one.capture_on, one.depth, scoped))
    return tuple(found)


class ArtifactStore:
    """The artifacts of one replay."""

    def __init__(self, folder: Path, emit: Callable[[Event], None], now: Callable[[], float]) -> None:
        self._folder, self._emit, self._now = folder, emit, now
        self._kept: list[_Kept] = []

    def deliver(self, plan: StepPlan, step: Step) -> None:
        """Put what earlier steps left into this step's clone: everything, nothing, or what it names."""
        choice = plan.artifacts.download if plan.artifacts is not None else True
        for one in list(self._kept):
            if choice is True or (isinstance(choice, tuple) and one.name in choice):
                step.put(CLONE_DIR, pieces(one.tar))
                self._tell(plan, "downloaded", one.name, one.sifted)
        missing = set(choice) - {one.name for one in self._kept} if isinstance(choice, tuple) else set()
        for name in sorted(missing):
            self._tell(plan, "nothing", name, Sifted(), "no earlier step left an artifact of this name")

    def capture(self, plan: StepPlan, step: Step, passed: bool) -> None:
        """Take what the step leaves. What is refused or matches nothing is told."""
        for number, one in enumerate(wanted(plan.artifacts)):
            if one.on != "always" and (one.on == "success") != passed:
                continue
            tar = self._folder / f"artifact-{plan.index}-{number}.tar"
            sifted = self._take(step, one, tar)
            for why in sifted.refused:
                self._tell(plan, "refused", one.name, Sifted(), why)
            if not sifted.files:
                self._tell(plan, "nothing", one.name, sifted, "no file matches")
                continue
            self._tell(plan, "captured", one.name, sifted)
            if one.scoped:
                continue
            self._kept = [kept for kept in self._kept if kept.name != one.name or kept.name == ", ".join(one.paths)]
            self._kept.append(_Kept(one.name, tar, sifted))

    def _take(self, step: Step, one: _Wanted, tar: Path) -> Sifted:
        roots = sorted({prefix(pattern) for pattern in one.paths})
        roots = [r for r in roots if not any(r != o and (o == "" or r.startswith(f"{o}/")) for o in roots)]
        total = Sifted()
        self._folder.mkdir(parents=True, exist_ok=True)
        for index, root in enumerate(roots):
            part = tar if len(roots) == 1 else tar.with_suffix(f".{index}")
            try:
                with part.open("wb") as out:
                    found = sift(step.get(f"{CLONE_DIR}/{root}".rstrip("/")), out, _placed(root), _matching(one))
            except (EngineError, tarfile.TarError):
                part.unlink(missing_ok=True)  # the folder is not there: nothing matches
                continue
            total.files += found.files
            total.size_bytes += found.size_bytes
            total.refused += found.refused
        if len(roots) > 1:
            _join([tar.with_suffix(f".{index}") for index in range(len(roots))], tar)
        return total

    def _tell(self, plan: StepPlan, action: str, name: str, sifted: Sifted, why: str = "") -> None:
        self._emit(ArtifactMoved(at=self._now(), step=plan.index, action=action, name=name, files=sifted.files,
                                 size_bytes=sifted.size_bytes, why=why))  # fmt: skip


def _placed(root: str) -> Callable[[str], str | None]:
    """The path in the clone of a name in the engine's tar, which begins with the last part of the folder asked for."""

    def place(name: str) -> str | None:
        inner = name.lstrip("./").partition("/")[2]
        return f"{root}/{inner}".lstrip("/") if inner else None

    return place


def _matching(one: _Wanted) -> Callable[[str], bool]:
    def match(path: str) -> bool:
        if path.startswith(".git/") or (one.depth is not None and path.count("/") >= one.depth):
            return False
        return matches(path, one.paths) and not (one.ignored and matches(path, one.ignored))

    return match


def _join(parts: Iterable[Path], out: Path) -> None:
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as target:
        for part in parts:
            if part.exists() and part.stat().st_size:
                with tarfile.open(part) as source:
                    for entry in source:
                        target.addfile(entry, source.extractfile(entry) if entry.isreg() else None)
            part.unlink(missing_ok=True)
