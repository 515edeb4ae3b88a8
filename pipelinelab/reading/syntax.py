"""What the YAML parser refuses, in the words of the person who wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from pipelinelab.model.source import Span
from pipelinelab.reading.decode import problem
from pipelinelab.reading.desk import quoted
from pipelinelab.reading.problems import Edit, Fix, Problem
from pipelinelab.reading.syntax_above import _colon_above, _item_above, _odd_above, _quote_above, _stuck_above
from pipelinelab.reading.syntax_blanks import (
    _bare_word,
    _dash,
    _merge_without_colon,
    _no_blank,
    _no_colon,
    _no_dash,
    _other_dash,
    _shallow_block,
)
from pipelinelab.reading.syntax_indent import (
    _above,
    _comment_in_text,
    _invisible,
    _misaligned,
    _same_line_list,
    _tab,
)
from pipelinelab.reading.syntax_signs import (
    _begins_with_or,
    _escape,
    _inline_key,
    _no_anchor,
    _sign,
    _star,
    _text_after_alias,
)
from pipelinelab.reading.yaml_tree import Lines, TreeError

_KEY = re.compile(r"[\w./-]+")
_QUOTED_FIRST = re.compile(r"\s*(?:- )*(?:[\w.-]+:\s+)?[\"']")


def explain_syntax(wrong: TreeError, lines: Lines) -> Problem:
    """The one problem that stands for a text which is not one YAML document within bounds."""
    if wrong.kind in _BOUNDS:
        code, message, suggestion = _BOUNDS[wrong.kind]
        return problem(
            code,
            wrong.span,
            message,
            expected="a file that a person could write",
            found=wrong.detail,
            suggestion=suggestion,
        )
    if wrong.kind == "alias":
        return _no_anchor(wrong, lines)
    line = lines.line(wrong.span.line)
    for rule in _RULES:
        found = rule(wrong, line, lines)
        if found is not None:
            return found
    return problem("PL010", wrong.span, f"this is not YAML: {wrong.detail}", expected="YAML", found=line.strip()[:80])


_BOUNDS = {
    "character": ("PL002", "a character that YAML does not allow", "take it away"),
    "depth": ("PL003", "the file is nested too deep", "write it flatter"),
    "values": ("PL003", "the file holds too much", "move long scripts to files of their own"),
    "aliases": ("PL004", "the aliases unfold without end", "write what is meant without aliases of aliases"),
    "recursion": ("PL004", "an alias stands inside what it names", "take the alias out of its own anchor"),
    "documents": ("PL008", "a second YAML document begins here; Bitbucket reads one", "take the `---` away"),
}


def _template(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    found = re.search(r"\{%|\{\{|<%|^\s*#\{", line)
    if found is None:
        return None
    at = Span(lines.file, wrong.span.line, found.start() + 1, wrong.span.line, found.end() + 1)
    return problem(
        "PL007",
        at,
        "a template's placeholder, which is not YAML",
        expected="YAML",
        found=line[found.start() :][:60],
        suggestion="render the template first: Bitbucket does not",
    )


def _open_quote(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    if "end of stream" not in wrong.detail or wrong.context is None:
        return None
    line = lines.line(wrong.context.line)
    sign = line[wrong.context.column - 1 : wrong.context.column]
    at = replace(wrong.context, end_line=wrong.context.line, end_column=wrong.context.column + 1)
    return problem(
        "PL019",
        at,
        f"the quote {sign} that opens here is never closed",
        expected=f"a second {sign}",
        found="the end of the file",
        suggestion=f"close it with {sign}",
    )


def _open_bracket(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    if "',' or" not in wrong.detail or wrong.context is None:
        return None
    sign = lines.line(wrong.context.line)[wrong.context.column - 1 : wrong.context.column]
    at = replace(wrong.context, end_line=wrong.context.line, end_column=wrong.context.column + 1)
    return problem(
        "PL019",
        at,
        f"the bracket {sign} that opens here is not closed where it should be",
        expected="a comma or the closing bracket",
        found=line.strip()[:60],
        suggestion="close it, or put the text in quotes if no list is meant",
    )


def _bracket_command(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    place = wrong.context if wrong.context is not None and wrong.context.line == wrong.span.line else wrong.span
    line = lines.line(place.line)
    found = re.match(r"(\s*(?:- )+)([\[{].*?)\s*$", line)
    if found is None or not re.search(r"[\]}]\s*(?:&&|\|\||;|\|)", line):
        return None
    at = Span(lines.file, place.line, found.end(1) + 1, place.line, found.end(2) + 1)
    return problem(
        "PL010",
        at,
        f"a command that begins with {found[2][0]} is a list or a map to YAML",
        expected=quoted(found[2]),
        found=found[2][:80],
        suggestion="put the whole command in quotes",
        fix=Fix(title="quote the command", edits=(Edit(at, quoted(found[2])),)),
    )


def _block_text(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    if "comment or line break" not in wrong.detail or _QUOTED_FIRST.match(line):
        return None
    return problem(
        "PL010",
        wrong.span,
        "a text block begins in the line after its | or >",
        expected="a new line",
        found=line.strip()[:80],
        suggestion="put the text in the next line, indented",
    )


def _second_colon(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    if "mapping values" not in wrong.detail:
        return None
    before = line[: wrong.span.column - 1]
    word = before.strip().removeprefix("- ").strip()
    at = replace(wrong.span, end_line=wrong.span.line, end_column=wrong.span.column + 1)
    if _KEY.fullmatch(word):
        above = _above(lines, wrong.span.line)
        return problem(
            "PL012",
            Span(lines.file, at.line, len(before) - len(before.lstrip()) + 1, at.line, at.column),
            f"`{word}:` stands deeper than the line above, which holds a text already",
            found=f"`{word}:` in column {len(before) - len(before.lstrip()) + 1}",
            expected="the column of the keywords it belongs with",
            suggestion=f"line up `{word}:`; or is a colon missing at the end of line {above}?",
            bitbucket_says="mapping values are not allowed here",
        )
    value = re.match(r"(\s*(?:- )+|\s*[\w-]+:\s+)(?![\"'])(.*?)\s*$", line)
    fix = None
    if value and " #" not in value[2]:
        place = Span(lines.file, at.line, value.end(1) + 1, at.line, value.end(2) + 1)
        fix = Fix(title="quote it whole", edits=(Edit(place, quoted(value[2])),))
    return problem(
        "PL010",
        at,
        "a second `: ` in one text",
        expected="the text in quotes",
        found=line.strip()[:80],
        suggestion="put the whole text in single quotes, or write it as a block (`- |`)",
        fix=fix,
        bitbucket_says="mapping values are not allowed here",
    )


def _after_quote(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    before = line[: wrong.span.column - 1].rstrip(" >|")
    told = "did not find expected" in wrong.detail or "comment or line break" in wrong.detail
    if not told or not before.endswith(('"', "'")) or before == before.strip("\"'"):
        return None
    if not line[wrong.span.column - 1 :].strip():
        return None
    value = re.match(r"(\s*(?:- )*(?:[\w.-]+:\s+)?)([\"'].*?)\s*$", line)
    fix = None
    if value and " #" not in value[2]:
        place = Span(lines.file, wrong.span.line, value.end(1) + 1, wrong.span.line, value.end(2) + 1)
        apostrophe = value[2].startswith("'") and re.search(r"\w'\w", value[2])
        if not apostrophe:
            fix = Fix(title="quote it whole", edits=(Edit(place, quoted(value[2])),))
        elif value[2].endswith("'") and len(value[2]) > 1:
            fix = Fix(title="double the quote inside", edits=(Edit(place, quoted(value[2][1:-1])),))
    return problem(
        "PL010",
        wrong.span,
        "text after a closing quote",
        expected="nothing after the quote",
        found=line[wrong.span.column - 1 :].strip()[:60],
        fix=fix,
        suggestion="a value that begins with a quote ends with it: quote the whole, or begin otherwise",
    )


_RULES: tuple[Callable[[TreeError, str, Lines], Problem | None], ...] = (
    _tab,
    _invisible,
    _template,
    _bracket_command,
    _text_after_alias,
    _star,
    _open_quote,
    _open_bracket,
    _sign,
    _escape,
    _same_line_list,
    _inline_key,
    _begins_with_or,
    _block_text,
    _other_dash,
    _shallow_block,
    _merge_without_colon,
    _no_blank,
    _no_colon,
    _colon_above,
    _dash,
    _stuck_above,
    _second_colon,
    _quote_above,
    _after_quote,
    _comment_in_text,
    _no_dash,
    _bare_word,
    _item_above,
    _odd_above,
    _misaligned,
)
