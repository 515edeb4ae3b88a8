"""Replace secured values by ``$NAME`` in bytes that come in pieces, however the pieces are cut. Pure.

What of a value is looked for is told in ``forms``, what it is looked for in, in ``layers``: the bytes as they came, and
all that comes of taking colours and quoting out of them. A colour within a value stays, behind its name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pipelinelab.masking.forms import patterns, too_short
from pipelinelab.masking.index import Index, Pairs, index
from pipelinelab.masking.layers import CONTEXT, layers
from pipelinelab.recording.log_text import ANSI

__all__ = ["Masker", "patterns", "too_short"]

Span = tuple[int, int, bytes]


@dataclass(slots=True)
class Masker:
    """Feed it bytes; it gives masked bytes, holding back only an end that may be the beginning of a secret."""

    pairs: Pairs = ()
    held: bytes = b""
    _before: bytes = field(default=b"", init=False)
    _forms: Index = field(init=False)

    def __post_init__(self) -> None:
        self._forms = index(self.pairs)

    def feed(self, data: bytes) -> bytes:
        """What is certain after this piece, masked."""
        return self._given(data, last=False) if self.pairs else data

    def end(self) -> bytes:
        """What was held back, now that nothing more comes."""
        rest = self._given(b"", last=True) if self.held else b""
        self._before = b""
        return rest

    def text(self, text: str) -> str:
        """A whole text, masked at once; nothing is held back."""
        if not self.pairs:
            return text
        data = text.encode("utf-8", "surrogateescape")
        return Masker(self.pairs)._given(data, last=True).decode("utf-8", "surrogateescape")

    def _given(self, data: bytes, last: bool) -> bytes:
        begin = len(self._before)
        data = self._before + self.held + data
        spans, end = _search(self._forms, data, last)
        self._before, self.held = data[max(0, end - CONTEXT) : end], data[end:]
        return _replaced(data, spans, begin, end)


def _search(forms: Index, data: bytes, last: bool) -> tuple[list[Span], int]:
    """Where secrets stand, and where what is certain ends: before all that may be the beginning of one, and within
    none, for one may be the beginning of another."""
    found: list[Span] = []
    end = len(data)
    for layer, reach in layers(data, lambda text: forms.worth(text, last), last):
        found += [(*layer.raw(at, at + len(form)), name) for at, form, name in forms.found(layer.text)]
        at = len(layer.text) if last else forms.beginning(layer.text)
        end = min(end, reach, layer.raw(at, at + 1)[0] if at < len(layer.text) else end)
    spans = _united(found)
    end = next((begin for begin, over, _ in spans if begin < end < over), end)
    return spans, max(end, len(data) - forms.most)


def _united(spans: Iterable[Span]) -> list[Span]:
    """Those that overlap as one, with the name of the longest: nothing of any secret is left beside another."""
    united: list[Span] = []
    longest = 0
    for begin, end, name in sorted(spans, key=lambda span: (span[0], -span[1], span[2])):
        if not united or begin >= united[-1][1]:
            united.append((begin, end, name))
            longest = end - begin
            continue
        first, over, old = united[-1]
        united[-1] = (first, max(over, end), name if end - begin > longest else old)
        longest = max(longest, end - begin)
    return united


def _replaced(data: bytes, spans: Iterable[Span], begin: int, end: int) -> bytes:
    """``data`` from ``begin`` to ``end`` with names in place of what stands at the spans."""
    pieces: list[bytes] = []
    for first, over, name in spans:
        if begin < over <= end:
            pieces += data[begin : max(begin, first)], name, *ANSI.findall(data[first:over])
            begin = over
    return b"".join((*pieces, data[begin:end])) if pieces else data[begin:end]
