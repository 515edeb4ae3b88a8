"""Alarms of a log without an exit code that were overcome by waiting or trying again, or only echoed. Pure."""

from __future__ import annotations

import re

from pipelinelab.diagnosis.matching import Match
from pipelinelab.recording.log_verdict import alarmed, went_on

_WAITS = re.compile(r"(?:^|[;&|\s])(?:until|while !?) ")
_TRIES_AGAIN = re.compile(rb"\b[Rr]etry(?:ing)?\b|\bwill try again\b")
_OTHERWISE = re.compile(r"\|\| *(?:echo|printf|mkdir|touch)\b[^;|&\n]*$")
_ECHOED = re.compile(rb"[ \t]*(?:=> (?:CACHED )?\[|#\d+ \[|Step \d+/\d+ :|---> Running )")  # a build's steps
_GAVE_UP = re.compile(rb"[Tt]ime(?:d )?out|[Gg]iving up|[Gg]ave up")
_REACH = 64 * 1024


def survived(match: Match, data: bytes, command: str) -> bool:
    """Whether the command went on after what was matched: it loops or tries again, and what it printed then sounds
    well; it has another way out (``||``) and said no more; or it merely echoed the matched words."""
    if match.line_text and match.line_text in command:
        return True
    line_end = data.find(b"\n", match.at)
    line_end = len(data) if line_end < 0 else line_end
    if _ECHOED.match(data, data.rfind(b"\n", 0, match.at) + 1):
        return True
    if _OTHERWISE.search(command) and not data[line_end:].strip():
        return True
    if went_on(data[line_end:]):
        return True
    begin = match.at
    if not _WAITS.search(command):
        again = _TRIES_AGAIN.search(data, data.rfind(b"\n", 0, match.at) + 1, line_end + 200)
        if again is None:
            return False
        begin = again.end()
    rest = data[max(begin, line_end) : line_end + _REACH]
    last = rest.rstrip().rpartition(b"\n")[2]
    return bool(last.strip()) and not alarmed(rest) and not _TRIES_AGAIN.search(last) and not _GAVE_UP.search(last)
