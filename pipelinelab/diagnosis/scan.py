"""Finding hundreds of plain strings in one pass over a large log. Pure.

Small texts are asked string by string. Large ones are hashed, four bytes at a time, against a table of one
four-byte piece a string; only where the table has an entry is the string itself compared. Time grows with the text, not
with the number of rules, and memory is a few chunks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

KEEP = 24  # first and last hits kept for each string
_SMALL = 200_000
_CHUNK = 1 << 21
_BITS = 20
_FREQUENT = 4000
_COMMON = b" etaoinsrlducmpfgh.-/by_:vwk0123456789"  # the most frequent bytes of logs, in their order
_RARITY = [_COMMON.index(byte) if byte in _COMMON else len(_COMMON) for byte in range(256)]
_BORDERS = frozenset(b" !\"#$%&'()*+,-./:[`")


def hits(text: bytes, words: Iterable[bytes]) -> dict[bytes, list[int]]:
    """Where each string occurs: rising byte offsets, at most the first and the last ``KEEP``; absent ones are left out.

    Strings must have four bytes or more."""
    wanted = sorted(set(words))
    if len(text) < _SMALL:
        found = {word: _places(text, word) for word in wanted if word in text}
    else:
        found = _hashed(text, wanted)
    return {word: places for word, places in found.items() if places}


def _places(text: bytes, word: bytes) -> list[int]:
    first: list[int] = []
    at = text.find(word)
    while at >= 0 and len(first) < KEEP:
        first.append(at)
        at = text.find(word, at + 1)
    if at < 0:
        return first
    last: list[int] = []
    end = len(text)
    while len(last) < KEEP and (at := text.rfind(word, 0, end)) > first[-1]:
        last.append(at)
        end = at + len(word) - 1
    return first + last[::-1]


def _rarest(word: bytes) -> int:
    """Which four bytes of the string are likeliest to be rare in a log: rare bytes, and the border of two words."""

    def rarity(at: int) -> int:
        border = word[at + 1] in _BORDERS or word[at + 2] in _BORDERS
        return sum(_RARITY[byte] for byte in word[at : at + 4]) + (25 if border else 0)

    return max(range(len(word) - 3), key=rarity)


def _hashed(text: bytes, words: list[bytes]) -> dict[bytes, list[int]]:
    import numpy as np

    table = np.zeros(1 << _BITS, dtype=np.uint16)
    slots: dict[int, int] = {}
    groups: dict[int, list[tuple[bytes, int]]] = defaultdict(list)
    for word in words:
        at = _rarest(word)
        number = int.from_bytes(word[at : at + 4], "little")
        slot = (number * 0x9E3779B1 & 0xFFFFFFFF) >> (32 - _BITS)
        entry = slots.setdefault(slot, len(slots) + 1)
        table[slot] = entry
        groups[entry].append((word, at))
    places: dict[int, list[int]] = defaultdict(list)
    crowded: set[int] = set()
    whole = np.frombuffer(text, dtype=np.uint8)
    for begin in range(0, len(text), _CHUNK):
        part = whole[begin : begin + _CHUNK + 3].astype(np.uint32)
        if len(part) < 4:
            break
        quads = part[:-3] | part[1:-2] << 8 | part[2:-1] << 16 | part[3:] << 24
        entries = table[(quads * np.uint32(0x9E3779B1)) >> np.uint32(32 - _BITS)]
        where = np.flatnonzero(entries)
        if len(where) > _CHUNK // 16:  # something frequent: leave it to plain search
            for entry in np.flatnonzero(np.bincount(entries) > _FREQUENT)[1:]:
                crowded.add(int(entry))
                table[table == entry] = 0
                entries[entries == entry] = 0
            where = np.flatnonzero(entries)
        for entry, at in zip(entries[where].tolist(), where.tolist(), strict=True):
            places[entry].append(begin + at)
        for entry in [entry for entry, seen in places.items() if len(seen) > _FREQUENT]:
            crowded.add(entry)
            table[table == entry] = 0
            places[entry] = []
    found: dict[bytes, list[int]] = {}
    for entry, members in groups.items():
        for word, shift in members:
            if entry in crowded:
                found[word] = _places(text, word)
            else:
                hit = [at - shift for at in places[entry] if at >= shift and text.startswith(word, at - shift)]
                found[word] = hit if len(hit) <= 2 * KEEP else hit[:KEEP] + hit[-KEEP:]
    return found
