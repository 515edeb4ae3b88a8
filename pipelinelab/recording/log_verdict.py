"""Whether a log without an end marker tells of success: the last words decide. Pure.

A downloaded Bitbucket log carries no exit code, so "unknown" is an answer. Signs are lines that build tools print when
they are done (``success_words``, ``closing_line``); of the signs in the last part of the text, the later one counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelinelab.recording.alarm_words import (
    ALARM,
    BELONGS,
    CALM,
    DECISIVE,
    HARMLESS,
    IGNORED,
    LEAVES,
    WARNING,
)
from pipelinelab.recording.closing_line import closes_well
from pipelinelab.recording.success_words import SUCCESS

_TAIL = 256 * 1024
_LONG = re.compile(rb"([^\n]{2000})[^\n]+")
_LAST_WORDS = 30  # a success that is followed by more lines than this tells nothing about the end
_HANGS = re.compile(rb"^Jest did not exit one second after", re.MULTILINE)  # it may have been ended by force
_WENT_ON = 3  # so many lines of other things, with no alarm after them: the command was not stopped by what it said
_USAGE = re.compile(rb"^(?:usage|Usage|USAGE): ?", re.MULTILINE)  # what follows belongs to a command that was misused
_LOGGED_TRACE = re.compile(rb"(?:[\w$]+\.)+[\w$]*(?:Exception|Error)\b[^\n]*\n\s+at ")  # no thread named
_LATE = re.compile(
    rb"^(?:Traceback \(most recent call last\):|FAILED \(|\S+\.rb:\d+:in [`'][^\n]*\([\w:]+\)$"
    rb"|\S+: line \d+: [^\n]*: command not found$(?=(?:\n[^\n]*){0,4}\Z))",
    re.MULTILINE,
)  # ended Python or Ruby, whose standard output is written after it, or a script, whose trap speaks then
_BORNE = re.compile(
    rb"\b(?:ignor(?:ed|ing)|skipp(?:ed|ing)|f[ae]ll(?:ing|s)? ?back|continuing|proceeding"
    rb"|going on|carrying on|moving on|caught|not fatal|non-fatal"
    rb"|nothing to roll ?back|first (?:deploy|release|run)|keeping|rebuilding|cache miss|will not be"
    rb"|no (?:earlier|previous))\b",
    re.IGNORECASE,
)
_COUNTS = re.compile(
    rb"(?i:\b\d+ (?:ignored|skipped|caught)|(?:ignored|skipped)[:=]? *\d|errors ignored|^W: "
    rb"|\b(?:does|do|did|is|are|was) not\b)"
)
_RECORDERS = 3  # lines at the most that a recorder adds
_WIDTH = 400
_PROSE = 55  # a line as long as this may go on in the next
_WHOLE = re.compile(rb"(?:No such file or directory|(?i:not found|denied|refused|timed out))\s*$")  # but not this one
_TICKED = re.compile(rb"[^\n]{0,60}?\xe2\x9c[\x93\x94] (?!Ok )")  # Deployer says that of its task after a failure, too
_OF_DIFF = re.compile(
    rb"[ +\-@\\]|(?:index|diff|new file|deleted file|similarity|rename|old mode|new mode|Binary files) "
)
_REACH = 64 * 1024


@dataclass(frozen=True)
class Verdict:
    """``word`` is passed, failed or unknown. ``success_at`` is the byte where the last sign of success begins, -1
    where there is none: whatever alarmed before it was survived."""

    word: str
    success_at: int = -1


def verdict(text: bytes) -> Verdict:
    """What the end of this output tells, colours already taken off. Only the last 256 KiB are looked at."""
    start = max(0, len(text) - _TAIL)
    tail = text[start:].replace(b"\r\n", b"\n ").replace(b"\r", b"\n")
    if _LONG.search(tail):  # keeps the expressions linear; positions shrink, so the last success is only a lower bound
        tail = _LONG.sub(rb"\1", tail)
    tail = IGNORED.sub(b"", tail)
    if DECISIVE.search(tail):
        return Verdict("failed")
    success = -1
    success_end = 0
    for match in SUCCESS.finditer(tail):
        success, success_end = match.start(), match.end()
    begin, end = _last_line(tail)
    if closes_well(tail[begin:end]) and not alarmed(tail[begin:end]) and not _LATE.search(tail, success_end):
        success, success_end = max(success, begin), end
    failure = _first_failure(tail, success_end)
    at = start + success if success >= 0 else -1
    if failure > success:
        enough = 1 if _LOGGED_TRACE.match(tail, failure) else _WENT_ON
        return Verdict("unknown" if went_on(tail[failure:].partition(b"\n")[2], enough) else "failed", at)
    if success >= 0:
        after = [line for line in tail[success_end:].split(b"\n") if line.strip() and not line.startswith(b"# ")]
        told = len(after) <= _LAST_WORDS and not _HANGS.search(tail, success_end)
        return Verdict("passed" if told else "unknown", at)
    return Verdict("unknown", at)


def _last_line(tail: bytes) -> tuple[int, int]:
    """Where the last line begins and ends that is neither blank nor a recorder's."""
    end = len(tail.rstrip())
    begin = tail.rfind(b"\n", 0, end) + 1
    for _ in range(_RECORDERS):
        if begin and tail.startswith(b"# ", begin):
            end = len(tail[:begin].rstrip())
            begin = tail.rfind(b"\n", 0, end) + 1
    return begin, min(end, begin + _WIDTH)


