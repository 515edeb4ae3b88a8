"""Slips that change the structure, found wherever they are written: keywords beside ``step:``, ``-step:``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipelinelab.reading.cures import beside
from pipelinelab.reading.desk import Desk, Path
from pipelinelab.reading.fields import Field
from pipelinelab.reading.sections import first_line
from pipelinelab.reading.syntax_blanks import DASHES, dash_without_blank, other_dash
from pipelinelab.reading.yaml_tree import Mapping, Scalar, Sequence, YamlNode


def keywords_beside_step(desk: Desk, root: YamlNode) -> None:
    """Report, once and where they stand, steps whose keywords are beside ``step:`` and not inside it."""
    for node in walk(root):
        if not isinstance(node, Mapping) or len(node.entries) < 2:
            continue
        key, value = node.entries[0]
        if not (isinstance(key, Scalar) and key.value in ("step", "stage", "parallel")) or not _null(value):
            continue
        known = desk.sections[key.value].keywords
        others = [one.value for one, _ in node.entries[1:] if isinstance(one, Scalar)]
        if not any(one in known or one == "<<" for one in others) or value.via:
            continue
        desk.explained.add(value.span)
        desk.report(
            "PL114",
            key,
            f"the keywords of this {key.value} stand beside `{key.value}:`, not inside it",
            (),
            expected=f"{', '.join(others)} indented under `{key.value}:`",
            found=f"an empty `{key.value}:`",
            suggestion="indent them two columns more",
            fix=beside(desk, node, key.span.column + 4),
            bitbucket_says=f"The {key.value} section is empty or null",
        )


def stuck_dashes(desk: Desk, root: YamlNode) -> bool:
    """Report each ``-step:`` and ``– step:`` that YAML takes for a keyword; True where there is one, for the structure
    is another than it seems."""
    before = len(desk.problems)
    for node in walk(root):
        for key, _ in node.entries if isinstance(node, Mapping) else ():
            if isinstance(key, Scalar) and not key.style and key.value.startswith("-"):
                found = dash_without_blank(desk.lines.file, key.span.line, desk.lines.line(key.span.line))
            elif isinstance(key, Scalar) and not key.style and key.value[:1] in (*DASHES,):
                found = other_dash(desk.lines.file, key.span.line, desk.lines.line(key.span.line))
            else:
                continue
            if found is not None:
                desk.problems.append(found)
    return len(desk.problems) > before


def walk(root: YamlNode) -> Iterator[YamlNode]:
    """Every node as it is written, once: aliases are not followed."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.via:
            continue
        yield node
        if isinstance(node, Sequence):
            stack.extend(reversed(node.items))
        elif isinstance(node, Mapping):
            for key, value in reversed(node.entries):
                stack.extend((value, key))


def _null(node: YamlNode) -> bool:
    return isinstance(node, Scalar) and node.kind == "null"


def with_others(desk: Desk, node: Mapping, first: Field, others: list[Field], at: Path) -> YamlNode:
    """The value of ``step:`` with the keywords that stand beside it, reported where that was not done before."""
    known = desk.sections[first.name].keywords if first.name in desk.sections else {}
    entries = tuple((one.key, one.value) for one in others)
    if _null(first.value):
        if first.value.span not in desk.explained:
            desk.report(
                "PL114",
                first.key,
                f"the keywords of this {first.name} stand beside `{first.name}:`",
                at,
                expected=f"them indented under `{first.name}:`",
                found=f"an empty `{first.name}:`",
            )
        return Mapping(span=node.span, entries=entries)
    if first.key.span in desk.explained:
        return first.value
    inside = first_line(first.value).column
    mine = all(one.name in known for one in others)
    desk.report(
        "PL114" if mine else "PL103",
        others[0].key,
        f"`{others[0].name}:` stands beside `{first.name}:`, not inside it"
        if mine
        else f"`{others[0].name}:` cannot stand beside `{first.name}:`",
        at,
        severity="error",
        expected=f"`{others[0].name}:` indented under `{first.name}:`" if mine else f"`{first.name}:` alone",
        found=f"`{others[0].name}:` in the column of `{first.name}:`",
        suggestion="indent it as the keywords above" if mine else "take it away",
        fix=beside(desk, node, inside) if mine and not first.value.via and node.entries[0][0] is first.key else None,
    )
    if mine and isinstance(first.value, Mapping):
        return replace(first.value, entries=(*first.value.entries, *entries))
    return first.value
