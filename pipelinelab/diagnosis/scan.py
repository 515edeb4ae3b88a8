"""Finding hundreds of plain strings in one pass over a log. Pure.

Small texts are asked for the strings of which the first four bytes are there, large ones by ``large_scan``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

KEEP = 24  # first and last hits kept for each string
_SMALL = 200_000
_START = 4


@dataclass(frozen=True)
class Words:
    """Strings to be found, of four bytes or more: ``all`` of them, sorted, and ``by_start``, by their first four."""

    all: tuple[bytes, ...]
    by_start: Mapping[bytes, tuple[bytes, ...]]

    @classmethod
    def of(cls, words: Iterable[bytes]) -> Words:
        """These strings, each once."""
        known = tuple(sorted(set(words)))
        return cls(known, {start: tuple(some) for start, some in groupby(known, lambda word: word[:_START])})


def hits(text: bytes, words: Words) -> dict[bytes, list[int]]:
    """Where each string occurs: rising byte offsets, at most the first and the last ``KEEP``; absent ones are left
    out."""
    if len(text) < _SMALL:
        starts = {text[at : at + _START] for at in range(len(text) - _START + 1)}
        likely = (word for start in words.by_start.keys() & starts for word in words.by_start[start])
        found = {word: _places(text, word) for word in likely if word in text}
    else:
        from pipelinelab.diagnosis.large_scan import hashed

        found = {
            word: _places(text, word) if places is None else _ends(places)
            for word, places in hashed(text, words.all).items()
        }
    return {word: places for word, places in found.items() if places}


def _ends(places: list[int]) -> list[int]:
    return places if len(places) <= 2 * KEEP else places[:KEEP] + places[-KEEP:]


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
