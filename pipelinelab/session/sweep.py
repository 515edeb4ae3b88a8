"""What replays left standing, and its removal."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from pipelinelab.engines.base import Engine
from pipelinelab.session.homes import Home
from pipelinelab.system import lock


def sweep(engine: Engine, home: Home | None, spare: Collection[str | None] = ()) -> Mapping[str, int]:
    """Remove the containers of every replay of this repository (None: of any) that is over, but for those of the runs
    ``spare``; counts by kind."""

    def over(labels: Mapping[str, str]) -> bool:
        folder = Path(labels.get("pipelinelab.folder", ""))
        if home is not None and folder.parent != home.runs:
            return False
        return folder.name not in spare and not lock.held(folder)

    if home is not None:
        home.sweep()
    return engine.sweep(over)
