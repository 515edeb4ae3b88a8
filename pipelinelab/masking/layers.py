"""A text with its quoting taken away, layer by layer: colours, wrapped base64, escapes, percent signs, entities. Pure.

JSON, URLs, HTML, shells and Python write one sign in many ways, and quote what is quoted already: ``"`` is ``\\"``,
``\\\\\\"``, ``\\u0022``, ``%22``, ``&#34;`` … Nobody can list all the forms of a text, but each can be read back. So
what is looked for stays short, and what it is looked for in is read back; every layer knows where its bytes stand in
the text as it came.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape
from itertools import accumulate
from typing import NamedTuple

from pipelinelab.recording.log_text import ANSI

CONTEXT = 40
"""How many bytes before a text tell whether its first line break is one within base64: a line that ends in so many
signs of base64 (it is wrapped at 60, 64 or 76) is no ordinary line."""
_LONGEST = 4200  # a link that a terminal is given is the longest of all that is quoted
_DEPTH = 4  # JSON in JSON in a URL, and one more
_LINE = rb"[A-Za-z0-9+/_-]{%d}" % CONTEXT
_UTF16 = rb"u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}"


class Kind(NamedTuple):
    """A kind of quoting: the bytes that are looked for first, which is many times faster; all that is read back; what
    at the end of a piece may be the beginning of it; and whether it stands for nothing, or for what ``_plain`` says."""

    sign: bytes
    pattern: re.Pattern[bytes]
    beginning: re.Pattern[bytes]
    nothing: bool = False

    def there(self, text: bytes) -> bool:
        """Whether it may be in a text."""
        return self.sign[0] in text and self.sign in text  # a single byte is found faster by far

    def closed(self, text: bytes) -> int:
        """Where at the end of a text one stands that is not complete yet; the length of the text if none does."""
        window = max(0, len(text) - _LONGEST)
        found = self.beginning.search(text, window) if text.find(self.sign[0], window) >= 0 else None
        return found.start() if found else len(text)


def _kind(sign: bytes, pattern: bytes, beginning: bytes) -> Kind:
    return Kind(sign, re.compile(pattern), re.compile(rb"(?:%b)\Z" % beginning))


def _break(end: bytes, beginning: bytes) -> Kind:
    sign = re.escape(end)
    return _kind(end, rb"%b(?<=%b%b)[ \t]*" % (sign, _LINE, sign), beginning)._replace(nothing=True)


_SHELL = _kind(b"'", rb"'(?:\\''|\"'\"')", rb"'(?:\\'?|\"(?:'\"?)?)?")
_BREAKS = (
    Kind(b"\x1b", ANSI, re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b\n]{0,4096}\x1b?|[()])?\Z"), nothing=True),
    _break(b"\r\n", rb"\r"),
    _break(b"\n", rb"(?!)"),
    _break(rb"\r\n", rb"\\(?:r\\?)?"),
    _break(rb"\n", rb"\\"),
)
# Those first that leave others in themselves as they are: HTML no backslash, a shell no more than its own.
_QUOTING = (
    _kind(b"%", rb"%[0-9a-fA-F]{2}", rb"%[0-9a-fA-F]?"),
    _kind(b"&", rb"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});", rb"&[#0-9A-Za-z]{0,9}"),
    _SHELL,
    _SHELL,
    _kind(
        b"\\", rb"\\(?:" + _UTF16 + rb"|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[0-3][0-7]{2}|[\s\S]|\Z)",
        rb"(?<!\\)\\+(?:u(?:[0-9a-fA-F]{0,3}|[dD][89abAB][0-9a-fA-F]{2}(?:\\+(?:u[0-9a-fA-F]{0,3})?)?)|U[0-9a-fA-F]{0,7}"
        rb"|x[0-9a-fA-F]?|[0-3][0-7]?)?",
    ),
)  # fmt: skip
_LETTERS = dict(zip(b"ntrbfvaeE", b"\n\t\r\b\f\v\a\x1b\x1b", strict=True))


@dataclass(frozen=True)
class Layer:
    """A text, and how it comes from the one below it: from ``begin`` on, with all quoting of one kind taken for what it
    stands for."""

    text: bytes
    below: Layer | None = None
    begin: int = 0
    quoting: Kind | None = None

    def raw(self, begin: int, end: int) -> tuple[int, int]:
        """Where in the text as it came that stands which is at ``begin`` to ``end`` (not empty) here, without what was
        taken out before and after it."""
        if self.below is None:
            return begin, end
        return self.below.raw(self._source(begin)[0], self._source(end - 1)[1])

    def part(self, begin: int, end: int) -> Layer:
        """A part of the text, as a layer of its own."""
        return self if (begin, end) == (0, len(self.text)) else Layer(self.text[begin:end], self, begin)

    def _source(self, at: int) -> tuple[int, int]:
        spans, begins, ends = self._changes
        number = bisect_right(ends, at)
        if number < len(ends) and begins[number] <= at:
            return spans[number]
        source = at + (spans[number - 1][1] - ends[number - 1] if number else self.begin)
        return source, source + 1

    @cached_property
    def _changes(self) -> tuple[list[tuple[int, int]], list[int], list[int]]:
        """From where to where below each change is, where it begins here, and where it ends."""
        if self.below is None or self.quoting is None:
            return [], [], []
        text = self.below.text
        spans = [match.span() for match in self.quoting.pattern.finditer(text)]
        sizes = [0 if self.quoting.nothing else len(_plain(text[begin:end])) for begin, end in spans]
        shorter = accumulate((end - begin - size for (begin, end), size in zip(spans, sizes, strict=True)))
        ends = [end - less for (_, end), less in zip(spans, shorter, strict=True)]
        return spans, [end - size for end, size in zip(ends, sizes, strict=True)], ends


def layers(text: bytes, worth: Callable[[bytes], int] = lambda _: 0, last: bool = True) -> Iterator[tuple[Layer, int]]:
    """The text itself and each text that comes of reading it back, with the place in the text as it came up to which
    it tells: where more follows (``last`` is False), the beginning of something quoted can not be read yet.

    ``worth`` says from where on a text, its colours and breaks taken out, is worth reading: that is what costs time."""
    top, reach = Layer(text), len(text)
    yield top, reach
    for depth in range(_DEPTH):
        bottom = top
        for kind in (*_BREAKS, *_QUOTING):
            if kind is _QUOTING[0] and depth == 0 and any(one.there(top.text) for one in _QUOTING):
                top = top.part(worth(top.text), len(top.text))
            end = len(top.text) if last else kind.closed(top.text)
            if end < len(top.text):
                reach = min(reach, top.raw(end, end + 1)[0])
                top = top.part(0, end)
                yield top, reach
            if kind.there(top.text):
                plain = kind.pattern.sub(b"" if kind.nothing else _meant, top.text)
                if plain != top.text:  # each kind by itself: where no other is, the text is found again to the byte
                    top = Layer(plain, top, 0, kind)
                    yield top, reach
        if top is bottom:
            return


def _meant(match: re.Match[bytes]) -> bytes:
    return _plain(match[0])


@lru_cache(maxsize=4096)
def _plain(quoted: bytes) -> bytes:
    """What something quoted stands for."""
    match quoted[:1]:
        case b"'":
            return b"'"
        case b"%":
            return bytes.fromhex(quoted[1:].decode())
        case b"&":
            return unescape(quoted.decode()).encode("utf-8", "surrogatepass")
        case _:
            return _unescaped(quoted)


def _unescaped(quoted: bytes) -> bytes:
    if len(quoted) < 3:
        return bytes(_LETTERS.get(byte, byte) for byte in quoted[1:])
    try:
        text = quoted.decode("unicode_escape")
    except UnicodeDecodeError:  # \U and a number beyond Unicode
        return quoted
    if quoted[1:2] not in b"uU":
        return text.encode("latin-1")
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass").encode("utf-8", "surrogatepass")