def decided(text: bytes) -> bool:
    """Whether a line of this output, colours already taken off, says that it failed, whatever stands around it."""
    return DECISIVE.search(IGNORED.sub(b"", text)) is not None


def alarmed(text: bytes) -> bool:
    """Whether any line of this output, colours already taken off, sounds like a failure."""
    return _first_failure(text, 0) >= 0


def went_on(rest: bytes, enough: int = _WENT_ON) -> bool:
    """Whether a command went about other things after an alarm: ``rest`` is what it printed after it, colours off,
    and ``enough`` how many lines of them it takes.

    Lines that belong to an alarm (frames, hints, advice) are none of the other things."""
    told = _USAGE.split(rest[-_REACH:].replace(b"\r", b"\n"), maxsplit=1)[0]
    lines = [line for line in told.split(b"\n") if line.strip()]
    others = 0
    for before, line in zip([*lines[-2::-1], b""], lines[::-1], strict=False):
        if _first_failure(line, 0) >= 0:
            return False
        if CALM.match(line) and not line.startswith((b"info ", b"[INFO]   ")) and not LEAVES.search(line):
            return True
        if _TICKED.match(line) or _bears(line):
            return True
        wraps = len(before) >= _PROSE and line[:1].islower() and not _WHOLE.search(before)
        wrapped = wraps or before.rstrip().endswith(b",")
        others += not wrapped and not _belongs(line)
        if others == enough:
            return True
    return False


def _bears(line: bytes) -> bool:
    """Whether it says that the trouble before it was borne: no hint, no sum of a test run, no trouble of its own."""
    return bool(_BORNE.search(line)) and not (_COUNTS.search(line) or _belongs(line) or ALARM.search(line))


def _belongs(line: bytes) -> bool:
    """Whether the line goes on with what was said before it: a frame, a hint, an indented one."""
    return BELONGS.match(line[:_WIDTH].decode("utf-8", "replace")) is not None


def past_diff(line: bytes, rest: bytes) -> bytes:
    """``rest``, what came after ``line``; without the lines of the diff that ``line`` begins, where it begins one."""
    if not line.startswith((b"diff --git ", b"--- ")):
        return rest
    return b"\n".join(one for one in rest.split(b"\n") if not _OF_DIFF.match(one))


def _first_failure(tail: bytes, begin: int) -> int:
    for match in ALARM.finditer(tail, begin):
        line_begin = tail.rfind(b"\n", 0, match.start()) + 1
        line_end = tail.find(b"\n", match.start())
        line = tail[line_begin : min(line_begin + 400, line_end if line_end >= 0 else len(tail))]
        if not (WARNING.search(line) or HARMLESS.search(line) or (CALM.match(line) and b"FAIL" not in line)):
            return match.start()
    return -1
