"""Slips that stand above the line where the parser gives up: it only stumbles over what follows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelinelab.model.source import Span
from pipelinelab.reading.decode import problem
from pipelinelab.reading.problems import Edit, Fix, Problem
from pipelinelab.reading.yaml_tree import Lines, TreeError

_FAR = 60
_KEY = re.compile(r"(?:- )?[\w./-]+\s*:(?:\s|$)")
_ITEM_WORDS = re.compile(r"(step|parallel|stage)\s*:(\s|$)")
_QUOTED = re.compile(r"(\s*(?:- )*(?:[\w.-]+:\s+)?)([\"'])(.*)$")


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _outline(lines: Lines, number: int) -> Iterator[tuple[int, int, str]]:
    """The lines above that are less and less indented, from the nearest up: (line, indent, text)."""
    least = 10_000
    for at in range(number - 1, max(0, number - _FAR), -1):
        text = lines.line(at)
        body = text.strip()
        if body and not body.startswith("#") and _indent(text) < least:
            least = _indent(text)
            yield at, least, body


def _colon_above(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    """A keyword without its colon, with its list under it."""
    if "mapping values" not in wrong.detail:
        return None
    for at, indent, body in _outline(lines, wrong.span.line):
        if body.startswith("- "):
            continue
        below = lines.line(at + 1)
        if not re.fullmatch(r"[a-z][a-z-]+", body) or not below.lstrip().startswith("- ") or indent != _indent(line):
            return None
        end = Span(lines.file, at, indent + len(body) + 1, at, indent + len(body) + 1)
        return problem(
            "PL010",
            Span(lines.file, at, indent + 1, at, indent + len(body) + 1),
            f"`{body}` is a keyword without its colon",
            expected=f"`{body}:`",
            found=f"`{body}`",
            suggestion="put a colon after it",
            fix=Fix(title="put a colon", edits=(Edit(end, ":"),)),
        )
    return None


def _stuck_above(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    """A dash without a blank that begins a command, with others under it that have one."""
    for at in range(wrong.span.line - 1, max(0, wrong.span.line - _FAR), -1):
        text = lines.line(at)
        body = text.strip()
        if not re.match(r"-[^\s-]", body) or body.startswith("-<"):
            continue
        below = next((one for one in (lines.line(n) for n in range(at + 1, at + 20)) if one.strip()), "")
        if not below.lstrip().startswith("- ") or _indent(below) != _indent(text):
            return None
        gap = Span(lines.file, at, _indent(text) + 2, at, _indent(text) + 2)
        return problem(
            "PL012",
            Span(lines.file, at, _indent(text) + 1, at, len(text.rstrip()) + 1),
            "a dash without a blank",
            expected=f"- {body[1:]}"[:80],
            found=body[:80],
            suggestion="put a blank after the dash",
            fix=Fix(title="put a blank", edits=(Edit(gap, " "),)),
        )
    return None


def _item_above(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    """A ``step:`` without a dash, before items that have one."""
    if not line.lstrip().startswith("- "):
        return None
    column = _indent(line)
    for at, indent, body in _outline(lines, wrong.span.line):
        if indent in (column, column + 2) and _ITEM_WORDS.match(body):
            deep = indent > column
            place = Span(lines.file, at, column + 1, at, indent + 1)
            edit = Edit(place if deep else Span(lines.file, at, indent + 1, at, indent + 1), "- ")
            word = body.split(":")[0].strip()
            return problem(
                "PL012",
                Span(lines.file, at, indent + 1, at, indent + len(word) + 2),
                f"`{word}:` has no dash, and what stands beside it in line {wrong.span.line} has one",
                expected=f"`- {word}:`",
                found=f"`{word}:`",
                suggestion="put `- ` before it",
                fix=Fix(title="put a dash", edits=(edit,)) if deep else None,
            )
        if indent < column:
            return None
    return None


def _quote_above(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    """A quote that opens far above and meets the first one of a line that has quotes of its own."""
    before = line[: wrong.span.column - 1].rstrip()
    if "did not find expected" not in wrong.detail or before[-1:] not in ("'", '"'):
        return None
    sign = before[-1]
    for at in range(wrong.span.line - 1, max(0, wrong.span.line - _FAR), -1):
        found = _QUOTED.match(lines.line(at))
        if found is None or found[2] != sign:
            continue
        if found[3].count(sign) % 2:
            return None
        begin = found.end(1) + 1
        return problem(
            "PL019",
            Span(lines.file, at, begin, at, begin + 1),
            f"the quote {sign} that opens here is closed only in line {wrong.span.line}, where another was to open",
            expected=f"a second {sign} in this line",
            found=lines.line(at).strip()[:80],
            suggestion=f"close it with {sign}",
        )
    return None


def _odd_above(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    """A keyword that stands in a column of its own, above others that share one."""
    if "did not find expected" not in wrong.detail or not _KEY.match(line.lstrip()) or line.lstrip().startswith("- "):
        return None
    column = _indent(line)
    above = next(((at, deep, body) for at, deep, body in _outline(lines, wrong.span.line)
                  if _KEY.match(body) and not body.startswith("- ") and 0 < abs(deep - column) <= 2), None)  # fmt: skip
    if above is None:
        return None
    at, deep, body = above
    floor = min(deep, column)
    alone = sum(1 for one in _block(lines, at, -1, floor) if one == deep) == 0
    others = sum(1 for one in _block(lines, wrong.span.line, 1, floor) if one == column)
    parent = next((indent for _, indent, _ in _outline(lines, at) if indent < floor), 0)
    if not alone or not (others >= 1 or ((deep - parent) % 2 and not (column - parent) % 2)):
        return None
    word = body.split(":")[0].strip()
    return problem(
        "PL012",
        Span(lines.file, at, deep + 1, at, deep + len(word) + 2),
        f"`{word}:` does not line up with `{line.strip().split(':')[0]}:` in line {wrong.span.line} and what follows",
        expected=f"column {column + 1}",
        found=f"column {deep + 1}",
        suggestion="line it up with the entries it belongs with",
    )


def _block(lines: Lines, number: int, step: int, floor: int) -> Iterator[int]:
    """The indents of the keywords above (step -1) or below (1) a line, as far as nothing is indented less."""
    at = number + step
    while 0 < at <= len(lines.starts) and abs(at - number) < _FAR:
        text = lines.line(at)
        body = text.strip()
        if body and not body.startswith("#"):
            if _indent(text) < floor:
                return
            if _KEY.match(body) and not body.startswith("- "):
                yield _indent(text)
        at += step
