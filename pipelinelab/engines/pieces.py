"""Pieces of bytes as a file that can be read once, for what wants a file."""

from __future__ import annotations

import io
from collections.abc import Iterable


class Pieces(io.RawIOBase):
    """An iterable of bytes as a readable, unseekable file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._rest = iter(pieces)
        self._held = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._held) < size:
            piece = next(self._rest, None)
            if piece is None:
                break
            self._held += piece
        data, self._held = (self._held, b"") if size < 0 else (self._held[:size], self._held[size:])
        return data
