"""The forms of secrets, arranged for a quick no: nearly all output holds none. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

Pairs = tuple[tuple[bytes, bytes], ...]
Ranked = tuple[tuple[bytes, bytes, int], ...]
# Bytes of ordinary output, the commonest first. What lacks a form's rarest byte lacks the form, and looking for a byte
# is many times faster than looking for a form.
_COMMON = b" etaoinsr\n01lhdcu23456789mpfg.:/-_,=ywbvk'\"()[]SETARIN"
# So is looking for a long run of letters and digits of any kind: seldom in output, ever in keys and their base64.
_KINDS = bytes(ord("x") if chr(byte).isalnum() and byte < 128 else ord(" ") for byte in range(256))
_RUN = b"x" * 20
_CORES = re.compile(rb"[A-Za-z0-9]{3,40}")
_HEAD = 4
_WIDEST = 12  # signs that one byte is written with at most, quoted twice


@dataclass(frozen=True)
class Index:
    """The forms and, by what they are found with: all their rarest bytes; (form, name, rarest byte) of those without
    and with a long run; forms by their first one to four bytes; those of several lines; cores without and with a
    long run."""

    rare: frozenset[int]
    plain: Ranked
    running: Ranked
    heads: dict[bytes, list[bytes]]
    tall: tuple[bytes, ...]
    cores: tuple[bytes, ...]
    running_cores: tuple[bytes, ...]
    longest: int
    reach: int

    @property
    def most(self) -> int:
        """More bytes than the beginning of a secret comes with, if nobody writes colours for their own sake."""
        return (1 << 16) + _WIDEST * self.longest

    def found(self, text: bytes) -> Iterator[tuple[int, bytes, bytes]]:
        """(place, form, name) of each form in a text, also of those that overlap."""
        there = {byte for byte in self.rare if byte in text}
        for forms in (self.plain, self.running if there and self.running and _runs(text) else ()) if there else ():
            for form, name, rarest in forms:
                if rarest in there:
                    at = text.find(form)
                    while at >= 0:
                        yield at, form, name
                        at = text.find(form, at + 1)

    def worth(self, text: bytes, last: bool) -> int:
        """From where on a text is worth reading back: nobody quotes letters and digits, so a text without the core of
        any form holds none, and at its end no more than the beginning of one, up to its core."""
        if any(core in text for core in self.cores):
            return 0
        if self.running_cores and _runs(text) and any(core in text for core in self.running_cores):
            return 0
        return len(text) if last else max(0, len(text) - self.reach)

    def beginning(self, text: bytes) -> int:
        """Where the beginning of a form stands at the end of a text; the length of the text if none does."""
        size = first = len(text)
        for form in self.tall:  # from before the last line on
            line = form[: form.index(b"\n") + 1]
            at = text.find(line, max(0, size - len(form) + 1))
            while 0 <= at < first:
                first = at if form.startswith(text[at:]) else first
                at = text.find(line, at + 1)
        for at in range(max(0, text.rfind(b"\n") + 1, size - self.longest + 1), first):
            for form in self.heads.get(text[at : at + _HEAD], ()):
                if len(form) > size - at and form.startswith(text[at:]):
                    return at
        return first


@lru_cache(maxsize=16)
def index(pairs: Pairs) -> Index:
    """The index of (form, name) pairs."""
    ranked = [(form, name, max(form, key=lambda byte: _COMMON.find(byte) % 256)) for form, name in pairs]
    heads: dict[bytes, list[bytes]] = {}
    for form, _ in pairs:
        for size in range(1, _HEAD + 1):
            heads.setdefault(form[:size], []).append(form)
    cores = {form: _core(form) for form, _ in pairs}
    return Index(
        rare=frozenset(rarest for _, _, rarest in ranked),
        plain=tuple(one for one in ranked if not _runs(one[0])),
        running=tuple(one for one in ranked if _runs(one[0])),
        heads=heads,
        tall=tuple(form for form, _ in pairs if b"\n" in form),
        cores=tuple({core for core in cores.values() if not _runs(core)}),
        running_cores=tuple({core for core in cores.values() if _runs(core)}),
        longest=max((len(form) for form, _ in pairs), default=0),
        reach=_WIDEST * max((form.find(core) + len(core) for form, core in cores.items()), default=0),
    )


def _runs(text: bytes) -> bool:
    return _RUN in text.translate(_KINDS)


def _core(form: bytes) -> bytes:
    """The first long run of letters and digits, or the longest; where all are short nothing, which every text holds."""
    found = _CORES.findall(form)
    return next((core for core in found if len(core) >= len(_RUN)), max(found, key=len, default=b""))
