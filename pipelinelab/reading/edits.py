"""Cures applied: text edits by span, so that comments, order and line ends stay as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from difflib import unified_diff

from pipelinelab.model.source import Span
from pipelinelab.reading.problems import Edit, Problem
from pipelinelab.reading.yaml_tree import Lines


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with the edits made. They must not overlap; where the file ends its lines with CRLF, so do they."""
    lines = Lines(text, "")
    crlf = "\r\n" in text
    pieces: list[str] = []
    at = 0
    for begin, end, new in sorted(_offsets(lines, edits), key=lambda one: (one[0], one[1])):
        pieces += [text[at:begin], new.replace("\r\n", "\n").replace("\n", "\r\n") if crlf else new]
        at = end
    return "".join(pieces) + text[at:]


def _offsets(lines: Lines, edits: Iterable[Edit]) -> list[tuple[int, int, str]]:
    return [
        (lines.offset(one.span.line, one.span.column), lines.offset(one.span.end_line, one.span.end_column), one.text)
        for one in edits
    ]  # fmt: skip


def around(lines: Lines, edits: Sequence[Edit]) -> tuple[str, tuple[Edit, ...]]:
    """The lines that edits touch, and the edits as they are there, so that a diff need not look at the whole file."""
    first = min(one.span.line for one in edits)
    last = max(one.span.end_line for one in edits)
    text = "\n".join(lines.line(number) for number in range(first, last + 1))
    return text, tuple(replace(one, span=_moved(one.span, 1 - first)) for one in edits)


def _moved(span: Span, by: int) -> Span:
    return replace(span, line=span.line + by, end_line=span.end_line + by)


def safe_edits(text: str, problems: Sequence[Problem]) -> tuple[Edit, ...]:
    """The edits of the safe cures, most important first; a cure that touches another's lines is left for later."""
    taken: list[Edit] = []
    lines_taken: set[int] = set()
    for problem in problems:
        if problem.fix is None or not problem.fix.safe:
            continue
        touched = {line for edit in problem.fix.edits for line in range(edit.span.line, edit.span.end_line + 1)}
        if touched & lines_taken:
            continue
        lines_taken |= touched
        taken.extend(problem.fix.edits)
    return tuple(taken)


def diff(before: str, after: str, file: str) -> str:
    """A unified diff; "" where nothing changed."""
    lines = unified_diff(_lines(before), _lines(after), f"a/{file}", f"b/{file}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """With their ends, as git counts them: a carriage return stays, or the diff would not apply."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
