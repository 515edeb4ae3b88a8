"""What was read from the package's rule files, kept beside them as Python keeps its .pyc: to read them anew takes most
of the time of a short command.

The copy is JSON, known by the names, sizes and times of the files that it was made from and of the code that made it.
Where it cannot be read or written (a package in a zip file, a read-only folder), nothing is kept."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

_PLACE = Path("__pycache__", "rules.json")


def kept(folder: Traversable, read: Callable[[], Any]) -> Any:
    """``read()``'s value, which JSON can hold, or the copy of it if no file has changed since it was made."""
    if not isinstance(folder, Path):
        return read()
    stamp = _stamp(folder)
    with suppress(OSError, ValueError, TypeError, KeyError):
        copy = json.loads((folder / _PLACE).read_bytes())
        if copy["stamp"] == stamp:
            return copy["value"]
    value = read()
    with suppress(OSError):
        _write(folder / _PLACE, json.dumps({"stamp": stamp, "value": value}, ensure_ascii=False))
    return value


def _stamp(folder: Path) -> list[list[str | int]]:
    files = [*folder.glob("**/*.yml"), *folder.parent.glob("*.py")]
    stats = [(path.relative_to(folder.parent).as_posix(), path.stat()) for path in sorted(files)]
    return [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats]


def _write(path: Path, text: str) -> None:
    """Whole or not at all, whoever else writes it at the same time."""
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        part.write_text(text, "utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
