"""Which entries of an untrusted tar may go from one step to another. Pure: tar in, tar out, nothing is unpacked.

What comes out is made anew, entry by entry: no header of the untrusted tar is copied. Unpacked in any folder, it writes
nothing outside of it, and no link in it leads outside: a link's own folder is always a real one, its ``..`` stand at
the front, where they climb real folders, and nothing lies behind a link.
"""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO, cast

from pipelinelab.planning.plan import CLONE_DIR
from pipelinelab.recording.stream import Pieces

BLOCK = 1 << 16
"""Bytes that tarfile copies at once: it copies its whole buffer again for every small entry, and for every block."""
TOLD = 5
"""Refusals that are told one by one; of the rest, how many there are."""
LINKED = 1000
"""Hard links at the most to files that are not among what is taken: each is asked for by itself."""


@dataclass
class Sifted:
    """What was taken: files, their bytes and (size, time of last change) by path. ``refused`` says what was not, with
    why, and ``beyond`` counts the refusals after the first few; ``linked`` are hard links to files that were not taken,
    whose content is to be had under their own path."""

    files: int = 0
    size_bytes: int = 0
    refused: list[str] = field(default_factory=list)
    beyond: int = 0
    linked: list[str] = field(default_factory=list)
    taken: dict[str, tuple[int, float]] = field(default_factory=dict)

    def refuse(self, path: str, why: str) -> None:
        """Remember that this was not taken, and why; the first few by name, the others by their count."""
        if len(self.refused) < TOLD:
            self.refused.append(f"{printable(path)}: {why}")
        else:
            self.beyond += 1

    def told(self) -> list[str]:
        """The refusals as a reader wants them."""
        return self.refused + ([f"and {self.beyond} more like these"] if self.beyond else [])


class Sieve:
    """Writes what may be taken to one tar, from one tar stream or several."""

    def __init__(self, out: IO[bytes] | io.RawIOBase, links_anywhere: bool = False) -> None:
        self.found = Sifted()
        self._tar = tarfile.open(fileobj=cast(IO[bytes], out), mode="w|", format=tarfile.PAX_FORMAT, bufsize=BLOCK)  # noqa: SIM115
        self._tar.copybufsize = BLOCK  # type: ignore[attr-defined]
        self._anywhere = links_anywhere
        self._folders: dict[str, tarfile.TarInfo] = {}
        self._made: set[str] = set()
        self.links: set[str] = set()  # the symbolic links among what was taken

    def take(self, chunks: Iterable[bytes], place: Callable[[str], str | None], wanted: Callable[[str], bool],
             folders: bool = False) -> None:  # fmt: skip
        """Take from a tar stream what is ``wanted`` at the path that ``place`` gives it (None: none of ours), with the
        folders that lead there, or all of them. Raises tarfile.TarError for what is no tar."""
        try:
            with (
                closing(Pieces(chunks)) as stream,
                tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|", bufsize=BLOCK) as source,
            ):
                for entry in source:
                    if (path := place(entry.name)) is not None:
                        self._one(source, entry, path, place, wanted, folders)
        except (ValueError, OverflowError, EOFError) as problem:  # what tarfile lets through of a broken header
            raise tarfile.ReadError(str(problem)) from None

    def _one(self, source: tarfile.TarFile, entry: tarfile.TarInfo, path: str, place: Callable[[str], str | None],
             wanted: Callable[[str], bool], folders: bool) -> None:  # fmt: skip
        if entry.isdir():
            self._folders[path] = entry
            if folders and not self._refused(entry, path):
                self._lead(f"{path}/")
            return
        if not wanted(path) or self._refused(entry, path):
            return
        fresh = made(entry, path)
        if entry.islnk():
            target = place(entry.linkname)
            if target is None or target not in self.found.taken or target in self.links:
                if len(self.found.linked) < LINKED:
                    self.found.linked.append(path)
                else:
                    self.found.refuse(path, f"it is one of more than {LINKED} hard links to files elsewhere")
                return
            fresh.linkname = target
        self._lead(path)
        self._tar.addfile(fresh, source.extractfile(entry) if entry.isreg() else None)
        if entry.issym():
            self.links.add(path)
        self.found.files += 1
        self.found.size_bytes += fresh.size
        self.found.taken[path] = (fresh.size, entry.mtime)

    def _refused(self, entry: tarfile.TarInfo, path: str) -> bool:
        why = refusal(entry, path, self._anywhere)
        taken = self.found.taken
        if not why and (path in taken or (path in self._made and not entry.isdir())):
            why = "it is there twice"
        if not why and (file := next((one for one in above(path) if one in taken), "")):
            what = "lies behind the link" if file in self.links else "lies in the file"
            why = f"it {what} {printable(file)}"
        if why:
            self.found.refuse(path, why)
        return bool(why)

    def _lead(self, path: str) -> None:
        """The folders that lead to ``path``, each once, as they were. They are there so that whatever else stands in
        their place in the next clone, a link for one, gives way to them."""
        for folder in above(path):
            if folder in self._made:
                continue
            known = self._folders.get(folder)
            fresh = made(known, folder) if known else tarfile.TarInfo(folder)
            fresh.type = tarfile.DIRTYPE
            if known is None:
                fresh.mode = 0o777  # as Bitbucket's clone under umask 000
            self._tar.addfile(fresh)
            self._made.add(folder)

    def close(self) -> Sifted:
        """End the tar; gives what was taken."""
        self._tar.close()
        return self.found


