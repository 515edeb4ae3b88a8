"""Cures written to the user's own files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelinelab.diagnosis.values import Edit
from pipelinelab.errors import PipelinelabError


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
