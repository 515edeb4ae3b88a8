"""Where a log shows the commands that ran: lines that begin with ``+ ``. Pure.

In Bitbucket's raw stream they begin with ``\\x1d+ ``, which is preferred where it is there; elsewhere lines of a diff,
a table or a failed assertion look the same."""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

_UNIT_ECHO, _PLAIN_ECHO = b"\x1d+ ", b"+ "
_COLOURED_ECHO = re.compile(rb"(?:(?<=\n)|\A)(?:\x1b\[0?m)+\+ (?=\S)")
_POWERSHELL = re.compile(rb"^At [^\n]*char:\d+\r?\n\Z", re.MULTILINE)
_HEAD_LINES = 60
_ALIKE = 0.6
_UNITTEST_DIFF = re.compile(
    rb"^(?:\w+\.)*AssertionError: [^\n]*\n(?:(?![-+?] |[-=]{70}\r?$|Traceback )[^\n]*\n){0,200}?"
    rb"(?=[-+?] )(?P<diff>(?:[-+?](?: [^\n]*)?\n| [ :] ?[^\n]*\n|\r?\n)+)\r?\n(?:[-=]{70}|Std(?:out|err):)\r?$",
    re.MULTILINE,
)  # difflib's lines, which go on to the end of the report of a failed test: the rule below it
_SIDES_DIFF = re.compile(
    rb"^(?:- (?:Expected|Snapshot)\b[^\n]*\n\+ Received|\+ Received[^\n]*\n- Expected|\+ actual - expected)\b[^\n]*\n"
    rb"(?P<diff>(?:[-+](?: [^\n]*)?\n|  (?! *at )[^\n]*\n|\.\.\.[^\n]*\n|\r?\n)+)"
    rb"(?: +at |(?:\x1b\[[\d;]*m)* \xe2\x9d\xaf )",
    re.MULTILINE,
)  # Vitest's, Bun's and Node's, from the line that names the two sides to the first frame
_HUNK = re.compile(rb"^@@ -\d+(?:,(?P<old>\d+))? \+\d+(?:,(?P<new>\d+))? @@[^\n]*\n", re.MULTILINE)


def echoes(log: bytes) -> list[tuple[int, int, bytes]]:
    """(begin of the line, begin of its output, command) of every echoed command, in their order."""
    mark = _UNIT_ECHO if _UNIT_ECHO in log else _PLAIN_ECHO
    heads: list[tuple[int, int, bytes]] = []
    diffs = [] if mark is _UNIT_ECHO else sorted(_diffs(log))
    wanted = mark if mark is _UNIT_ECHO else b"\n" + mark
    at = 0 if log.startswith(mark) else log.find(wanted)
    while at >= 0:
        begin = at if mark is _UNIT_ECHO or not log.startswith(b"\n", at) else at + 1
        end = _head_end(log, begin)
        raw = log[begin + len(mark) : end].rstrip(b"\n")
        if not raw.strip(b"~\r"):  # PowerShell underlines the line that failed, and shows it in the line before
            if heads and heads[-1][1] == begin and _POWERSHELL.search(log, max(0, heads[-1][0] - 400), heads[-1][0]):
                heads.pop()
        elif mark is _UNIT_ECHO or not (_within(diffs, begin) or _is_of_a_diff(log, begin, raw)):
            heads.append((begin, end, raw))
        at = log.find(wanted, end - 1)
    return sorted(heads + _coloured_heads(log)) if mark is _PLAIN_ECHO and b"m+ " in log else heads


def _coloured_heads(log: bytes) -> list[tuple[int, int, bytes]]:
    """The commands behind the colour codes with which a program's output ended, without a line's end of its own."""
    found = _COLOURED_ECHO.finditer(log)
    return [(one.start(), _head_end(log, one.start()), log[one.end() : _head_end(log, one.start())].rstrip(b"\n"))
            for one in found]  # fmt: skip


def _diffs(log: bytes) -> Iterator[tuple[int, int]]:
    """(begin, end) of each diff whose first and last line can be told: a failed test's, a patch's hunk."""
    for shape in (_UNITTEST_DIFF, _SIDES_DIFF):
        yield from (one.span("diff") for one in shape.finditer(log))
    for hunk in _HUNK.finditer(log):
        yield hunk.end(), _hunk_end(log, hunk.end(), int(hunk["old"] or 1), int(hunk["new"] or 1))


def _hunk_end(log: bytes, begin: int, old: int, new: int) -> int:
    """Behind the lines that the hunk's head has counted, or before the first one that cannot be one of them."""
    end = begin
    while (old > 0 or new > 0) and log[end : end + 1] in (b" ", b"-", b"+", b"\\"):
        sign = log[end : end + 1]
        old -= sign in b" -"
        new -= sign in b" +"
        end = (log.find(b"\n", end) + 1) or len(log)
    return end


def _within(spans: Sequence[tuple[int, int]], at: int) -> bool:
    nearest = bisect(spans, (at + 1,)) - 1
    return nearest >= 0 and at < spans[nearest][1]


def _is_of_a_diff(log: bytes, begin: int, raw: bytes) -> bool:
    """Whether the line only looks like a command: "+  x = 1", what a failed assertion says behind "- Cup", a table."""
    if raw[:1].isspace() or raw.startswith((b"First Load JS", b"actual - expected")):  # Next.js's, Node's
        return True
    before = log[log.rfind(b"\n", 0, max(0, begin - 1)) + 1 : max(0, begin - 1)][:200]
    if not before.startswith((b"- ", b"? ")):
        return log.startswith(b"? ", _head_end(log, begin))  # difflib's, which marks where the two lines differ
    if before.startswith(b"- Expected") and raw.startswith(b"Received"):
        return True
    return before[:1] == b"?" or SequenceMatcher(None, before[2:].lower(), raw[:200].lower()).ratio() >= _ALIKE


def _head_end(log: bytes, begin: int) -> int:
    """Behind the echoed command, whose lines go on after a backslash (a pipe's ``docker container run``)."""
    end = begin
    for _ in range(_HEAD_LINES):
        newline = log.find(b"\n", end)
        end = len(log) if newline < 0 else newline + 1
        if newline < 0 or not log[begin:newline].rstrip(b"\r").endswith(b"\\"):
            break
    return end
