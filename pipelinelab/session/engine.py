"""The engine that this machine has: Docker where it answers, else what was recorded."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pipelinelab.engines.base import Engine
from pipelinelab.errors import EngineUnavailable, UsageError

CHOICE = "PIPELINELAB_ENGINE"
"""Environment variable: docker or recorded; without it, docker where it answers."""


def live() -> Engine:
    """Docker, as DOCKER_HOST or the current context names it. Raises EngineUnavailable with what to do."""
    from pipelinelab.engines.docker import DockerEngine
    from pipelinelab.setup.connect import connect

    engine = DockerEngine(connect)
    engine.client.ping()
    return engine


@cache
def recorded(folder: Path | None = None) -> Engine:
    """The shipped recordings, as an engine; ``folder`` for others."""
    from pipelinelab.engines.recorded import RecordedEngine
    from pipelinelab.recording.folder import read, run_ids
    from pipelinelab.setup.places import data_dir

    where = folder or data_dir() / "recordings"
    return RecordedEngine(read(where / run_id) for run_id in run_ids(where))


def mode(environ: Mapping[str, str] = os.environ) -> str:
    """ "live" where Docker answers, else "recorded"; PIPELINELAB_ENGINE decides where it is set."""
    chosen = environ.get(CHOICE, "")
    if chosen not in ("", "docker", "recorded"):
        raise UsageError(f"{CHOICE} is {chosen!r}", "it may be docker or recorded, or unset")
    if chosen:
        return "live" if chosen == "docker" else "recorded"
    try:
        _answering()
    except EngineUnavailable:
        return "recorded"
    return "live"


@cache
def _answering() -> Engine:
    return live()


def available() -> Engine:
    """Docker where it answers, else the recordings."""
    return _answering() if mode() == "live" else recorded()
