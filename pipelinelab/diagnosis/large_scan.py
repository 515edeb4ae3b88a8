"""Finding hundreds of plain strings in one pass over a large text. Pure; needs numpy.

The text is hashed, four bytes at a time, against a table of one four-byte piece a string, the one that a sample of the
text has least; only where the table has an entry is the string itself compared. Time grows with the text, not with the
number of strings, and memory is a few chunks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 21
_BITS = 20
_FREQUENT = 4000
_COMMON = b" etaoinsrlducmpfgh.-/by_:vwk0123456789"  # the most frequent bytes of logs, in their order
_RARITY = np.array([_COMMON.index(byte) if byte in _COMMON else len(_COMMON) for byte in range(256)])
_BORDERS = np.isin(np.arange(256), list(b" !\"#$%&'()*+,-./:[`"))
_SAMPLE, _SAMPLES = 1 << 17, 8


def _slots(text: NDArray[np.uint8]) -> NDArray[np.intp]:
    """The table's slot of every four bytes that follow each other: read as numbers from each of the first four on."""
    slots = np.empty(max(0, len(text) - 3), dtype=np.intp)
    for first in range(min(4, len(slots))):
        quads = text[first : first + (len(text) - first) // 4 * 4].view("<u4")
        slots[first::4] = (quads * np.uint32(0x9E3779B1)) >> np.uint32(32 - _BITS)
    return slots


def _pieces(text: NDArray[np.uint8], words: Sequence[bytes]) -> list[tuple[int, int]]:
    """(place in the word, slot) of each word's four bytes that are the rarest in a sample of the text; among equals,
    of rare bytes, and at the border of two words."""
    starts = np.linspace(0, max(0, len(text) - _SAMPLE), _SAMPLES).astype(int)
    sampled = [_slots(text[start : start + _SAMPLE]) for start in starts]
    seen = np.bincount(np.concatenate(sampled), minlength=1 << _BITS)
    joined = np.frombuffer(b"".join(words), dtype=np.uint8)
    slots, rarity, border = _slots(joined), _RARITY[joined], _BORDERS[joined]
    rare = rarity[:-3] + rarity[1:-2] + rarity[2:-1] + rarity[3:] + 25 * (border[1:-2] | border[2:-1])
    pieces: list[tuple[int, int]] = []
    begin = 0
    for word in words:
        end = begin + len(word) - 3
        at = begin + int(np.argmin(seen[slots[begin:end]] * 1000 - rare[begin:end]))
        pieces.append((at - begin, int(slots[at])))
        begin += len(word)
    return pieces


def hashed(text: bytes, words: Sequence[bytes]) -> dict[bytes, list[int] | None]:
    """Where each string occurs, or None for one whose pieces are too frequent to tell: search that one by itself."""
    whole = np.frombuffer(text, dtype=np.uint8)
    table = np.zeros(1 << _BITS, dtype=np.uint16)
    slots: dict[int, int] = {}
    groups: dict[int, list[tuple[bytes, int]]] = defaultdict(list)
    for word, (at, slot) in zip(words, _pieces(whole, words), strict=True):
        entry = slots.setdefault(slot, len(slots) + 1)
        table[slot] = entry
        groups[entry].append((word, at))
    places: dict[int, list[int]] = defaultdict(list)
    crowded: set[int] = set()
    for begin in range(0, len(text), CHUNK):
        part = whole[begin : begin + CHUNK + 3]
        if len(part) < 4:
            break
        entries = table[_slots(part)]
        where = np.flatnonzero(entries)
        if len(where) > CHUNK // 16:  # something frequent: leave it to plain search
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
    found: dict[bytes, list[int] | None] = {}
    for entry, members in groups.items():
        for word, shift in members:
            begins = [at - shift for at in places[entry] if at >= shift and text.startswith(word, at - shift)]
            found[word] = None if entry in crowded else begins
    return found
