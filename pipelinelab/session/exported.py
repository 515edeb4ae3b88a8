"""What a script had set for its failing command, as far as its own text tells: a probe does not see its shell. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from pipelinelab.recording.records import PASSED, CommandRecord, StepRecord

_EXPORT = re.compile(r"export\s+(?=[A-Za-z_]\w*=)")
_ASSIGNED = re.compile(r"(?P<name>[A-Za-z_]\w*)=(?P<value>[^$`]*)\Z", re.DOTALL)
_SOURCES = re.compile(r"(?:^|[;&|]\s*)(?:set -\w*a|\.\s|source\s|eval\s)")


def exported(record: StepRecord) -> dict[str, str]:
    """Variables by name: of ``export NAME=VALUE`` in the items before the failing one, and those written before its
    program. Values with something to expand in them are left out."""
    found: dict[str, str] = {}
    for command in _script(record):
        if command.result == PASSED and _EXPORT.match(command.command):
            found |= dict(_assigned(command.command.split(None, 1)[1], only=False))
        elif command is record.failing:
            found |= dict(_assigned(command.command, only=True))
            break
    return found


def reads_more(record: StepRecord) -> bool:
    """Whether the script took variables from somewhere else: a file that it sourced, a text that it evaluated."""
    return any(_SOURCES.search(one.command) for one in _script(record))


def _script(record: StepRecord) -> Iterator[CommandRecord]:
    return (one for one in record.commands if one.phase == "script")


def _assigned(text: str, only: bool) -> Iterator[tuple[str, str]]:
    """The assignments that a text begins with; with ``only`` up to its first other word."""
    try:
        words = shlex.split(text.partition("\n")[0])
    except ValueError:  # a quote that is closed in a later line
        return
    for word in words:
        pair = _ASSIGNED.match(word)
        if pair is not None:
            yield pair["name"], pair["value"]
        elif only or word in ("&&", ";", "||", "|"):
            return
