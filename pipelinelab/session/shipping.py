"""How the recordings that notebooks play come to be: copies of every run's folder, when all was asked of it."""

from __future__ import annotations

import atexit
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelinelab.session.run import Run

RECORD = "PIPELINELAB_RECORD"
"""Environment variable: where ``make notebooks`` wants each run's folder copied when the process ends, as a prefix."""


def ship(run: Run | None) -> None:
    """Copy this run's folder when the process ends, if the environment asks for it."""
    if run is not None and (prefix := os.environ.get(RECORD)):
        atexit.register(_copy, run.folder, Path(prefix))


def _copy(folder: Path, prefix: Path) -> None:
    taken = len(list(prefix.parent.glob(f"{prefix.name}-*")))
    target = prefix.with_name(f"{prefix.name}-{taken + 1:02}")
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("lock", "artifacts", "caches"))
