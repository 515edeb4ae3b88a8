"""Alarms of a log without an exit code that stopped nothing: echoed, harmless, forgiven, overcome. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelinelab.diagnosis.matching import Match
from pipelinelab.recording.alarm_words import CALM, DECISIVE, HARMLESS, IGNORED, WARNING
from pipelinelab.recording.command_shape import (
    SMALL_TOOL,
    expects_failure,
    has_another_way,
    lets_fail,
    only_shows,
    runs_a_script,
    says_success,
    stops_at,
)
from pipelinelab.recording.log_verdict import alarmed, past_diff, went_on

_WAITS = re.compile(r"(?:^|[;&|\s])(?:until|while !?) ")
_TRIES_AGAIN = re.compile(
    rb"(?<!- )\b[Rr]etrying\b|\b[Ww]ill (?:be )?(?:retr(?:y|ied)|try again)\b"
    rb"|\b[Rr]etry(?: attempt)?(?: in)? ?[#(:]?\d|\b[Rr]etry attempt"
    rb"|\b[Aa]ttempt #?\d+\b|(?<!fork)[(:,;] ?retry\b"
)
_ANSWER = re.compile(r"\|\| *\(?(?:echo|printf) +[\"']?([^\"'\n;|&$\\)]{6,})")
_ECHOED = re.compile(
    rb"[ \t]*>?[ \t]*\d+ *\| "  # the source around an error
    rb"|[ \t]*(?:=> (?:CACHED )?\[|#\d+ \[|Step \d+/\d+ :|---> Running )"  # a build's steps
    rb"|HEAD is now at |[0-9a-f]{7,40} |ok \d+ |[ \t]*(?:\xe2\x9c\x93|\xe2\x9c\x94) "  # commits, passed tests
)
_CLIENT = re.compile(rb"\[(?:io)?redis\] |\[(?:amqp\w*|mongo\w*|mysql\d?|pg|kafka\w*|bull\w*|cache|queue)\] ")
_NPM_TITLE = re.compile(rb"> (?:@?[\w./-]+@\d\S* )?[\w:.-]+$")
_DASHES = re.compile(rb"^--------------$", re.MULTILINE)
_GOES_ON = re.compile(
    rb"\s*(?:\W*\w+\W )?(?i:proceed|continu|skipping|falling back|ignoring|using [^\n]* instead|using \S+$)",
    re.MULTILINE,
)
_AFTERMATH = re.compile(
    rb"(?i:^[^\n]*\b(?:clean|roll|shut|stop|tear|remov|delet|abort|exit|fail|finish|end|restor|notif|send|terminat|kill)[^\n]*$)",
    re.MULTILINE,
)  # what a script may say of itself when it ends, whatever ended it
_GIVES_UP = re.compile(r"\bexit +[1-9]")
_HELPED = re.compile(rb"\b(?:ok|OK|succeeded|successful|passed|ready)\b")
_GAVE_UP = re.compile(rb"[Tt]ime(?:d )?out|[Gg]iving up|[Gg]ave up")
_REACH = 64 * 1024


@dataclass(frozen=True)
class _Alarm:
    """The line in which a rule's match begins, what was printed before it and after the match (``rest`` begins right
    behind its last line, ``end`` ends with the output), and the words that matched."""

    line: bytes
    before: bytes
    rest: bytes
    end: bytes
    words: str
    command: str


def survived(match: Match, data: bytes, command: str) -> bool:
    """Whether the command went on after what was matched, or the words mean no harm where they stand."""
    alarm = _alarm(match, data, command)
    if DECISIVE.search(alarm.line):
        return False
    return (
        expects_failure(alarm.command)
        or _only_told(alarm)
        or _goes_on(alarm)
        or _stepped_over(alarm)
        or _logged_by_client(alarm)
        or _answered(alarm)
        or went_on(past_diff(alarm.line, alarm.end))
        or (runs_a_script(alarm.command) and went_on(_AFTERMATH.sub(_if_alarm, alarm.end), enough=1))
        or _let_pass(alarm)
        or _ignored(alarm)
        or _tried_again(alarm)
        or says_success(alarm.command, alarm.end.rstrip().rpartition(b"\n")[2])
    )


def harmless(match: Match, data: bytes, command: str) -> bool:
    """Whether the words mean no harm where they stand, however the command ended: chatter, a title, a log it shows."""
    return _no_alarm(_alarm(match, data, command))


def _alarm(match: Match, data: bytes, command: str) -> _Alarm:
    begin, first = data.rfind(b"\n", 0, match.at) + 1, _line_end(data, match.at)
    end = first
    for _ in range(match.line_text.count("\n")):
        end = _line_end(data, end + 1)
    return _Alarm(
        line=data[begin:first],
        before=data[max(0, begin - 2000) : begin],
        rest=data[end : end + _REACH],
        end=data[max(end, len(data) - _REACH) :],
        words=match.line_text,
        command=command,
    )


def _line_end(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    return len(data) if end < 0 else end


def _no_alarm(alarm: _Alarm) -> bool:
    return (
        _ECHOED.match(alarm.line) is not None
        or HARMLESS.search(alarm.line) is not None
        or only_shows(alarm.command, alarm.line)
        or not stops_at(alarm.command, alarm.line)
        or _echoed_by_npm(alarm)
        or _echoed_by_mysql(alarm)
    )


def _echoed_by_npm(alarm: _Alarm) -> bool:
    """The script that npm shows, right below the package's name, before it runs it."""
    before = alarm.before.rstrip(b"\n").rpartition(b"\n")[2]
    return alarm.line.startswith(b"> ") and _NPM_TITLE.match(before) is not None


