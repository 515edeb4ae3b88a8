"""Text edits that more than one reader needs."""

from __future__ import annotations

from dataclasses import replace

from pipelinelab.model.source import Span
from pipelinelab.reading.complaints import start_of
from pipelinelab.reading.desk import Desk
from pipelinelab.reading.problems import Edit, Fix
from pipelinelab.reading.yaml_tree import Mapping, Scalar, Sequence, YamlNode


def indented(desk: Desk, first: int, last: int, by: int = 2) -> tuple[Edit, ...]:
    """Push the lines ``first`` to ``last`` to the right."""
    return tuple(
        Edit(Span(desk.lines.file, line, 1, line, 1), " " * by)
        for line in range(first, last + 1)
        if desk.lines.line(line).strip()
    )


def last_line(node: YamlNode) -> int:
    """The last line that a node has something on."""
    return node.span.end_line - (1 if node.span.end_column == 1 and node.span.end_line > node.span.line else 0)


def as_item(desk: Desk, node: Mapping, prefix: str = "- ") -> Fix | None:
    """Make a block map the only item of a list: ``prefix`` before its first key, the rest pushed to the right."""
    if node.flow or node.via or not node.entries:
        return None
    first = node.entries[0][0].span
    if desk.lines.line(first.line)[: first.column - 1].strip():
        return None
    rest = indented(desk, first.line + 1, last_line(node), len(prefix))
    return Fix(title="make it a list", edits=(Edit(start_of(first), prefix), *rest))


def under_key(desk: Desk, node: YamlNode, key: str, by: int = 2) -> Fix | None:
    """Put a block collection under a key of its own, in a line before it, ``by`` columns deeper."""
    first = node.entries[0][0].span if isinstance(node, Mapping) and node.entries else node.span
    line = desk.lines.line(first.line)
    lead = line[: first.column - 1]
    if node.via or lead.strip() or getattr(node, "flow", True):
        return None
    ending = "\r\n" if "\r\n" in desk.lines.text else "\n"
    place = Span(first.file, first.line, 1, first.line, 1)
    first_edit = Edit(place, f"{lead}{key}{ending}{' ' * by}")
    return Fix(title=f"put it under {key}", edits=(first_edit, *indented(desk, first.line + 1, last_line(node), by)))


def under_entry(desk: Desk, key: Scalar, value: YamlNode, name: str) -> Fix:
    """Put one ``key:`` and all that it holds under ``name:``."""
    lead = " " * (key.span.column - 1)
    place = Span(key.span.file, key.span.line, 1, key.span.line, 1)
    rest = indented(desk, key.span.line + 1, last_line(value))
    return Fix(title=f"put it under {name}:", edits=(Edit(place, f"{lead}{name}:\n  "), *rest))


def undashed(desk: Desk, node: Sequence) -> Fix | None:
    """Make one map of a block list of maps: a blank in place of each dash, so that every column stays."""
    edits = []
    for one in node.items:
        first = one.entries[0][0].span if isinstance(one, Mapping) and one.entries and not one.via else None
        before = desk.lines.line(first.line)[: first.column - 1] if first else ""
        if first is None or before.strip() != "-":
            return None
        dash = before.index("-") + 1
        edits.append(Edit(Span(first.file, first.line, dash, first.line, dash + 1), " "))
    columns = {one.entries[0][0].span.column for one in node.items if isinstance(one, Mapping)}
    return Fix(title="take the dashes away", edits=tuple(edits)) if edits and len(columns) == 1 else None


def beside(desk: Desk, mapping: Mapping, inside: int) -> Fix | None:
    """Push every pair of a block map but the first to the right, to column ``inside``."""
    if mapping.flow or len(mapping.entries) < 2:
        return None
    first, second = mapping.entries[0][0].span, mapping.entries[1][0].span
    if second.line <= first.line or inside <= second.column:
        return None
    return Fix(
        title="indent the step's keywords",
        edits=indented(desk, second.line, last_line(mapping), inside - second.column),
    )


def under_step(desk: Desk, node: Mapping) -> Fix:
    """Put an item's keywords under a ``step:`` of their own."""
    first = node.entries[0][0].span
    column = " " * (first.column + 3)
    edits = [Edit(start_of(first), f"step:\n{column}")]
    for line in range(first.line + 1, node.span.end_line + 1):
        if desk.lines.line(line).strip():
            edits.append(Edit(replace(first, line=line, column=1, end_line=line, end_column=1), "    "))
    return Fix(title="put it under step:", edits=tuple(edits))
