"""Lines that do not line up, and what stands in the way: tabs, invisible characters, comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelinelab.model.source import Span
from pipelinelab.reading.decode import problem
from pipelinelab.reading.problems import ERROR, Edit, Fix, Problem
from pipelinelab.reading.yaml_tree import Lines, TreeError

_BLANKS = "\u00a0\u2007\u202f\u3000\u2003\u2002\u200b\u2060\ufeff"


_LEAD = re.compile(rf"^[ \t]*([{_BLANKS}])")


def _tab(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    for number in (wrong.span.line, wrong.span.line - 1):
        text = lines.line(number)
        lead = text[: len(text) - len(text.lstrip())]
        if "\t" in lead:
            at = lead.index("\t") + 1
            end = at + len(lead[at - 1 :]) - len(lead[at - 1 :].lstrip("\t"))
            return problem(
                "PL011",
                Span(lines.file, number, at, number, end),
                "a tab indents this line",
                found="a tab",
                expected="blanks",
                suggestion="YAML allows only blanks there: replace every tab by blanks",
                bitbucket_says="found character '\\t(TAB)' that cannot start any token",
            )
    return None


def _invisible(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    for number in (wrong.span.line, wrong.span.line - 1):
        found = _LEAD.match(lines.line(number))
        if found:
            at = Span(lines.file, number, found.start(1) + 1, number, found.end(1) + 1)
            return problem(
                "PL017",
                at,
                f"the invisible character U+{ord(found[1]):04X} indents this line",
                severity=ERROR,
                expected="a blank",
                found=f"U+{ord(found[1]):04X}",
                suggestion="it came with a copy from a web page: type the blanks anew",
                fix=Fix(title="make it a blank", edits=(Edit(at, " "),)),
            )
    return None


def _same_line_list(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    if "block sequence entries" not in wrong.detail:
        return None
    return problem(
        "PL010",
        wrong.span,
        "a list cannot begin in the line of its keyword",
        expected="`- ` in the next line",
        found=line.strip()[:80],
        suggestion="put the dash in a line of its own",
    )


def _comment_in_text(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    above = lines.line(wrong.span.line - 1).strip()
    before = lines.line(wrong.span.line - 2)
    text = before.strip()
    if not above.startswith("#") or not text or text.startswith("#") or text.endswith(":"):
        return None
    if text.startswith("- ") and re.match(r"-\s+[\w.-]+:(\s|$)", text):
        return None
    if re.match(r"[\w.-]+:(\s|$)", line.strip()) or line.strip().startswith("- "):
        return None
    return problem(
        "PL010",
        wrong.span,
        "the comment above ends the text that was to go on here",
        expected="a text without comments between its lines",
        found=line.strip()[:60],
        suggestion=f"move the comment of line {wrong.span.line - 1} before the whole text",
    )


def _misaligned(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    if "did not find expected" not in wrong.detail or not line.strip():
        return None
    column = len(line) - len(line.lstrip()) + 1
    columns = list(_columns(lines, wrong.span.line))
    dashes = sorted({at for at, dash in columns if dash})
    keys = sorted({at for at, dash in columns if not dash})
    dash = line.lstrip().startswith("- ")
    wanted = dashes if dash else keys
    what = line.strip().split(" #")[0][:40]
    near = [at for at in wanted if at < column][-1:] or wanted[:1] or [1]
    word = what.split(":")[0]
    pipe = re.match(r"(\s*-\s+)pipe:", lines.line(_above(lines, wrong.span.line)))
    if word == "variables" and pipe:
        near = [len(pipe[1]) + 1]
    return problem(
        "PL012",
        Span(lines.file, wrong.span.line, column, wrong.span.line, column + len(what)),
        f"`{what}` does not line up with anything above",
        expected=f"column {near[0]}, where {'a dash' if dash else 'a keyword'} above stands",
        found=f"column {column}",
        suggestion="line it up with the entries it belongs with",
    )


def _columns(lines: Lines, number: int) -> Iterator[tuple[int, bool]]:
    """The columns (from 1) of the open keywords and dashes above a line: (column, whether it is a dash's)."""
    least = 10_000
    for above in range(number - 1, max(0, number - 400), -1):
        text = lines.line(above)
        body = text.strip()
        column = len(text) - len(text.lstrip()) + 1
        if not body or body.startswith("#") or column > least:
            continue
        dash = body.startswith("- ")
        if dash or re.match(r"[\w.\"'*/{},-]+\s*:(\s|$)", body):
            least = column
            yield column, dash
            if dash and re.match(r"-\s+[\w.-]+\s*:", body):
                yield column + len(body) - len(body[1:].lstrip()), False
        if column == 1:
            return


def _above(lines: Lines, number: int, comments: bool = False) -> int:
    """The next line above that is not empty; with ``comments``, nor a comment."""
    number -= 1
    while number > 1 and (not lines.line(number).strip() or (comments and lines.line(number).lstrip().startswith("#"))):
        number -= 1
    return number