def _echoed_by_mysql(alarm: _Alarm) -> bool:
    """Within a statement that ``mysql -v`` shows, between two lines of dashes, before it sends it."""
    opened = len(_DASHES.findall(alarm.before)) % 2 == 1
    return opened and _DASHES.search(alarm.rest) is not None and not alarm.line.startswith(b"ERROR ")


def _only_told(alarm: _Alarm) -> bool:
    """Words that the command itself holds, a title, a line that says that it is none of the bad kind."""
    if alarm.words and alarm.words in alarm.command and not _GIVES_UP.search(alarm.command):
        return True
    if _no_alarm(alarm):
        return True
    if alarmed(alarm.line) or alarmed(alarm.rest):
        return False
    others = (line for line in alarm.rest.split(b"\n") if line.strip() and not WARNING.search(line))
    return bool(CALM.match(alarm.line)) or (bool(WARNING.search(alarm.line)) and any(others))


def _if_alarm(line: re.Match[bytes]) -> bytes:
    return line[0] if alarmed(line[0]) else b""


def _goes_on(alarm: _Alarm) -> bool:
    """Whether the next line says so, and no other alarm follows."""
    return _GOES_ON.match(alarm.rest) is not None and not alarmed(alarm.rest)


def _logged_by_client(alarm: _Alarm) -> bool:
    """A client's own log line of a connection that it makes again by itself, after which the program said more."""
    return _CLIENT.match(alarm.line) is not None and bool(alarm.rest.strip()) and not alarmed(alarm.rest)


def _stepped_over(alarm: _Alarm) -> bool:
    """A small tool's complaint within a larger command, which then said something else: no shell stopped there."""
    tool = SMALL_TOOL.match(alarm.line)
    if tool is None or alarm.command.startswith(tool["name"].decode()) or not alarm.command:
        return False
    return bool(alarm.rest.strip()) and not alarmed(alarm.rest)


def _answered(alarm: _Alarm) -> bool:
    """``a || b``: b was said or did its work, or nothing more was said."""
    last = (alarm.line + alarm.rest).rstrip().rpartition(b"\n")[2]
    if has_another_way(alarm.command, last) and (not alarm.rest.strip() or went_on(alarm.rest, enough=1)):
        return True
    answers = _ANSWER.findall(f"{alarm.command}\n{alarm.before.decode('utf-8', 'replace')}")
    return any(answer.strip().encode() in alarm.rest for answer in answers)


def _let_pass(alarm: _Alarm) -> bool:
    """The words of a program that the command lets fail, late ones: ``ssh web 'ls x || true; echo done'`` said done."""
    command = alarm.command.rstrip("'\" ")
    said = any(says_success(command, line) for line in alarm.before.split(b"\n"))
    return said and lets_fail(alarm.command, alarm.line)


def _ignored(alarm: _Alarm) -> bool:
    """Within a failure that Ansible or make was told to ignore."""
    at = len(alarm.before)
    around = alarm.before + alarm.line + alarm.rest[:2000]
    return any(found.start() <= at < found.end() for found in IGNORED.finditer(around))


def _tried_again(alarm: _Alarm) -> bool:
    """A wait or a retry, after which all sounds well."""
    rest = alarm.rest
    if not _WAITS.search(alarm.command):
        again = _TRIES_AGAIN.search(alarm.line + alarm.rest[:200])
        if again is None:
            return False
        rest = (alarm.line + alarm.rest)[max(again.end(), len(alarm.line)) :]
    last = rest.rstrip().rpartition(b"\n")[2]
    others = b"\n".join(line for line in rest.split(b"\n") if not _TRIES_AGAIN.search(line))
    once_more = _TRIES_AGAIN.search(last) and not _HELPED.search(last)
    return bool(last.strip()) and not alarmed(others) and not once_more and not _GAVE_UP.search(last)
