"""Blanks and colons that are not there, or are others than they look: ``-step:``, ``name:Build``, ``script`` and
``<< *name`` without a colon, ``– step:``, and a text block that is not indented."""

from __future__ import annotations

import re
from dataclasses import replace

from pipelinelab.model.source import Span
from pipelinelab.reading.decode import problem
from pipelinelab.reading.problems import ERROR, Edit, Fix, Problem
from pipelinelab.reading.syntax_indent import _above
from pipelinelab.reading.yaml_tree import Lines, TreeError

STUCK_DASH = re.compile(r"(\s*(?:- )*)-(step|parallel|stage|variables|pipe|name|import)(?=\s*:(?:\s|$))")
_STUCK_COLON = re.compile(r"\s*(?:- )*([A-Za-z][\w-]*)(?::(?=[^\s:/])|：)")
DASHES = "–—−‐‑"
_OTHER_DASH = re.compile(rf"\s*(?:- )*([{DASHES}])(?=\s)")
_BLOCK = re.compile(r"(\s*)(?:-\s|[\w.-]+:\s)(?:.*\s)?[|>][+-]?\d?\s*$")
_MERGE = re.compile(r"\s*(?:- )?<<(?=\s*\*)")


def dash_without_blank(file: str, number: int, line: str) -> Problem | None:
    """The problem of a line that begins with ``-step:`` or the like; None for any other line."""
    found = STUCK_DASH.match(line)
    if found is None:
        return None
    word = found[2]
    gap = found.end(1) + 2
    return problem(
        "PL012",
        Span(file, number, gap - 1, number, gap + len(word)),
        f"a dash without a blank: `-{word}` is one word",
        expected=f"`- {word}`",
        found=f"`-{word}`",
        suggestion="put a blank after the dash",
        fix=Fix(title="put a blank after the dash", edits=(Edit(Span(file, number, gap, number, gap), " "),)),
    )


