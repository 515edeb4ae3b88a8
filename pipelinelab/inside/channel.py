"""The way back from a container: the script's output with the driver's messages in it, told apart again. Pure.

A message is RS nonce US verb US field … RS. What is no well-formed message but holds the nonce is the shell's own
trace of the line that sends one (``set -x``), and is dropped, its whole line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

RS, US = b"\x1e", b"\x1f"
LONGEST = 65_536


@dataclass(frozen=True, slots=True)
class Message:
    """What the driver or the script's own markers said."""

    verb: str
    fields: tuple[str, ...] = ()


@dataclass(slots=True)
class Channel:
    """Feed it chunks; it gives output and messages in their true order. Holds back only what may be a cut message."""

    nonce: bytes
    held: bytes = b""

    def feed(self, data: bytes) -> Iterator[bytes | Message]:
        """What is certain after this chunk."""
        data = self.held + data if self.held else data
        self.held = b""
        at = 0
        while (found := data.find(self.nonce, at)) >= 0:
            if found and data[found - 1 : found] == RS:
                end = data.find(RS, found)
                if end < 0 and len(data) - found < LONGEST:
                    if found - 1 > at:
                        yield data[at : found - 1]
                    self.held = data[found - 1 :]
                    return
                if found - 1 > at:
                    yield data[at : found - 1]
                verb, *fields = data[found + len(self.nonce) + 1 : end].decode("utf-8", "replace").split("\x1f")
                yield Message(verb, tuple(fields))
                at = end + 1
                continue
            start = data.rfind(b"\n", at, found) + 1 or at
            if start > at:
                yield data[at:start]
            end = data.find(b"\n", found)
            if end < 0:
                self.held = data[start:] if len(data) - start < LONGEST else b""
                return
            at = end + 1
        rest = data[at:]
        keep = self._uncertain(rest)
        if len(rest) > keep:
            yield rest[: len(rest) - keep]
        self.held = rest[len(rest) - keep :] if keep else b""

    def _uncertain(self, rest: bytes) -> int:
        """How many bytes at the end may yet turn out to be the beginning of a message or of a traced marker."""
        tail = rest[-(len(self.nonce) + 1) :]
        at = tail.rfind(RS)
        if at >= 0 and (RS + self.nonce).startswith(tail[at:]):
            return len(tail) - at
        line = rest[rest.rfind(b"\n") + 1 :]
        if len(line) < LONGEST and TRACED.match(line):
            return len(line)
        return 0

    def end(self) -> bytes:
        """What was held back when the channel closed; a cut message is not output."""
        rest, self.held = self.held, b""
        return b"" if self.nonce[:8] in rest or rest.startswith(RS) else rest


def _any_beginning_of(word: str) -> str:
    """A pattern for every beginning of ``word``, and for all of it with anything behind."""
    pattern = ".*"
    for letter in reversed(word):
        pattern = f"(?:{re.escape(letter)}{pattern})?"
    return pattern


# busybox leaves ``command`` out of its trace
_MARKERS = "|".join(_any_beginning_of(word) for word in (" command printf ", " printf "))
TRACED = re.compile(rb"\++(?:" + _MARKERS.encode() + rb")\Z", re.DOTALL)
