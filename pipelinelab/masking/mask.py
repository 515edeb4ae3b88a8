"""Replace secured values by ``$NAME`` in bytes that come in pieces, however the pieces are cut.

What is recognised of a value: itself, each line of a multi-line one, its URL form, as JSON, HTML and shells quote it,
and its base64 wherever in a longer base64 text it stands: base64 works in groups of three bytes, so base64("user:KEY")
does not hold base64("KEY"), but one of three shifted forms of it, less the characters that the neighbours have a part
in.
Values under four characters are not masked: they would tear ordinary output apart.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from urllib.parse import quote, quote_plus

SHORTEST = 4
# Bytes of ordinary output, the commonest first. What lacks a pattern's rarest byte lacks the pattern, and looking for a
# byte is many times faster than looking for a pattern.
_COMMON = b" etaoinsr\n01lhdcu23456789mpfg.:/-_,=ywbvk'\"()[]SETARIN"


def too_short(secrets: Mapping[str, str]) -> tuple[str, ...]:
    """Names whose values are too short to be masked."""
    return tuple(sorted(name for name, value in secrets.items() if 0 < len(value.strip()) < SHORTEST))


def _aligned(value: bytes) -> Iterator[bytes]:
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + value)
        first = (shift * 8 + 5) // 6
        last = (shift + len(value)) * 8 // 6
        yield text[first:last]
        yield text[first:last].replace(b"+", b"-").replace(b"/", b"_")


def _quoted(text: str) -> Iterator[str]:
    """As JSON, Python, HTML, XML attributes and shells (in '', in "", bare: set -x, declare -p, printf %q) write it."""
    yield json.dumps(text)[1:-1]
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield repr(text)[1:-1]
    yield escape(text)
    yield escape(text, quote=False)
    yield escape(text, quote=False).replace('"', "&quot;")
    yield text.replace("'", "'\\''")
    yield text.replace("'", "'\"'\"'")
    yield re.sub(r'([\\"$`])', r"\\\1", text)
    yield re.sub(r"([^\w@%+=:./-])", r"\\\1", text)


def _forms(value: str) -> Iterator[bytes]:
    lines = [line.strip("\r") for line in value.split("\n")] if "\n" in value else []
    for one in (value, value.strip(), *lines):
        raw = one.encode("utf-8", "surrogateescape")
        yield raw
        yield quote(raw, safe="").encode()
        yield quote(raw).encode()
        yield quote_plus(raw).encode()
        for quoted in _quoted(one):
            yield quoted.encode("utf-8", "surrogateescape")
        if len(raw) > SHORTEST:
            yield from _aligned(raw)


def patterns(secrets: Mapping[str, str]) -> tuple[tuple[bytes, bytes], ...]:
    """(what to find, what to put) pairs, the longest first, so that a part never hides the whole."""
    found: dict[bytes, bytes] = {}
    for name, value in sorted(secrets.items()):
        for form in _forms(value):
            if len(form) >= SHORTEST and form.strip():
                found.setdefault(form, b"$" + name.encode())
    return tuple(sorted(found.items(), key=lambda pair: (-len(pair[0]), pair)))


@lru_cache(maxsize=16)
def _rarest(pairs: tuple[tuple[bytes, bytes], ...]) -> tuple[int, ...]:
    """Each pattern's rarest byte."""
    return tuple(max(pattern, key=lambda byte: _COMMON.find(byte) % 256) for pattern, _ in pairs)


@dataclass(slots=True)
class Masker:
    """Feed it bytes; it gives masked bytes, holding back only an end that may be the beginning of a secret."""

    pairs: tuple[tuple[bytes, bytes], ...] = ()
    held: bytes = b""
    _starts: frozenset[int] = field(default=frozenset(), init=False)
    _rarest: tuple[int, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        self._starts = frozenset(pattern[0] for pattern, _ in self.pairs)
        self._rarest = _rarest(self.pairs)

    def feed(self, data: bytes) -> bytes:
        """What is certain after this piece, masked."""
        if not self.pairs:
            return data
        data = self.held + data if self.held else data
        cut = self._cut(data)
        self.held = data[cut:]
        return self._replace(data[:cut] if self.held else data)

    def end(self) -> bytes:
        """What was held back, now that nothing more comes."""
        rest, self.held = self.held, b""
        return self._replace(rest)

    def text(self, text: str) -> str:
        """A whole text, masked at once; nothing is held back."""
        if not self.pairs:
            return text
        return self._replace(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def _replace(self, data: bytes) -> bytes:
        there = {byte for byte in frozenset(self._rarest) if byte in data}
        for (pattern, name), rarest in zip(self.pairs, self._rarest, strict=True) if there else ():
            if rarest in there and pattern in data:
                data = data.replace(pattern, name)
        return data

    def _cut(self, data: bytes) -> int:
        """Where what is certain ends: before all that may be the beginning of a secret, and within no secret: one may
        be the beginning of another."""
        cut, longest = len(data), min(len(self.pairs[0][0]) - 1, len(data))
        tail = data[len(data) - longest :]
        for at, byte in enumerate(tail):
            if byte in self._starts and any(len(p) > len(tail) - at and p.startswith(tail[at:]) for p, _ in self.pairs):
                cut = len(data) - len(tail) + at
                break
        moved = cut < len(data)
        while moved:
            moved = False
            for pattern, _ in self.pairs:
                found = data.find(pattern, max(0, cut - len(pattern) + 1), cut + len(pattern) - 1)
                if found >= 0:
                    cut, moved = found, True
        return cut
