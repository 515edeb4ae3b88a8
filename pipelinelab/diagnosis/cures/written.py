"""Mappings of a Python module as it writes them: expressions with their place, by key. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Written:
    """An expression as a file writes it."""

    path: str
    node: ast.expr

    @property
    def text(self) -> str | None:
        """Its text where it is a text that is written out, else None."""
        return self.node.value if isinstance(self.node, ast.Constant) and isinstance(self.node.value, str) else None

    @property
    def constants(self) -> list[ast.Constant]:
        """The constants in it, in their order."""
        return [one for one in ast.walk(self.node) if isinstance(one, ast.Constant)]

    @property
    def variable(self) -> str | None:
        """The environment variable that it is read from, None where it is written out or nothing names one."""
        names = [str(one.value) for one in self.constants if re.fullmatch(r"[A-Z][A-Z0-9_]+", str(one.value))]
        return names[0] if names and not isinstance(self.node, ast.Constant) else None


class Unknown:
    """The type of ``UNKNOWN``."""


UNKNOWN: Final = Unknown()
Tree = dict[str, "Value"]
"""A mapping whose keys are texts."""
Value = Written | Tree | Unknown


def span(text: str, node: ast.expr) -> tuple[int, int]:
    """Where an expression of a module stands, as indexes of the module's text."""
    mark = int(text.startswith("\ufeff"))
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", text[mark:])

    def index(line: int, column: int) -> int:
        return mark + sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())

    end = index(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)
    return index(node.lineno, node.col_offset), end


def copied(tree: Tree, made: dict[int, Tree]) -> Tree:
    """A copy of all that is in it, in which what was one mapping is one still; ``made`` are those made so far."""
    if id(tree) not in made:
        made[id(tree)] = new = {}
        new.update({key: copied(one, made) if isinstance(one, dict) else one for key, one in tree.items()})
    return made[id(tree)]


def trees(value: Value) -> Iterator[Tree]:
    """All mappings in a value, itself first."""
    if isinstance(value, dict):
        yield value
        for one in value.values():
            yield from trees(one)


def merged(one: Value, other: Value, made: dict[tuple[int, int], Tree]) -> Value:
    """What both have; of two databases of which one is SQLite the other, since a server was asked."""
    if isinstance(one, dict) and isinstance(other, dict):
        light = [_is_sqlite(one), _is_sqlite(other)]
        if light[0] != light[1] and "ENGINE" in one and "ENGINE" in other:
            return other if light[0] else one
        if (id(one), id(other)) not in made:
            made[id(one), id(other)] = new = {}
            for key in [*one, *(key for key in other if key not in one)]:
                new[key] = merged(one.get(key, UNKNOWN), other.get(key, UNKNOWN), made)
        return made[id(one), id(other)]
    same = isinstance(one, Written) and isinstance(other, Written) and one.node is other.node
    return one if same else UNKNOWN


def _is_sqlite(tree: Tree) -> bool:
    engine = tree.get("ENGINE")
    return isinstance(engine, Written) and "sqlite" in (engine.text or "")
