"""Places in a script's text back to places in the YAML."""

from __future__ import annotations

import re

from pipelinelab.model.pipelines import Command
from pipelinelab.model.source import Span
from pipelinelab.reading.yaml_tree import Lines

_LITERAL = re.compile(r"(?:[&!]\S+\s+)*\|[-+0-9]*[ \t]*(?:#.*)?\r?(?:\n|$)")


def position(lines: Lines, command: Command, line: int, column: int, width: int = 1) -> Span:
    """Where a place of a command's text (line and column from 1) stands in the file. Exact for literal blocks and for
    text in one line; for folded text, the place where the command begins."""
    span = command.span
    source = lines.slice(span)
    if _LITERAL.match(source):
        number = span.line + line
        indent = _indent(lines, span)
        end = min(indent + column + width, len(lines.line(number)) + 1)
        return Span(span.file, number, indent + column, number, max(end, indent + column + 1))
    if "\n" in source:
        return Span(span.file, span.line, span.column, span.line, len(lines.line(span.line)) + 1)
    lead = 0
    if source[:1] in ("'", '"'):
        escape = "''" if source[0] == "'" else "\\"
        lead = 1 + source[1 : column + 1].count(escape)
    begin = min(span.column + lead + column - 1, max(span.column, span.end_column - 1))
    return Span(span.file, span.line, begin, span.line, max(begin + 1, min(begin + width, span.end_column)))


def _indent(lines: Lines, span: Span) -> int:
    for number in range(span.line + 1, span.end_line + 2):
        text = lines.line(number)
        if text.strip():
            return len(text) - len(text.lstrip(" "))
    return 0
