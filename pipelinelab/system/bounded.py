"""A file with a limit on its size, for what a step leaves: plain while it is small, gzipped once it is too big."""

from __future__ import annotations

import gzip
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO

LARGEST = 1 << 30
"""Bytes of one artifact or cache at the most, compressed: Bitbucket's own limit for both."""
READ_AT_MOST = 32 << 30
"""Bytes before compression: beyond them nobody waits for how small it may become."""
QUICKEST = 1


class NotKept(Exception):
    """What is being written will not be kept; the text says why."""


class TooLarge(NotKept):
    """It is over the limit; the text says by how much and of what."""


class Bounded(io.RawIOBase):
    """A writable file at ``path``. Raises TooLarge from the write that passes the limit, NotKept from the first one
    after somebody ``stopped`` it, and drops what comes after; whoever opened the file removes it. Engines unpack a tar
    either way."""

    def __init__(self, path: Path, largest: int = LARGEST, read_at_most: int = READ_AT_MOST,
                 stopped: Callable[[], bool] = lambda: False) -> None:  # fmt: skip
        self.path, self.written = path, 0
        self._largest, self._read_at_most, self._stopped = largest, read_at_most, stopped
        self._file: IO[bytes] = path.open("wb")
        self._packed: gzip.GzipFile | None = None
        self._over = False

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        if self._over:
            return len(data)
        if self._stopped():
            self._refuse(NotKept("the replay was stopped"))
        self.written += len(data)
        if self._packed is None and self.written > self._largest:
            self._pack()
        if self.written > self._read_at_most:
            self._refuse(TooLarge(f"it is over {self._read_at_most / (1 << 30):g} GiB before compression"))
        (self._packed or self._file).write(data)
        if self._packed is not None and self._file.tell() > self._largest:
            self._refuse(TooLarge(f"it is over {self._largest / (1 << 30):g} GiB when compressed"))
        return len(data)

    def close(self) -> None:
        if not self.closed:
            if self._packed is not None:
                self._packed.close()
            self._file.close()
        super().close()

    def _refuse(self, why: NotKept) -> None:
        self._over = True
        raise why

    def _pack(self) -> None:
        """Go on in a gzipped file, with what there is so far."""
        self._file.close()
        packed = self.path.with_name(f"{self.path.name}.gz")
        self._file = packed.open("wb")
        self._packed = gzip.GzipFile("", "wb", QUICKEST, self._file, mtime=0)
        with self.path.open("rb") as plain:
            shutil.copyfileobj(plain, self._packed, 1 << 20)
        packed.replace(self.path)
