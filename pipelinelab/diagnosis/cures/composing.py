"""YAML text → nodes that know where they stand: where an alias is written, and where a value begins. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*\s+)+")

Aliases = Mapping[tuple[int, int], int]
"""Where the aliases are written, as indexes of the text, by ``place_of``."""


def place_of(parent: Any, index: Any) -> tuple[int, int]:
    """The name of a place among ``Aliases``: of the entry with a number in a list, or of a key node in a mapping."""
    return id(parent), index if isinstance(index, int) else id(index)


def compose(text: str) -> tuple[Any, Aliases]:
    """The root node (None for a text that is no YAML) and its aliases. A scalar begins at its own text: an anchor or a
    tag before it is none of it, so whoever cuts the scalar out leaves them there."""
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        return loader.get_single_node(), loader.aliases
    except (yaml.YAMLError, ValueError, RecursionError):
        return None, {}
    finally:
        if loader is not None:
            loader.dispose()


class _Loader(yaml.SafeLoader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
        self.aliases: dict[tuple[int, int], int] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """The node, and for an alias its place is noted: the node itself stands where its anchor is."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            self.aliases[place_of(parent, index)] = event.start_mark.index
        return super().compose_node(parent, index)

    def compose_scalar_node(self, anchor: Any) -> Any:
        """The scalar without the anchor and the tag that its event begins with."""
        node = super().compose_scalar_node(anchor)
        begin = node.start_mark
        before = _PROPERTIES.match(self.text, begin.index)
        if before is not None and before.end() <= node.end_mark.index:
            there = self.text[begin.index : before.end()]
            line, column = begin.line + there.count("\n"), len(there.rpartition("\n")[2])
            column += begin.column if line == begin.line else 0
            node.start_mark = yaml.Mark(begin.name, before.end(), line, column, begin.buffer, begin.pointer)
        return node
