"""A folder as a tar, for a container: owned by root and open to all, as Bitbucket's clone under umask 000 is."""

from __future__ import annotations

import io
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import IO

PIECE = 1 << 20


def pack(folder: Path | None, under: str, out: IO[bytes], extra: Mapping[str, tuple[bytes, int]] | None = None,
         owner: int = 0) -> None:  # fmt: skip
    """Write ``folder`` as a tar to ``out``, its entries below ``under``; ``extra`` are (content, mode) by path, a
    folder where the path ends in /, and belong to the user with the number ``owner``."""

    def owned(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mode = 0o777 if entry.isdir() or entry.mode & 0o100 else 0o666
        return entry

    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        if folder is not None:
            tar.add(folder, arcname=under, filter=owned)
        for name, (content, mode) in (extra or {}).items():
            entry = tarfile.TarInfo(name.rstrip("/"))
            entry.size, entry.mode, entry.uid = len(content), mode, owner
            entry.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
            tar.addfile(entry, io.BytesIO(content))


def packed(files: Mapping[str, tuple[bytes, int]], owner: int = 0) -> bytes:
    """A tar of these files alone, for this user; empty where there are none."""
    out = io.BytesIO()
    if files:
        pack(None, "", out, files, owner)
    return out.getvalue()


def cleared(folder: Path, name: str) -> Path:
    """The place of ``name`` below ``folder``, free to be written: its folders are there, and no link leads away from
    it, whoever made the links. Raises ValueError for a name that leaves ``folder``."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts:
        raise ValueError(f"{name} does not lie in {folder}")
    place = folder
    for part in parts[:-1]:
        place /= part
        if place.is_symlink() or place.is_file():
            place.unlink()
        place.mkdir(exist_ok=True)
    place /= parts[-1]
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    return place


def pieces(path: Path) -> Iterator[bytes]:
    """A file's bytes in pieces."""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece
