"""The project's files as a run had them: what its cures are diffs against."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from pipelinelab.diagnosis.values import Edit, ProjectFiles
from pipelinelab.recording.records import Recording
from pipelinelab.session.again import FACT
from pipelinelab.session.replay import FILE, digest
from pipelinelab.system import git
from pipelinelab.system.project_files import project_files


def files_of(root: Path, recording: Recording | None = None, edits: Sequence[Edit] = ()) -> ProjectFiles:
    """The project's files as they are now; for a run of another ref as they are there, and with the pipelines file that
    it was given. ``edits`` are made on top."""
    asked = (recording.facts.get(FACT) or {}) if recording is not None else {}
    elsewhere = recording is not None and asked.get("ref", "HEAD") != "HEAD"
    found = _at(root, recording.commit) if recording is not None and elsewhere else project_files(root)
    texts, name = dict(found.texts), ""
    if asked.get("file"):
        name = named(root, Path(asked["file"]))
        texts.pop(FILE, None)
        texts[name] = _text(root / name)
    return ProjectFiles({**texts, **{edit.path: edit.after for edit in edits}}, name)


def named(root: Path, file: Path) -> str:
    """The path of a file from the root, or the whole one where it is outside."""
    whole = file.resolve()
    return whole.relative_to(root.resolve()).as_posix() if whole.is_relative_to(root.resolve()) else str(whole)


def another_ref(root: Path, recording: Recording) -> str:
    """The ref that the run was of, where the work tree is of another commit; else ""."""
    ref = str((recording.facts.get(FACT) or {}).get("ref", "HEAD"))
    return ref if ref != "HEAD" and git.facts(root).commit != recording.commit else ""


def changed_since(root: Path, recording: Recording) -> bool:
    """Whether the pipelines file is not as the run had it: it was changed since, or is not committed."""
    known, asked = recording.facts.get("file"), recording.facts.get(FACT) or {}
    if not known or recording.parent_run is not None or asked.get("ref", "HEAD") != "HEAD":
        return False
    path = Path(asked["file"]) if asked.get("file") else root / FILE
    return not path.is_file() or digest(path.read_bytes()) != known


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""


def _at(root: Path, commit: str) -> ProjectFiles:
    tar = subprocess.run(
        ["git", "archive", commit], cwd=root, capture_output=True, check=True, stdin=subprocess.DEVNULL
    ).stdout
    with tempfile.TemporaryDirectory(prefix="pipelinelab-") as folder:
        with tarfile.open(fileobj=BytesIO(tar)) as packed:
            packed.extractall(folder, filter="data")
        return project_files(Path(folder))
