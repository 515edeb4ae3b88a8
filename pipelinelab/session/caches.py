"""Caches between replays, as Bitbucket keeps them between builds: by name and key, for seven days, saved by a green
step where there was none, and only up to 1 GiB when compressed. Source: Atlassian's pages on caches."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import tarfile
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path

from pipelinelab.engines.base import Step
from pipelinelab.errors import DiskFull, EngineError, EngineUnavailable
from pipelinelab.events.types import CacheMoved, Event
from pipelinelab.model.pipelines import Cache
from pipelinelab.planning.globs import glob_matches
from pipelinelab.planning.plan import CLONE_DIR, StepPlan
from pipelinelab.planning.variables import REFERENCE, WORK, expand
from pipelinelab.recording.sift import Sieve, Sifted
from pipelinelab.system.bounded import LARGEST, Bounded, NotKept, TooLarge
from pipelinelab.system.tree import pieces

LIFE_S = 7 * 24 * 3600.0
ABANDONED_S = 3600.0
"""Age at which a file that was being written belongs to nobody any more."""
_KERNEL = re.compile(r"/(proc|sys|dev)(/|\Z)")
_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)


class CacheStore:
    """The caches of one repository. ``blobs`` are git's own names of the clone's files, by path; ``stopped`` says
    whether anybody still waits for a cache to be saved."""

    def __init__(self, folder: Path, blobs: Callable[[], Mapping[str, str]], emit: Callable[[Event], None],
                 now: Callable[[], float], largest: int = LARGEST,
                 stopped: Callable[[], bool] = lambda: False) -> None:  # fmt: skip
        self._folder, self._blobs, self._emit, self._now = folder, blobs, emit, now
        self._largest, self._stopped = largest, stopped

    def restore(self, plan: StepPlan, step: Step) -> frozenset[str]:
        """Put the step's caches where they belong; gives the names of those that were there."""
        hits = set()
        for cache, target in _targets(plan, step).items():
            began = self._now()
            file, key, named = self._file(cache)
            if why := _impossible(target):
                self._tell(plan, "refused", cache, key, why=why)
            elif not file.is_file() or time.time() - file.stat().st_mtime > LIFE_S:
                files = ", ".join(() if named else cache.key_files)
                self._tell(plan, "miss", cache, key, why=files and f"no file of the clone matches its key, {files}")
            elif why := _unpacked(file, posixpath.dirname(target), step):
                file.unlink(missing_ok=True)
                self._tell(plan, "miss", cache, key, why=f"what was kept of it is broken and was removed ({why})")
            else:
                hits.add(cache.name)
                self._tell(plan, "hit", cache, key, file.stat().st_size, self._now() - began)
        return frozenset(hits)

    def save(self, plan: StepPlan, step: Step, hits: frozenset[str], passed: bool) -> None:
        """Keep what a green step left, where there was no such cache yet."""
        missed = [(cache, target) for cache, target in _targets(plan, step).items()
                  if cache.name not in hits and not _impossible(target)] if plan.caches else []  # fmt: skip
        for cache, target in missed:
            file, key, _ = self._file(cache)
            if not passed:
                self._tell(plan, "nothing", cache, key, why="the step failed: only green steps' caches are saved")
                continue
            began = self._now()
            self._tidy()
            fresh = file.with_suffix(f".{os.getpid()}.{plan.index}")
            try:
                found, why = self._packed(step, target, fresh)
                if why:
                    self._tell(plan, "nothing", cache, key, why=why)
                else:
                    fresh.replace(file)  # whole or not at all, whoever else writes it
                    without = "; ".join(found.told())
                    self._tell(plan, "saved", cache, key, file.stat().st_size, self._now() - began,
                               without and f"without {without}")  # fmt: skip
            except NotKept as problem:
                bitbucket = ", and so it is not saved, as on Bitbucket" * isinstance(problem, TooLarge)
                self._tell(plan, "refused", cache, key, why=f"{problem}{bitbucket}")
            finally:
                fresh.unlink(missing_ok=True)

    def _packed(self, step: Step, target: str, fresh: Path) -> tuple[Sifted, str]:
        """Write what stands at ``target`` to ``fresh``; gives why there is nothing to keep. Raises NotKept."""
        name, parent = posixpath.basename(target), posixpath.dirname(target)

        def place(inner: str) -> str | None:
            path = inner.removeprefix("./").rstrip("/")
            ours = path.partition("/")[0] == name and not f"{parent.rstrip('/')}/{path}/".startswith(f"{WORK}/")
            return path if ours else None

        with (
            closing(Bounded(fresh, self._largest, stopped=self._stopped)) as out,
            closing(Sieve(out, links_anywhere=True)) as sieve,
        ):
            try:
                sieve.take(step.get(target), place, lambda path: True, folders=True)
            except (EngineUnavailable, DiskFull):
                raise
            except EngineError:
                return sieve.found, f"{target} is not there"
            except tarfile.TarError as problem:
                return sieve.found, f"what came of {target} is no tar ({problem})"
        if name in sieve.links:
            return sieve.found, f"{target} is a link, not a folder"
        return sieve.found, "" if sieve.found.files else f"{target} is empty"

    def _file(self, cache: Cache) -> tuple[Path, str, list[tuple[str, str]]]:
        """Where it is kept, its key, and the files that the key is made of."""
        named = sorted(
            (path, blob) for path, blob in self._blobs().items()
            if any(glob_matches(one.removeprefix("./"), path) for one in cache.key_files)
        ) if cache.key_files else []  # fmt: skip
        key = hashlib.sha256(repr((cache.path, named)).encode()).hexdigest()[:16]
        safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in cache.name)[:80]
        return self._folder / f"{safe}-{key}.tar", key, named

    def _tidy(self) -> None:
        """Remove what nobody will ask for again: caches past their life, and what died while it was written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for one in self._folder.iterdir():
            with suppress(OSError):
                if time.time() - one.stat().st_mtime > (LIFE_S if one.suffix == ".tar" else ABANDONED_S):
                    one.unlink()

    def _tell(self, plan: StepPlan, action: str, cache: Cache, key: str, size: int = 0, seconds: float = 0.0,
              why: str = "") -> None:  # fmt: skip
        self._emit(CacheMoved(at=self._now(), step=plan.index, action=action, name=cache.name, key=key,
                              size_bytes=size, seconds=seconds, why=why))  # fmt: skip


def _targets(plan: StepPlan, step: Step) -> dict[Cache, str]:
    """Where each of the step's caches stands in its container: ``~`` and variables as its own shell has them."""
    if not plan.caches:
        return {}
    paths = {cache: expand(re.sub(r"\A~(?=/|\Z)", "$HOME", cache.path), plan.variables) for cache in plan.caches}
    names = sorted({found[1] or found[2] for path in paths.values() for found in REFERENCE.finditer(path)})
    asked = [name for name in names if _NAME.match(name)]
    own: dict[str, str] = {}
    if asked:
        script = "; ".join(f'printf "%s\\n" "${name}"' for name in asked)
        own = {n: v for n, v in zip(asked, step.ask(["sh", "-c", script]).text.split("\n"), strict=False) if v}
    if "HOME" in asked:
        own.setdefault("HOME", "/root")
    return {cache: posixpath.normpath(posixpath.join(CLONE_DIR, expand(path, own))) for cache, path in paths.items()
            if cache.name != "docker"} | {cache: "" for cache in paths if cache.name == "docker"}  # fmt: skip


def _impossible(target: str) -> str:
    """Why a path cannot be cached; "" where it can."""
    if not target:
        return "docker's layers are the engine's own matter here"
    if found := REFERENCE.search(target):
        return f"its path needs {found[0]}, which the step does not have"
    if f"{CLONE_DIR}/".startswith(f"{target.rstrip('/')}/"):
        return f"{target} holds the clone itself"
    return f"{target} is the kernel's, not files" if _KERNEL.match(target) else ""


def _unpacked(file: Path, parent: str, step: Step) -> str:
    """Put a cache into its folder; gives why it could not be."""
    step.ask(["mkdir", "-p", parent])
    try:
        step.put(parent, pieces(file))
    except (EngineUnavailable, DiskFull):
        raise
    except EngineError as problem:
        return str(problem)
    return ""
