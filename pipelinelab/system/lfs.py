"""Git LFS without git-lfs: pointers replaced by the objects that the user's own repository has at hand."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from pipelinelab.system.git import git

_POINTER = re.compile(
    rb"\Aversion https://git-lfs\.github\.com/spec/v1\n(?:ext-[^\n]*\n)*"
    rb"oid sha256:(?P<oid>[0-9a-f]{64})\nsize (?P<size>\d+)\n"
)
LARGEST_POINTER = 1024
"""Bytes; a file above it is no pointer. Source: the specification of git-lfs."""


def fill(root: Path, target: Path, tell: Callable[[str], None]) -> None:
    """Put the content of every LFS file into the clone at ``target``; tell which ones are not at hand."""
    store = root / git(root, "rev-parse", "--git-common-dir").strip() / "lfs" / "objects"
    missing = []
    for path in _tracked(target):
        found = _POINTER.match(path.read_bytes()) if path.stat().st_size <= LARGEST_POINTER else None
        if found is None:
            continue
        oid = found["oid"].decode()
        content = store / oid[:2] / oid[2:4] / oid
        if not content.is_file() or content.stat().st_size != int(found["size"]) or _sha256(content) != oid:
            missing.append(str(path.relative_to(target)))
            continue
        shutil.copyfile(content, path)
    if missing:
        some = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        tell(f"clone: lfs: the content of {some} is not at hand, so the step gets the pointer"
             " (git lfs fetch brings it)")  # fmt: skip


def _tracked(target: Path) -> Iterator[Path]:
    """The checked-out files whose attributes name the lfs filter; no link is followed."""
    listed = git(target, "ls-files", "-z")
    said = git(target, "check-attr", "-z", "--stdin", "filter", text=listed).split("\0")
    for name, value in zip(said[0::3], said[2::3], strict=False):
        path = target / name
        if value == "lfs" and path.is_file() and not path.is_symlink():
            yield path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
