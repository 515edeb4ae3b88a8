"""Problems as text for a terminal: the lines with a caret, what was expected, what was found, the cure as a diff."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import unified_diff

from pipelinelab.reading.edits import apply, around
from pipelinelab.reading.problems import HINT, SEVERITIES, Problem, Reading
from pipelinelab.reading.yaml_tree import Lines

COLOURS = {"error": "31", "warning": "33", "hint": "36"}
MOST_SHOWN = 200
_WIDTH = 160
_TAB = "→   "
_MOST_LINES = 8


def render(problems: Sequence[Problem] | Reading, text: str | bytes = "", colour: bool = False) -> str:
    """All problems with their lines, and a summary; ``text`` is the source (a Reading brings its own)."""
    if isinstance(problems, Reading):
        text, problems = problems.text, problems.problems
    source = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    lines = Lines(source.removeprefix("\ufeff"), problems[0].span.file if problems else "")
    blocks = [render_one(one, lines, colour, others) for one, others in _folded(problems[:MOST_SHOWN])]
    if len(problems) > MOST_SHOWN:
        blocks.append(f"… and {len(problems) - MOST_SHOWN} more (--format json has them all)")
    return "\n\n".join([*blocks, summary(problems)]) + "\n"


def _folded(problems: Sequence[Problem]) -> list[tuple[Problem, list[int]]]:
    """Each problem with the lines of the hints that say just the same of other places: one block for them all."""
    first: dict[object, list[int]] = {}
    found: list[tuple[Problem, list[int]]] = []
    for one in problems:
        says = (one.code, one.message, one.suggestion) if one.severity == HINT else one
        if says in first:
            first[says].append(one.span.line)
        else:
            found.append((one, first.setdefault(says, [])))
    return found


def summary(problems: Sequence[Problem]) -> str:
    """``2 errors, 1 warning``, or that there is nothing."""
    counts = [(sum(one.severity == kind for one in problems), kind) for kind in SEVERITIES]
    words = [f"{count} {kind}{'s' * (count != 1)}" for count, kind in counts if count]
    return ", ".join(words) or "no problems"


def render_one(problem: Problem, lines: Lines, colour: bool = False, others: Sequence[int] = ()) -> str:
    """One problem as a block of lines; ``others`` are the lines where the same was found again."""
    head = f"{problem.severity}[{problem.code}]"
    if colour:
        head = f"\x1b[1;{COLOURS[problem.severity]}m{head}\x1b[0m"
    out = [f"{head} {problem.span}: {problem.message}", *caret(problem, lines)]
    if problem.expected:
        out.append(f"  expected  {problem.expected}")
    if problem.found:
        out.append(f"  found     {problem.found}")
    if problem.suggestion:
        out.append(f"  help      {problem.suggestion}")
    if others:
        shown = ", ".join(str(line) for line in others[:12]) + (" …" if len(others) > 12 else "")
        out.append(f"  also in   line {shown}")
    if problem.bitbucket_says:
        out.append(f"  bitbucket {problem.bitbucket_says}")
    if problem.via:
        out.append(f"  used by   the alias in line {', '.join(str(one.line) for one in problem.via)}")
    if problem.fix is not None and lines.text:
        out.append(f"  cure      {problem.fix.title}" + ("" if problem.fix.safe else " (look before you take it)"))
        out.extend(f"            {line}" for line in cure(problem, lines))
    return "\n".join(out)


def caret(problem: Problem, lines: Lines) -> list[str]:
    """The line of a problem, the one before it, and a caret under its place; [] where there is no line."""
    span = problem.span
    line = lines.line(span.line)
    if not lines.text or span.line > len(lines.starts):
        return []
    number = len(str(span.line))
    shown, start = _window(line, span.column - 1)
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    width = max(1, min(end, len(line)) - (span.column - 1))
    pad = "".join(_TAB if sign == "\t" else sign for sign in line[start : span.column - 1])
    out = []
    before = lines.line(span.line - 1)
    if before.strip():
        out.append(f"  {span.line - 1:>{number}} | {_visible(_window(before, 0)[0])}")
    out.append(f"  {span.line:>{number}} | {_visible(shown)}")
    cut = "…" if start else ""
    marks = "^" * min(width, max(1, len(shown) - len(cut) - (span.column - 1 - start)))
    out.append(f"  {' ' * number} | {' ' * (len(pad) + len(cut))}{marks}")
    return out


def _window(line: str, column: int) -> tuple[str, int]:
    """A long line cut to what is around a column: (text, first column shown)."""
    start = 0 if column < _WIDTH - 40 else column - 60
    cut = line[start : start + _WIDTH]
    return ("…" if start else "") + cut + ("…" if len(line) > start + _WIDTH else ""), start


def _visible(line: str) -> str:
    """A line with its tabs as arrows and nothing that could move a terminal's cursor."""
    shown = line.replace("\t", _TAB)
    return "".join(sign if sign.isprintable() or sign == " " else "\ufffd" for sign in shown)


def cure(problem: Problem, lines: Lines) -> list[str]:
    """The cure of a problem as the changed lines of a diff."""
    if problem.fix is None:
        return []
    before, edits = around(lines, problem.fix.edits)
    diff = list(unified_diff(before.splitlines(), apply(before, edits).splitlines(), n=0, lineterm=""))[2:]
    shown = [_visible(line)[:_WIDTH] for line in diff if not line.startswith("@@")]
    if len(shown) > _MOST_LINES:
        shown = [line for line in shown if line.startswith("+")]
    return shown if len(shown) <= _MOST_LINES else [*shown[:_MOST_LINES], f"… {len(shown) - _MOST_LINES} lines more"]
