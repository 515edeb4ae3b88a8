"""Pieces of bytes as a file that can be read once, for what wants a file."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterable


class Pieces(io.RawIOBase):
    """An iterable of bytes as a readable, unseekable file. Whatever the size of a read, each byte is copied once. To
    close it is to say that no more is wanted: what makes the pieces then stops."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._rest = iter(pieces)
        self._piece, self._at = b"", 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts: list[bytes] = []
        wanted = size if size >= 0 else -1
        while wanted:
            if self._at >= len(self._piece):
                piece = next(self._rest, None)
                if piece is None:
                    break
                self._piece, self._at = piece, 0
                continue
            part = self._piece[self._at :] if wanted < 0 else self._piece[self._at : self._at + wanted]
            self._at += len(part)
            wanted -= len(part) if wanted > 0 else 0
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        if isinstance(self._rest, Generator):
            self._rest.close()
        super().close()
