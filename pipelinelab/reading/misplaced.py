"""Steps whose keywords are beside ``step:``, found wherever they are written."""

from __future__ import annotations

from collections.abc import Iterator

from pipelinelab.reading.cures import beside
from pipelinelab.reading.desk import Desk
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