def _dash(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    """The nearest ``-step:`` at the place of the error or above it: the parser stumbles over what follows."""
    for number in range(wrong.span.line, max(0, wrong.span.line - 200), -1):
        found = dash_without_blank(lines.file, number, lines.line(number))
        if found is not None:
            return found
    return None


def _no_blank(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    """A ``name:Build`` in the line above one that the parser cannot place."""
    above = _above(lines, wrong.span.line)
    found = _STUCK_COLON.match(lines.line(above))
    if "mapping values" not in wrong.detail or found is None or above == wrong.span.line:
        return None
    word = found[1]
    after = found.end() + 1
    wide = found[0].endswith("：")
    gap = Span(lines.file, above, after - wide, above, after)
    return problem(
        "PL010",
        Span(lines.file, above, found.start(1) + 1, above, after),
        f"`：` is no colon to YAML: `{word}：` is one word"
        if wide
        else f"a colon without a blank: `{lines.line(above).strip().removeprefix('- ')[:40]}` is one word",
        expected=f"a blank after `{word}:`",
        found=lines.line(above).strip()[:80],
        suggestion="put a blank after the colon",
        fix=Fix(title="put a blank after the colon", edits=(Edit(gap, ": " if wide else " "),)),
        bitbucket_says="mapping values are not allowed here",
    )


def other_dash(file: str, number: int, line: str) -> Problem | None:
    """The problem of a line that begins with a dash of a word processor; None for any other line."""
    found = _OTHER_DASH.match(line)
    if found is None:
        return None
    at = Span(file, number, found.start(1) + 1, number, found.end(1) + 1)
    return problem(
        "PL017",
        at,
        f"`{found[1]}` (U+{ord(found[1]):04X}) is not the dash of a list to YAML",
        severity=ERROR,
        expected="`-`",
        found=found[1],
        suggestion="it came with a copy from a web page or a word processor: type the dash anew",
        fix=Fix(title="make it a dash", edits=(Edit(at, "-"),)),
    )


def _no_dash(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    """A line without a dash, or with one that no blank follows, beside lines that have one."""
    number = wrong.span.line
    if "expected ':'" in wrong.detail and wrong.context is not None:
        number = wrong.context.line
    elif line.strip().startswith("- "):
        number = _above(lines, number, comments=True)
    else:
        return None
    written = lines.line(number)
    text = written.strip()
    column = len(written) - len(written.lstrip())
    if not text or re.match(r"(-|[\w.-]+:)(\s|$)", text) or not _beside_dashes(lines, number, column):
        return None
    stuck = text.startswith("-")
    gap = Span(lines.file, number, column + 1 + stuck, number, column + 1 + stuck)
    return problem(
        "PL012",
        Span(lines.file, number, column + 1, number, len(written.rstrip()) + 1),
        "a dash without a blank" if stuck else "a line without a dash, beside others that have one",
        expected=(f"- {text[1:]}" if stuck else f"- {text}")[:80],
        found=text[:80],
        suggestion="put a blank after the dash" if stuck else "put `- ` before it",
        fix=Fix(title="put a blank" if stuck else "put a dash", edits=(Edit(gap, " " if stuck else "- "),)),
    )


def _beside_dashes(lines: Lines, number: int, column: int) -> bool:
    """Whether an item with a dash stands in this column, right above or right below a line."""
    for step in (-1, 1):
        at = number + step
        while 0 < at <= len(lines.starts):
            text = lines.line(at)
            deep = len(text) - len(text.lstrip())
            if text.strip() and not text.lstrip().startswith("#") and deep <= column:
                if deep == column and text.lstrip().startswith("- "):
                    return True
                break
            at += step
    return False


def _bare_word(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    """A line that is neither a keyword with its colon nor an item with its dash."""
    if "expected ':'" not in wrong.detail or wrong.context is None:
        return None
    number = wrong.context.line
    text = lines.line(number)
    column = len(text) - len(text.lstrip()) + 1
    return problem(
        "PL012",
        Span(lines.file, number, column, number, len(text.rstrip()) + 1),
        "this line is no keyword with a colon, and no item with a dash",
        expected="`keyword:` or `- item`",
        found=text.strip()[:80],
        suggestion="does it go on with the line above? then indent it deeper; or is a colon or a dash missing?",
        bitbucket_says="could not find expected ':'",
    )


def _other_dash(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    for number in range(wrong.span.line, max(0, wrong.span.line - 4), -1):
        found = other_dash(lines.file, number, lines.line(number))
        if found is not None:
            return found
    return None


def _shallow_block(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    """The nearest ``|`` or ``>`` above whose text is not indented deeper than what opens it."""
    for number in range(wrong.span.line, max(0, wrong.span.line - 30), -1):
        opens = _BLOCK.match(lines.line(number))
        if opens is None:
            continue
        below = number + 1
        while below < len(lines.starts) and not lines.line(below).strip():
            below += 1
        text = lines.line(below)
        column = len(text) - len(text.lstrip())
        if column > len(opens[1]) or below > wrong.span.line or re.match(r"-\s|[\w-]+:(\s|$)", text.lstrip()):
            return None
        return problem(
            "PL012",
            Span(lines.file, below, column + 1, below, len(text.rstrip()) + 1),
            f"the text of the block that line {number} opens is not indented, so the block is empty",
            expected=f"the text in column {len(opens[1]) + 3} or deeper",
            found=f"column {column + 1}",
            suggestion="indent every line of the text",
        )
    return None


def _merge_without_colon(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    for number in (wrong.span.line, _above(lines, wrong.span.line)):
        found = _MERGE.match(lines.line(number))
        if found is not None:
            end = found.end() + 1
            return problem(
                "PL010",
                Span(lines.file, number, end - 2, number, end),
                "`<<` without its colon merges nothing",
                expected="`<<: *name`",
                found=lines.line(number).strip()[:80],
                suggestion="write `<<:`, and a blank after it",
                fix=Fix(title="put a colon", edits=(Edit(Span(lines.file, number, end, number, end), ":"),)),
            )
    return None


def _no_colon(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    above = _above(lines, wrong.span.line)
    text = lines.line(above)
    word = re.fullmatch(r"(\s*)((?:- )?[\w./-]+)\s*", text)
    deeper = len(line) - len(line.lstrip()) > len(text) - len(text.lstrip())
    if "mapping values" not in wrong.detail or word is None or not deeper:
        return None
    at = Span(lines.file, above, len(word[1]) + 1, above, word.end(2) + 1)
    end = replace(at, column=at.end_column)
    return problem(
        "PL010",
        at,
        f"`{word[2].removeprefix('- ')}` is a keyword without its colon",
        expected=f"`{word[2]}:`",
        found=f"`{word[2]}`",
        suggestion="put a colon after it",
        fix=Fix(title="put a colon", edits=(Edit(end, ":"),)),
    )
