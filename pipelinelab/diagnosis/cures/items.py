"""Script items of a pipelines file, and which of them a log's command is. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from pipelinelab.diagnosis.cures.composing import Aliases, place_of
from pipelinelab.planning.globs import glob_matches

_MAP, _SEQ, _SCALAR = yaml.MappingNode, yaml.SequenceNode, yaml.ScalarNode
_VARIABLE = re.compile(r"\$\{[^}\n]*\}|\$\w+|\$\([^()\n]*\)")
_OPERATOR = re.compile(r"&&|[;|]")
_LEAST_LITERAL = 4  # characters: an item that is hardly more than a variable would be any command
_FAR = 300  # commands of a log that are compared


@dataclass(frozen=True)
class Item:
    """A script item: its node, the step (a mapping node) it belongs to, its place in the list, and the list's key.
    ``alias`` is where its alias is written, None where the list holds the node itself."""

    node: Any
    step: Any
    index: int
    key: str = "script"
    alias: int | None = None

    @property
    def command(self) -> str:
        """The command as Bitbucket runs it; "" for a pipe."""
        return str(self.node.value) if isinstance(self.node, _SCALAR) else ""

    @property
    def line(self) -> int:
        """Its line in the file, from 1; of an alias the line of its anchor."""
        return int(self.node.start_mark.line) + 1

    @property
    def begin(self) -> int:
        """Where the list that runs it names it, as an index of the text."""
        return int(self.node.start_mark.index) if self.alias is None else self.alias


def get(node: Any, key: str) -> Any:
    """The value node of a mapping's key, also where it is merged in with ``<<``; None without one."""
    if not isinstance(node, _MAP):
        return None
    pairs = [(name.value, value) for name, value in node.value if isinstance(name, _SCALAR)]
    own = next((value for name, value in pairs if name == key), None)
    if own is not None:
        return own
    merged = [value for name, value in pairs if name == "<<"]
    sources = [one for value in merged for one in (value.value if isinstance(value, _SEQ) else [value])]
    return next((found for one in sources if (found := get(one, key)) is not None), None)


def texts_of(node: Any) -> set[str]:
    """The texts of a list of scalars; none for anything else."""
    return {str(one.value) for one in node.value if isinstance(one, _SCALAR)} if isinstance(node, _SEQ) else set()


def items_of(node: Any, aliases: Aliases, seen: set[int] | None = None) -> Iterator[Item]:
    """All script items in the order of the file. Steps that share a script by ``<<`` have an item each."""
    seen = set() if seen is None else seen
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, _MAP):
        scripts = {}
        for key in ("script", "after-script"):
            found = get(node, key)
            if isinstance(found, _SEQ):
                scripts[key] = found
        keys = [key.value for key, _ in node.value if isinstance(key, _SCALAR)]
        for key in sorted(scripts, key=lambda key: keys.index(key) if key in keys else -1):
            for index, entry in enumerate(scripts[key].value):
                yield Item(entry, node, index, key, aliases.get(place_of(scripts[key], index)))
        for _, value in node.value:
            if value not in scripts.values():
                yield from items_of(value, aliases, seen)
    elif isinstance(node, _SEQ):
        for value in node.value:
            yield from items_of(value, aliases, seen)


def best_item(root: Any, items: Sequence[Item], said: Sequence[str], line: int | None, branch: str) -> Item | None:
    """The item that the last command of a log is: of those that could be, the one whose step has most of the log's
    commands in their order; then the one that is written most alike, the one with the least before it that the log has
    not, the one of the branch's pipeline, and the first."""
    wanted = said[-1] if said else ""
    there = [item for item in items if line is not None and item.line == line]
    could = {number: level for number, item in enumerate(items) if (level := alike(item.command, wanted)) is not None}
    found = [(item, 0) for item in there] or [(items[number], level) for number, level in could.items()]
    if not found:
        return None
    if len(found) == 1:
        return found[0][0]
    ran = _where_run(root)

    def order(entry: tuple[Item, int]) -> tuple[int, int, int, int]:
        item, level = entry
        before = [i.command for i in items if i.step is item.step and i.key == item.key and i.index < item.index]
        common = _common(before, said[-_FAR:-1])
        return -common, level, len(before) - common, _branch_rank(ran.get(id(item.step), []), branch)

    return min(found, key=order)[0]


def alike(item: str, said: str) -> int | None:
    """How far an item is from a log's command: 0 the same but for white space, 1 its first line, 2 but for quotes,
    3 with values in place of its variables; None where it is another."""
    wanted = " ".join(said.split())
    if not item or not wanted:
        return None
    first = item.strip().split("\n")[0]
    if " ".join(item.split()) == wanted:
        return 0
    if " ".join(first.split()) == wanted:
        return 1
    bare = _bare(wanted)
    if bare in (_bare(item), _bare(first)):
        return 2
    return 3 if "$" in item and (_fits(_bare(item), bare) or _fits(_bare(first), bare)) else None


def _bare(text: str) -> str:
    return " ".join(re.sub(r"\\\n|[\"'\\]", lambda found: " " if found[0] == "\\\n" else "", text).split())


def _fits(item: str, said: str) -> bool:
    """Whether the item with any text in place of its variables is the command; the text holds no operator."""
    literal = _VARIABLE.split(item)
    if len(literal) < 2 or sum(len(part.replace(" ", "")) for part in literal) < _LEAST_LITERAL:
        return False
    said = f"{said} "  # an empty variable leaves the blank before it
    first, *middle, last = literal
    if not said.startswith(first) or not said.rstrip().endswith(last.rstrip()):
        return False
    at, end = len(first), max(len(first), len(said.rstrip()) - len(last.rstrip()))
    for part in middle:
        found = said.find(part, at, end)
        if found < 0 or _OPERATOR.search(said, at, found):
            return False
        at = found + len(part)
    return not _OPERATOR.search(said, at, end)


def _common(items: Sequence[str], said: Sequence[str]) -> int:
    """The length of the longest common run of items and commands, each in its order."""
    row = [0] * (len(said) + 1)
    for item in items:
        above = row[:]
        for number, command in enumerate(said):
            same = alike(item, command) is not None
            row[number + 1] = above[number] + 1 if same else max(above[number + 1], row[number])
    return row[-1]


def _where_run(root: Any) -> dict[int, list[tuple[str, str]]]:
    """The (section, pattern) of the pipelines that run a step, by the step's node."""
    found: dict[int, list[tuple[str, str]]] = {}

    def walk(node: Any, place: tuple[str, str], depth: int = 0) -> None:
        if isinstance(node, _MAP) and depth < 20:
            found.setdefault(id(node), []).append(place)
            for key, value in node.value:
                if getattr(key, "value", "") != "<<":
                    walk(value, place, depth + 1)
        elif isinstance(node, _SEQ) and depth < 20:
            for value in node.value:
                walk(value, place, depth + 1)

    pipelines = get(root, "pipelines")
    for section, body in pipelines.value if isinstance(pipelines, _MAP) else []:
        if section.value == "default":
            walk(body, ("default", ""))
        elif isinstance(body, _MAP):
            for pattern, steps in body.value:
                walk(steps, (section.value, str(pattern.value)))
    return found


def _branch_rank(places: Sequence[tuple[str, str]], branch: str) -> int:
    if not places:
        return 5
    return min(_rank(section, pattern, branch) for section, pattern in places) if branch else 0


def _rank(section: str, pattern: str, branch: str) -> int:
    if section in ("branches", "tags"):
        return 0 if pattern == branch else 1 if glob_matches(pattern, branch) else 4
    return {"default": 2}.get(section, 3)
