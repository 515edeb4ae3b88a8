"""Bytes of a log made readable: encodings, colour codes, carriage returns. Pure."""

from __future__ import annotations

import re

ANSI = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\)|[()][0-9A-Za-z]|[@-Z\\^_=>])")
"""A terminal's colour or cursor code, or a title or link that it is given."""
_BARE_COLOUR = re.compile(
    rb"\[(?:\d{1,3}(?:;\d{1,3}){0,4}m(?=[\[\]A-Za-z/ \n:-])|m(?=[\[\]A-Z/ \n:-]))"
)  # "[min" is a word

_PREFIX = re.compile(
    rb"^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S{0,16} (?:\d\d[OE][ +] ?)?)?"
    rb"(?:#\d{1,4} \d+\.\d+ |[\w.-]{1,40}[_-]\d+ +\| |\[\d\d:\d\d:\d\d(?:[.,]\d{1,6})?\] )?",
    re.MULTILINE,
)
_PREFIXED = re.compile(
    rb"^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d|#\d{1,4} \d+\.\d+ |[\w.-]{1,40}[_-]\d+ +\| |\[\d\d:\d\d:\d\d)", re.MULTILINE
)

_QUOTES = tuple((sign.encode(), plain.encode()) for sign, plain in zip("‘’“”\xa0", "''\"\" ", strict=True))

_PIECE = 1 << 20


def to_utf8(data: bytes) -> tuple[bytes, str]:
    """The same text as UTF-8 bytes, and a note on what it was ("" for UTF-8 or ASCII).

    UTF-16 is told by its byte-order mark, or by zeros in every second byte of the first kilobytes."""
    for mark, name in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(name, "replace").encode("utf-8", "replace"), "the log was UTF-16"
    if data.startswith(b"\xef\xbb\xbf"):
        return data[3:], ""
    head = data[:4096]
    if len(head) > 8 and head.count(0) > len(head) // 3:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        for many, few, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
            if many > len(head) * 0.4 and few < len(head) * 0.05:
                return data.decode(name, "replace").encode("utf-8", "replace"), "the log was UTF-16 without a mark"
    if head.count(0):
        return data, "the log holds binary data"
    return data, ""


def strip_ansi(data: bytes) -> bytes:
    """Without terminal colour and cursor codes; the number of newlines stays as it was."""
    if b"\x1b" in data:
        data = _without(ANSI, data)
    if b"[0m" in data or b"[m" in data:  # a copy from a web page keeps "[31m" and loses the escape byte
        data = _without(_BARE_COLOUR, data)
    return data


def strip_prefixes(data: bytes) -> bytes:
    """Without what other programs put before the lines that they pass on: times, BuildKit's ``#10 0.442``, Compose's
    ``web_1  |``; the number of newlines stays as it was. Looks for them at both ends only."""
    if _PREFIXED.search(data, 0, _PIECE) or _PREFIXED.search(data, max(0, len(data) - _PIECE)):
        return _without(_PREFIX, data)
    return data


def to_ascii_quotes(data: bytes) -> bytes:
    """With plain quotes in place of typographic ones, which GNU programs print in UTF-8 and web pages put into copies,
    and plain blanks in place of those that do not break."""
    if data.isascii():
        return data
    for typographic, plain in _QUOTES:
        if typographic in data:
            data = data.replace(typographic, plain)
    return data


def _without(pattern: re.Pattern[bytes], data: bytes) -> bytes:
    """In pieces of whole lines where it can be, so that memory stays near the size of the log."""
    if len(data) <= _PIECE:
        return pattern.sub(b"", data)
    pieces: list[bytes] = []
    begin = 0
    while begin < len(data):
        end = data.rfind(b"\n", begin, begin + _PIECE) + 1 or min(len(data), begin + _PIECE)
        pieces.append(pattern.sub(b"", data[begin:end]))
        begin = end
    return b"".join(pieces)


def readable(data: bytes) -> str:
    """One stretch of output as text for people: no colours, a rewritten line shows its last state only."""
    text = strip_ansi(data).decode("utf-8", "replace").replace("\r\n", "\n")
    return "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))
