"""The problems that every reader of values can have, in one wording each."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import yaml

from pipelinelab.model.source import Span
from pipelinelab.reading.desk import Desk, Path, kind_word, quoted
from pipelinelab.reading.problems import Edit, Fix
from pipelinelab.reading.yaml_tree import Mapping, Scalar, YamlNode

LONGEST_NUMBER = 100


_BITBUCKET_KIND = {"a list": "list", "a map": "map", "text": "string", "nothing": "null"}


def constructed(node: Scalar) -> object:
    """What YAML makes of an unquoted scalar: ``1.10`` → 1.1. The text itself where YAML cannot make it, or where it is
    far longer than any number that is meant."""
    if len(node.value) > LONGEST_NUMBER:
        return node.value
    try:
        return yaml.safe_load(node.value)
    except (yaml.YAMLError, ValueError, OverflowError):
        return node.value


def as_text(node: Scalar) -> str:
    """A scalar as the text that a variable would hold."""
    if node.kind == "bool":
        return str(constructed(node)).lower()
    return str(constructed(node)) if node.kind in ("int", "float", "timestamp") else node.value


def empty(desk: Desk, node: YamlNode, at: Path) -> None:
    """Report a section that holds nothing, unless why it is empty was told already."""
    if node.span in desk.explained:
        return
    name = next((str(part) for part in reversed(at) if isinstance(part, str)), "file")
    last = f"`{name}:`" if at and at[-1] == name else f"This entry of `{name}`"
    desk.report(
        "PL102",
        node,
        f"{last} is empty",
        at,
        expected="a value",
        found="nothing",
        suggestion="fill it in, or take the line away",
        reason=f"The {name} section is empty or null.",
    )


def wrong_kind(desk: Desk, node: YamlNode, at: Path, wanted: str, **more: Any) -> None:
    """Report a value of the wrong kind; nothing at all is reported as empty, a placeholder as a placeholder."""
    if node.span in desk.explained:
        return
    if isinstance(node, Scalar) and node.kind == "null":
        empty(desk, node, at)
        return
    if placeholder(desk, node, at) or keyword_as_text(desk, node, at):
        return
    if wanted.startswith("a list") and dashes_as_text(desk, node, at):
        return
    name = next((str(part) for part in reversed(at) if isinstance(part, str)), "file")
    found = kind_word(node)
    should, current = wanted.removeprefix("a ").split(" ")[0], _BITBUCKET_KIND.get(found, "value")
    if "reason" not in more and should in ("list", "map", "string"):
        more["reason"] = f"This section should be a {should} (it is currently defined as a {current})."
    desk.report("PL101", node, f"`{name}` should be {wanted}, and is {found}", at, expected=wanted, found=found, **more)


def keyword_as_text(desk: Desk, node: YamlNode, at: Path) -> bool:
    """True where a keyword of the section lost its colon, or the blank after it, and became the section's text:
    ``script - make`` or ``script:[make]``; it is reported here."""
    section = desk.sections.get(str(at[-1])) if at else None
    if section is None or not isinstance(node, Scalar) or node.style or node.via:
        return False
    found = re.match(r"(<<|[\w-]+)(:?|：)(?=[\s*:\[]|$)", node.value)
    if found is None or not (found[1] in section.keywords or found[1] == "<<"):
        return False
    end = node.span.column + found.end()
    place = replace(node.span, end_line=node.span.line, end_column=end)
    wide = found[2] == "："
    gap = replace(place, column=end - wide)
    blank = desk.source(node)[found.end() : found.end() + 1] not in (" ", "\n", "\r", "")
    missing = ("" if found[2] == ":" else ":") + (" " if blank else "")
    desk.report(
        "PL101",
        place,
        f"`{found[1]}` stands here without " + ("a blank after its colon" if found[2] == ":" else "its colon"),
        at,
        expected=f"`{found[1]}:`",
        found=desk.source(node).split("\n")[0][:80],
        suggestion="put a blank after the colon" if found[2] == ":" else "put a colon after it",
        fix=Fix(title=f"write `{found[1]}:`", edits=(Edit(gap, missing),)),
    )
    return True


def dashes_as_text(desk: Desk, node: YamlNode, at: Path) -> bool:
    """True where a list is text, because no blank follows its first dash: ``-npm test``; it is reported here."""
    if not isinstance(node, Scalar) or node.style or node.via or not re.match(r"-\w", node.value):
        return False
    file, first = node.span.file, node.span.line
    edits = []
    for line in range(first, node.span.end_line + 1):
        stuck = re.match(r"(\s*-)\w", desk.lines.line(line))
        if stuck:
            edits.append(Edit(Span(file, line, stuck.end(1) + 1, line, stuck.end(1) + 1), " "))
    written = desk.lines.line(first)[node.span.column - 1 :].rstrip()
    desk.report(
        "PL012",
        Span(file, first, node.span.column, first, node.span.column + len(written)),
        f"a dash without a blank, so `{at[-1] if at else 'this'}` is text and no list",
        at,
        expected=f"- {written[1:]}",
        found=written[:80],
        suggestion="put a blank after each dash",
        fix=Fix(title="put blanks after the dashes", edits=tuple(edits)) if edits else None,
    )
    return True


def placeholder(desk: Desk, node: YamlNode, at: Path) -> bool:
    """True where a ``{{ template }}`` was written, which YAML reads as a map in a map; it is reported here."""
    if not (isinstance(node, Mapping) and node.flow and desk.source(node).startswith("{{")):
        return False
    desk.report(
        "PL007",
        node,
        "a template placeholder, which YAML reads as a map in a map",
        at,
        expected="a value",
        found=desk.source(node)[:60],
        suggestion="render the template first, or put the placeholder in quotes",
        fix=desk.replace(node, quoted(desk.source(node)), "quote it", safe=False),
    )
    return True


def boolean(desk: Desk, node: Scalar, at: Path) -> None:
    """Report a yes, no, on, off, true or false where text is wanted."""
    says = ""
    if "services" in at and ("variables" in at or "environment" in at):
        says = "The 'environment' section in your bitbucket-pipelines.yml file must be a map."
    value = as_text(node)
    desk.report(
        "PL108",
        node,
        f"unquoted {node.value} is not text: to YAML it is the boolean {value}",
        at,
        expected=f"text, in quotes: '{node.value}'",
        found=f"the boolean {value}",
        bitbucket_says=says,
        suggestion="put it in quotes",
        fix=desk.replace(node, quoted(node.value), "quote it"),
    )


def number(desk: Desk, node: Scalar, at: Path, **more: Any) -> None:
    """Report a number, a date or a time where text is wanted."""
    value = as_text(node)
    if node.tag.startswith("!"):
        wrong_kind(desk, node, at, "text")
        return
    kind = "date" if node.kind == "timestamp" else "number"
    became = f", {value}" if value != node.value else ""
    desk.report(
        "PL109",
        node,
        f"unquoted {node.value} is not text: YAML reads it as a {kind}{became}",
        at,
        expected=f"text, in quotes: '{node.value}'",
        found=f"the {kind} {value}",
        suggestion="put it in quotes",
        fix=desk.replace(node, quoted(node.value), "quote it"),
        **more,
    )


def start_of(span: Span) -> Span:
    """The empty span where a span begins."""
    return Span(span.file, span.line, span.column, span.line, span.column)