def made(entry: tarfile.TarInfo, path: str) -> tarfile.TarInfo:
    """The same file at ``path``, with nothing else of the entry's headers: a pax header would win over the name."""
    fresh = tarfile.TarInfo(path)
    fresh.type = tarfile.REGTYPE if entry.isreg() else entry.type
    fresh.size = entry.size if entry.isreg() else 0
    fresh.mode, fresh.uid, fresh.gid = entry.mode & 0o7777, entry.uid, entry.gid
    fresh.mtime, fresh.linkname = max(0.0, entry.mtime), entry.linkname if entry.issym() else ""
    return fresh


def refusal(entry: tarfile.TarInfo, path: str, links_anywhere: bool = False) -> str:
    """Why an entry may not be taken, by itself; "" where it may."""
    if not path or path.startswith("/") or {"", ".", ".."} & set(path.split("/")):
        return "it lies outside the clone"
    if entry.issym():
        leaves = not links_anywhere and leads_out(path, entry.linkname)
        return f"the link leads outside the clone, to {printable(entry.linkname)}" if leaves else ""
    if entry.issparse():
        return "a tar of a step's files has no holes"
    return "" if entry.isreg() or entry.isdir() or entry.islnk() else "it is a device or a pipe"


def leads_out(path: str, target: str) -> bool:
    """Whether a link at ``path`` of the clone may lead out of it, whatever other links there are."""
    if target.startswith(f"{CLONE_DIR}/"):  # every step's clone stands there
        target, depth = target.removeprefix(f"{CLONE_DIR}/"), 0
    else:
        depth = path.count("/")
    if target.startswith("/") or not target:
        return True
    parts = [part for part in target.split("/") if part not in ("", ".")]
    climbs = next((at for at, part in enumerate(parts) if part != ".."), len(parts))
    return climbs > depth or ".." in parts[climbs:]


def above(path: str) -> list[str]:
    """The folders that lead to a path, the outermost first."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def printable(text: str) -> str:
    """A name for a reader's eyes: on one line, without control characters, and always text."""
    shown = text.encode("utf-8", "backslashreplace").decode()
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in shown)


def prefix(pattern: str) -> str:
    """The folder that holds all a glob can match: what stands before its first wildcard. Without any it is the path
    itself."""
    if not any(character in pattern for character in "*?[{"):
        return posixpath.normpath(pattern)
    parts = []
    for part in pattern.split("/")[:-1]:
        if any(character in part for character in "*?[{"):
            break
        parts.append(part)
    return "/".join(parts)
