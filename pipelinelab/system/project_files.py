"""The few text files of a project that cures are diffs against: the pipelines file, settings, scripts, requirements,
environments, configurations that name a host, and the programs that the pipelines file names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Set
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
    "pytest.ini",
    "pyproject.toml",
    "tox.ini",
    "noxfile.py",
    "database.yml",
    "setup.cfg",
    ".env",
}
_PROGRAM = re.compile(r"[\w.-]+\.(?:py|js|mjs|ts|php|rb|pl)(?![\w.-])")
_CONFIGURATION = (".ini", ".cfg", ".toml", ".conf")
_HOST = re.compile(r"(?im)^[ \t]*[\w.-]*host(?:name)?[ \t]*[=:]")
_BUILT_UPON = re.compile(r"(?m)^[ \t]*from [\w.]+ import ")
_TOP = (".git", "bitbucket-pipelines.yml")
_LARGEST = 300_000
_MOST, _DEEPEST = 400, 5


def project_files(root: Path, pipelines: Path | None = None) -> ProjectFiles:
    """The files under ``root`` by their path from it; ``pipelines`` stands for its bitbucket-pipelines.yml. Files that
    are large, binary or unreadable are left out, and so are folders of packages."""
    texts: dict[str, str] = {}
    named = set(_PROGRAM.findall(_text(pipelines or root / "bitbucket-pipelines.yml") or ""))
    for path in _candidates(root, named):
        text = _text(path)
        if text is not None and (path.name in named or _tells(path, text)):
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


def _tells(path: Path, text: str) -> bool:
    """Whether a file of a kind that most often has nothing to do with cures may have: settings, and others."""
    if path.name in _NAMES:
        return True
    if path.suffix == ".py":
        return "DATABASES" in text or bool(_BUILT_UPON.search(text))
    return path.suffix not in _CONFIGURATION or bool(_HOST.search(text))


def _candidates(root: Path, named: Set[str]) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        if depth and any(name in folders or name in names for name in _TOP):  # a project of its own
            folders[:] = []
            continue
        folders[:] = sorted(f for f in folders if f not in _SKIPPED) if depth < _DEEPEST else []
        for name in sorted(names):
            if (
                name in _NAMES
                or name in named
                or name.startswith(".env.")
                or name.endswith((".sh", ".env", *_CONFIGURATION))
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
