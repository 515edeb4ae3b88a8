"""Caches between replays, as Bitbucket keeps them between builds: by name and key, for seven days, saved once."""

from __future__ import annotations

import hashlib
import os
import posixpath
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pipelinelab.engines.base import Step
from pipelinelab.errors import EngineError
from pipelinelab.events.types import CacheMoved, Event
from pipelinelab.model.pipelines import Cache
from pipelinelab.planning.build import expand
from pipelinelab.planning.conditions import matches
from pipelinelab.planning.plan import CLONE_DIR, StepPlan
from pipelinelab.system.tree import pieces

LIFE_S = 7 * 24 * 3600.0
LARGEST = 1 << 30


class CacheStore:
    """The caches of one repository. ``blobs`` are git's own names of the commit's files, by path."""

    def __init__(self, folder: Path, blobs: Callable[[], Mapping[str, str]], emit: Callable[[Event], None],
                 now: Callable[[], float]) -> None:  # fmt: skip
        self._folder, self._blobs, self._emit, self._now = folder, blobs, emit, now

    def restore(self, plan: StepPlan, step: Step) -> frozenset[str]:
        """Put the step's caches where they belong; gives the names of those that were there."""
        hits = set()
        for cache in plan.caches:
            began = self._now()
            file, key = self._file(cache)
            target = self._target(cache, plan, step)
            if target is None:
                self._tell(plan, "refused", cache, key, why="docker's layers are the engine's own matter here")
            elif not file.is_file() or time.time() - file.stat().st_mtime > LIFE_S:
                self._tell(plan, "miss", cache, key)
            else:
                parent = posixpath.dirname(target)
                step.ask(["mkdir", "-p", parent])
                step.put(parent, pieces(file))
                hits.add(cache.name)
                self._tell(plan, "hit", cache, key, file.stat().st_size, self._now() - began)
        return frozenset(hits)

    def save(self, plan: StepPlan, step: Step, hits: frozenset[str]) -> None:
        """Keep what a green step left, where there was no such cache yet."""
        for cache in plan.caches:
            file, key = self._file(cache)
            target = self._target(cache, plan, step)
            if cache.name in hits or target is None:
                continue
            began = self._now()
            self._folder.mkdir(parents=True, exist_ok=True)
            fresh = file.with_suffix(f".{os.getpid()}.{plan.index}")
            size = 0
            try:
                with fresh.open("wb") as out:
                    for piece in step.get(target):
                        size += len(piece)
                        if size > LARGEST:
                            break
                        out.write(piece)
            except EngineError:
                self._tell(plan, "kept", cache, key, why=f"{target} is not there")
                fresh.unlink(missing_ok=True)
                continue
            if size > LARGEST:
                fresh.unlink()
                self._tell(plan, "refused", cache, key, size, why="it is over 1 GiB")
                continue
            fresh.replace(file)  # whole or not at all, whoever else writes it
            self._tell(plan, "saved", cache, key, size, self._now() - began)

    def _file(self, cache: Cache) -> tuple[Path, str]:
        named = sorted((path, blob) for path, blob in self._blobs().items() if matches(path, cache.key_files)) \
            if cache.key_files else []  # fmt: skip
        key = hashlib.sha256(repr((cache.path, named)).encode()).hexdigest()[:16]
        safe = "".join(c if c.isalnum() or c in "-_" else "_" for c in cache.name)
        return self._folder / f"{safe}-{key}.tar", key

    def _target(self, cache: Cache, plan: StepPlan, step: Step) -> str | None:
        if cache.name == "docker":
            return None
        path = expand(cache.path, plan.variables)
        if path.startswith("~"):
            home = step.ask(["sh", "-c", 'echo "$HOME"']).text.strip() or "/root"
            path = home + path[1:]
        return posixpath.normpath(path if path.startswith("/") else f"{CLONE_DIR}/{path}")

    def _tell(self, plan: StepPlan, action: str, cache: Cache, key: str, size: int = 0, seconds: float = 0.0,
              why: str = "") -> None:  # fmt: skip
        self._emit(CacheMoved(at=self._now(), step=plan.index, action=action, name=cache.name, key=key,
                              size_bytes=size, seconds=seconds, why=why))  # fmt: skip
