"""The few text files of a project that cures are diffs against: the pipelines file, settings, scripts, requirements,
environments."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from pipelinelab.diagnosis.values import ProjectFiles

_SKIPPED = {
    ".git",
    ".hg",
    "node_modules",
    "venv",
    ".venv",
    "env",
    "__pycache__",
    ".tox",
    "dist",
    "build",
    "vendor",
    ".pipelinelab",
}
_NAMES = {
    "bitbucket-pipelines.yml",
    "manage.py",
    "Makefile",
    "tox.ini",
    "noxfile.py",
    "database.yml",
    "setup.cfg",
    ".env",
}
_TOP = (".git", "bitbucket-pipelines.yml")
_LARGEST = 300_000
_MOST, _DEEPEST = 400, 5


def project_files(root: Path, pipelines: Path | None = None) -> ProjectFiles:
    """The files under ``root`` by their path from it; ``pipelines`` stands for its bitbucket-pipelines.yml. Files that
    are large, binary or unreadable are left out, and so are folders of packages."""
    texts: dict[str, str] = {}
    for path in _candidates(root):
        text = _text(path)
        if text is not None and (path.suffix != ".py" or path.name in _NAMES or "DATABASES" in text):
            texts[path.relative_to(root).as_posix()] = text
        if len(texts) >= _MOST:
            break
    if pipelines is not None and (text := _text(pipelines)) is not None:
        texts["bitbucket-pipelines.yml"] = text
    return ProjectFiles(texts)


def project_top(folder: Path) -> Path | None:
    """The folder, or the nearest one above it, that is a repository or holds a pipelines file; None where none is: then
    the scripts that lie about are nobody's."""
    here = folder.resolve()
    return next((one for one in (here, *here.parents) if any((one / name).exists() for name in _TOP)), None)


def rule_files(root: Path) -> list[tuple[str, str]]:
    """(path, text) of a team's own rule files, ``.pipelinelab/rules/*.yml``."""
    folder = root / ".pipelinelab" / "rules"
    if not folder.is_dir():
        return []
    paths = sorted(path for path in folder.iterdir() if path.suffix in (".yml", ".yaml") and path.is_file())
    return [(str(path), path.read_text("utf-8", "replace")) for path in paths]


def _candidates(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        if depth and any(name in folders or name in names for name in _TOP):  # a project of its own
            folders[:] = []
            continue
        folders[:] = sorted(f for f in folders if f not in _SKIPPED) if depth < _DEEPEST else []
        for name in sorted(names):
            if (
                name in _NAMES
                or name.startswith(".env.")
                or name.endswith((".sh", ".env"))
                or re.fullmatch(r"requirements[\w.-]*\.(?:txt|in)", name)
                or (name.endswith(".txt") and folder.endswith("/requirements"))
                or ("settings" in f"{folder}/{name}" and name.endswith(".py"))
            ):
                yield Path(folder) / name


def _text(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        data = path.read_bytes()
        return None if b"\x00" in data else data.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
