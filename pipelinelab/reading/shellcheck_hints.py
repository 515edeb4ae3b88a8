"""A file's scripts for ShellCheck, and its answers as hints at their places in the YAML. Pure: a hand runs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipelinelab.model.pipelines import Command
from pipelinelab.model.source import Span
from pipelinelab.reading.check_meaning import steps_of
from pipelinelab.reading.check_shell import shell_scripts
from pipelinelab.reading.positions import position
from pipelinelab.reading.problems import HINT, Problem, Reading, by_importance
from pipelinelab.reading.yaml_tree import Lines

_HEAD = "#!/bin/bash\nset -e\n"
MOST_BYTES = 300_000


@dataclass(frozen=True)
class Script:
    """One script as ShellCheck reads it; ``rows`` says for each line of ``text`` which command it comes from, and which
    line of that (None for a line of ours)."""

    text: str
    rows: tuple[tuple[Command, int] | None, ...]


def scripts(reading: Reading) -> list[Script]:
    """Every script of a file, each once however many aliases lead to it; together at most ``MOST_BYTES``."""
    found: list[Script] = []
    seen: set[Span] = set()
    size = 0
    for pipeline in reading.pipelines.pipelines if reading.pipelines else ():
        for step in steps_of(pipeline):
            for script in shell_scripts(step):
                items = [one for one in script if isinstance(one, Command)]
                size += sum(len(one.text) for one in items if items[0].span not in seen)
                if items and items[0].span not in seen and size <= MOST_BYTES:
                    found.append(_script(items))
                seen.update(one.span for one in items)
    return found


def _script(items: Sequence[Command]) -> Script:
    text, rows = [_HEAD], [None] * _HEAD.count("\n")
    placed: list[tuple[Command, int] | None] = list(rows)
    for item in items:
        body = item.text.rstrip("\n")
        text.append(body + "\n")
        placed.extend((item, line) for line in range(1, body.count("\n") + 2))
    return Script("".join(text), tuple(placed))


def with_hints(reading: Reading, asked: Sequence[Script], answers: Sequence[Sequence[Mapping[str, Any]]]) -> Reading:
    """The reading with ShellCheck's comments among its hints."""
    lines = Lines(reading.text, reading.file)
    found: list[Problem] = []
    for script, comments in zip(asked, answers, strict=True):
        for comment in comments:
            row = script.rows[comment["line"] - 1] if comment["line"] <= len(script.rows) else None
            if row is None:
                continue
            command, line = row
            width = comment["endColumn"] - comment["column"] if comment["endLine"] == comment["line"] else 1
            place = position(lines, command, line, comment["column"], max(1, width))
            found.append(
                Problem(
                    code="PL306",
                    severity=HINT,
                    span=place,
                    message=f"SC{comment['code']}: {comment['message']}",
                    suggestion=f"see ShellCheck's page on SC{comment['code']}",
                    via=command.via,
                )
            )
    return replace(reading, problems=by_importance([*reading.problems, *found]))
