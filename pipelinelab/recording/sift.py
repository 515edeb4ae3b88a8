"""Which entries of an untrusted tar may go from one step to another. Pure: tar in, tar out, nothing is unpacked."""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, cast

LARGEST = 1 << 30
"""Bytes of one artifact at the most: Bitbucket's own limit."""


@dataclass
class Sifted:
    """What was taken and what was refused, with why."""

    files: int = 0
    size_bytes: int = 0
    refused: list[str] = field(default_factory=list)


class Stream(io.RawIOBase):
    """Chunks as a file that can only be read forward, as tarfile's stream mode wants it."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)
        self._held = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._held) < size:
            piece = next(self._chunks, None)
            if piece is None:
                break
            self._held += piece
        taken = self._held if size < 0 else self._held[:size]
        self._held = self._held[len(taken) :]
        return taken


def sift(chunks: Iterable[bytes], out: IO[bytes], place: Callable[[str], str | None], wanted: Callable[[str], bool],
         largest: int = LARGEST) -> Sifted:  # fmt: skip
    """Copy from a tar stream the files whose path, as ``place`` tells it (None: none of ours), is ``wanted``.

    Links are taken only where they stay inside; devices, pipes and what is above ``largest`` bytes are refused.
    Raises tarfile.TarError for what is no tar."""
    found = Sifted()
    with (
        tarfile.open(fileobj=cast(IO[bytes], Stream(chunks)), mode="r|") as source,
        tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as target,
    ):
        for entry in source:
            path = place(entry.name)
            if path is None or entry.isdir() or not wanted(path):
                continue
            if why := refusal(entry, path):
                found.refused.append(f"{path}: {why}")
                continue
            if found.size_bytes + entry.size > largest:
                found.refused.append(f"{path}: with it there are more than {largest >> 20} MiB")
                continue
            entry.name = path
            target.addfile(entry, source.extractfile(entry) if entry.isreg() else None)
            found.files += 1
            found.size_bytes += entry.size
    return found


def refusal(entry: tarfile.TarInfo, path: str) -> str:
    """Why an entry may not be taken; "" where it may."""
    if path.startswith("/") or ".." in path.split("/"):
        return "it lies outside the clone"
    if entry.issym():
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), entry.linkname))
        outside = entry.linkname.startswith("/") or target == ".." or target.startswith("../")
        return f"the link leads outside the clone, to {entry.linkname}" if outside else ""
    if entry.islnk():
        return "it is a hard link"
    return "" if entry.isreg() else "it is a device or a pipe"


def prefix(pattern: str) -> str:
    """The folder that holds all a glob can match: what stands before its first wildcard."""
    parts = []
    for part in pattern.lstrip("/").split("/")[:-1]:
        if any(character in part for character in "*?[{"):
            break
        parts.append(part)
    return "/".join(parts)
