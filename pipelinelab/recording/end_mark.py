"""How a log says itself that it ended: the last line of CI systems other than Bitbucket, and of recorders. Pure."""

from __future__ import annotations

import re

_REACH = 4096
_LINES = 8
_MARKS = re.compile(
    rb"# exit=(?P<recorder>\d{1,3})(?: seconds=[\d.]+)?"
    rb"|Script done on [^\n]*\[COMMAND_EXIT_CODE=\"(?P<script>\d{1,3})\"\]"  # script(1)
    rb"|(?:##\[error\]|Error: )Process completed with exit code (?P<github>\d{1,3})\.?"
    rb"|(?P<gitlab>Job succeeded)"
    rb"|ERROR: Job failed: (?:command terminated with )?exit (?:code|status) (?P<gitlab_red>\d{1,3})"
    rb"|The command \"[^\n]*\" exited with (?P<travis>\d{1,3})\."
    rb"|Exited with code (?:exit status )?(?P<circle>\d{1,3})"
    rb"|##\[error\][^\n]* exited with code '(?P<azure>\d{1,3})'\."
)


def told_exit_code(log: bytes) -> int | None:
    """The exit code that one of the last lines names; None where none does (Bitbucket's logs have no such line)."""
    lines = [line.strip() for line in log[-_REACH:].split(b"\n") if line.strip()]
    for line in lines[: -_LINES - 1 : -1]:
        found = _MARKS.fullmatch(line)
        if found:
            told = next(value for value in found.groups() if value is not None)
            return int(told) if told.isdigit() else 0
    return None
