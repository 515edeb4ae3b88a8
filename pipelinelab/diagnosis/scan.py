"""Finding hundreds of plain strings in one pass over a log. Pure.

Small texts are asked string by string, large ones by ``large_scan``.
"""

from __future__ import annotations

from collections.abc import Iterable

KEEP = 24  # first and last hits kept for each string
_SMALL = 200_000


def hits(text: bytes, words: Iterable[bytes]) -> dict[bytes, list[int]]:
    """Where each string occurs: rising byte offsets, at most the first and the last ``KEEP``; absent ones are left out.

    Strings must have four bytes or more."""
    wanted = sorted(set(words))
    if len(text) < _SMALL:
        found = {word: _places(text, word) for word in wanted if word in text}
    else:
        from pipelinelab.diagnosis.large_scan import hashed

        found = {
            word: _places(text, word) if places is None else _ends(places)
            for word, places in hashed(text, wanted).items()
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
