"""Signs that mean something to YAML: ``*``, ``&``, ``@``, a backtick, ``%``, a backslash, and two keys in one line."""

from __future__ import annotations

import re
from dataclasses import replace

from pipelinelab.model.source import Span
from pipelinelab.reading.decode import problem
from pipelinelab.reading.desk import quoted
from pipelinelab.reading.problems import Edit, Fix, Problem
from pipelinelab.reading.suggest import nearest
from pipelinelab.reading.yaml_tree import Lines, TreeError

_ANCHOR = re.compile(r"(?:^|[\s\[{,])&([^\s,\[\]{}]+)")
_ALIAS_AND_TEXT = re.compile(r"(\s*(?:- )*(?:[\w.-]+:\s+)?)(\*[\w-]+)\s+(?!#)[^\s:]")
_TWO_KEYS = re.compile(
    r"(\s*(?:- )*)(pipelines|default|branches|tags|bookmarks|pull-requests|custom|definitions|services|caches|options|"
    r"clone|image|step|parallel|stage|final|condition|changesets|artifacts|runtime|cloud):(\s+)([\w-]+):(?=\s|$)"
)


def _no_anchor(wrong: TreeError, lines: Lines) -> Problem:
    anchors = {found[1]: lines.text.count("\n", 0, found.start(1)) + 1 for found in _ANCHOR.finditer(lines.text)}
    name = wrong.detail
    near = nearest(name, anchors)
    fix = None
    if name in anchors:
        suggestion = f"&{name} stands in line {anchors[name]}: an anchor comes before its aliases, so move it up"
    elif near:
        suggestion = f"did you mean *{near}?"
        fix = Fix(title=f"write *{near}", edits=(Edit(wrong.span, f"*{near}"),))
    else:
        suggestion = "anchor it first, with &" + name + ", or put the text in quotes if no alias is meant"
        written = lines.line(wrong.span.line)[wrong.span.column - 1 :]
        key = re.match(r"\*[^\s:]+(?=\s*:(?:\s|$))", written)
        if key is not None:
            whole = replace(wrong.span, end_column=wrong.span.column + key.end())
            fix = Fix(title="quote it", edits=(Edit(whole, quoted(key[0])),))
    return problem(
        "PL013",
        wrong.span,
        f"the alias *{name} has no anchor",
        expected=f"&{name} somewhere above",
        found=", ".join(f"&{one}" for one in list(anchors)[:6]) or "no anchors",
        suggestion=suggestion,
        fix=fix,
    )


def _star(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    place = wrong.context
    if place is None or "alphabetic or numeric" not in wrong.detail:
        return None
    line = lines.line(place.line)
    sign = line[place.column - 1 : place.column]
    if sign not in ("*", "&"):
        return None
    rest = line[place.column - 1 :]
    if rest.startswith("&&") and not line[: place.column - 1].strip(" -"):
        return _goes_on(lines, place.line, place.column, rest.rstrip())
    key = re.match(r"([^\s:]+)(?=\s*:(?:\s|$))", rest)
    word = key[1] if key else rest.split(" #")[0].rstrip()
    at = Span(lines.file, place.line, place.column, place.line, place.column + len(word))
    what = "alias" if sign == "*" else "anchor"
    if word == sign == "&":
        return problem(
            "PL013",
            at,
            f"`{sign}` begins an {what}, and its name is missing",
            found=word,
            expected=f"{sign}name",
            suggestion="give it a name, without a blank between",
        )
    masked = len(word) > 3 and set(word) == {"*"}
    return problem(
        "PL013",
        at,
        f"unquoted `{sign}` begins an {what}, and {word!r} is no name for one",
        found=word,
        expected=f"'{word}' in quotes",
        suggestion="put back what the stars hide: a secret was masked here" if masked else "put the pattern in quotes",
        fix=None if masked else Fix(title="quote it", edits=(Edit(at, quoted(word)),)),
    )


def _sign(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    sign = line[wrong.span.column - 1 : wrong.span.column]
    if "cannot start any token" not in wrong.detail or sign not in ("@", "`", "%"):
        return None
    value = re.split(r"\s#", line[wrong.span.column - 1 :])[0].rstrip()
    at = replace(wrong.span, end_line=wrong.span.line, end_column=wrong.span.column + len(value))
    return problem(
        "PL010",
        at,
        f"unquoted text cannot begin with {sign}",
        expected=quoted(value),
        found=value,
        suggestion="put it in quotes",
        fix=Fix(title="quote it", edits=(Edit(at, quoted(value)),)),
    )


def _escape(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    if "unknown escape" not in wrong.detail:
        return None
    return problem(
        "PL010",
        wrong.span,
        "a backslash in double quotes that YAML does not know",
        expected="\\\\",
        found=line[wrong.span.column - 1 :][:10],
        suggestion="write two backslashes, or use single quotes, which take it as it is",
    )


def _goes_on(lines: Lines, number: int, column: int, text: str) -> Problem:
    return problem(
        "PL010",
        Span(lines.file, number, column, number, column + len(text)),
        f"a command cannot begin with `{text[:2]}`: it goes on with the one above",
        expected="both in one item",
        found=text[:80],
        suggestion="write it at the end of the line above, or both in one block (`- |`)",
    )


def _begins_with_or(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    found = re.match(r"(\s*-\s+)(\|\|\s.*)$", line)
    if found is None or "comment or line break" not in wrong.detail:
        return None
    return _goes_on(lines, wrong.span.line, found.end(1) + 1, found[2].rstrip())


def _text_after_alias(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    found = _ALIAS_AND_TEXT.match(line)
    if found is None:
        return None
    begin = found.start(2) + 1
    return problem(
        "PL010",
        Span(lines.file, wrong.span.line, begin, wrong.span.line, len(line.rstrip()) + 1),
        f"text after the alias {found[2]}: an alias is a whole value",
        expected=f"{found[2]} alone",
        found=line.strip()[:80],
        suggestion="give the rest an item of its own",
    )


def _inline_key(wrong: TreeError, line: str, lines: Lines) -> Problem | None:
    found = _TWO_KEYS.match(line)
    if found is None or "mapping values" not in wrong.detail:
        return None
    number = wrong.span.line
    column = len(found[1])
    below = next((one for one in (lines.line(n) for n in range(number + 1, number + 20)) if one.strip()), "")
    deep = len(below) - len(below.lstrip())
    indent = deep if deep > column and not below.lstrip().startswith("- ") else column + 2
    gap = Span(lines.file, number, found.start(3) + 1, number, found.end(3) + 1)
    return problem(
        "PL012",
        Span(lines.file, number, found.start(4) + 1, number, found.end(4) + 2),
        f"`{found[4]}:` stands in the line of `{found[2]}:`",
        expected=f"`{found[4]}:` in the next line, indented",
        found=line.strip()[:80],
        suggestion="put it in a line of its own",
        fix=Fix(title="put it in the next line", edits=(Edit(gap, "\n" + " " * indent),)),
        bitbucket_says="mapping values are not allowed here",
    )
