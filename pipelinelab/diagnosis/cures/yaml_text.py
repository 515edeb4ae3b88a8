"""Edits to a pipelines file that touch nothing but their own place: comments, order and quoting stay. Pure.

YAML is parsed only to learn where things are; the text itself is cut and pasted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

_MAP, _SEQ, _SCALAR = yaml.MappingNode, yaml.SequenceNode, yaml.ScalarNode


@dataclass(frozen=True)
class Item:
    """A script item: its node, the step (a mapping node) it belongs to, and its place in the list."""

    node: Any
    step: Any
    index: int

    @property
    def command(self) -> str:
        """The command as Bitbucket runs it; "" for a pipe."""
        return str(self.node.value) if isinstance(self.node, _SCALAR) else ""

    @property
    def line(self) -> int:
        """Its line in the file, from 1."""
        return int(self.node.start_mark.line) + 1


class Yaml:
    """A pipelines file's text with its nodes; edits give new text, or None where they cannot be made."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self.root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, ValueError, RecursionError):
            self.root = None
        self.items = list(_items(self.root)) if self.root is not None else []

    def item(self, command: str, line: int | None) -> Item | None:
        """The script item at a line, else the first one with that command (white space does not count)."""
        if line is not None:
            found = next((i for i in self.items if i.line == line), None)
            if found is not None:
                return found
        wanted = " ".join(command.split())
        if not wanted:
            return None
        same = (i for i in self.items if " ".join(i.command.split()) == wanted)
        starts = (i for i in self.items if i.command and " ".join(i.command.split("\n")[0].split()) == wanted)
        return next(same, None) or next(starts, None)

    def insert_before(self, item: Item, commands: list[str]) -> str | None:
        """With script items before this one; None in a list that is written in brackets."""
        begin = self.text.rfind("\n", 0, item.node.start_mark.index) + 1
        lead = self.text[begin : item.node.start_mark.index]
        if not lead.strip().startswith("-"):
            return None
        indent = lead[: lead.index("-")]
        gap = lead[len(indent) + 1 :].replace("\t", " ")
        gap = gap if gap.strip() == "" and gap else " "
        added = "".join(f"{indent}-{gap}{scalar(command)}{self._newline}" for command in commands)
        return self.text[:begin] + added + self.text[begin:]

    def change_items(self, change: Callable[[str], str], items: list[Item] | None = None) -> str | None:
        """With ``change`` applied to the raw text of script items; None where nothing changed."""
        text = self.text
        seen: set[int] = set()
        for item in sorted(items or self.items, key=lambda i: -i.node.start_mark.index):
            begin, end = item.node.start_mark.index, item.node.end_mark.index
            if begin in seen or not isinstance(item.node, _SCALAR):
                continue
            seen.add(begin)
            text = text[:begin] + change(text[begin:end]) + text[end:]
        return text if text != self.text else None

    def set_step_key(self, step: Any, key: str, lines: list[str]) -> str | None:
        """With ``key: …`` in the step: ``lines`` are the value (one: on the same line; more: below it)."""
        old = next(((k, v) for k, v in step.value if k.value == key), None)
        if old is not None:
            if len(lines) != 1 or not isinstance(old[1], _SCALAR):
                return None
            return self.text[: old[1].start_mark.index] + lines[0] + self.text[old[1].end_mark.index :]
        first = next((k for k, _ in step.value if k.value == "script"), step.value[0][0])
        begin = self.text.rfind("\n", 0, first.start_mark.index) + 1
        indent = self.text[begin : first.start_mark.index]
        if indent.strip():
            return None
        n = self._newline
        value = f" {lines[0]}{n}" if len(lines) == 1 else n + "".join(f"{indent}  {line}{n}" for line in lines)
        return f"{self.text[:begin]}{indent}{key}:{value}{self.text[begin:]}"

    def add_service(self, step: Any, name: str) -> str | None:
        """With the service listed in the step; None where it is already."""
        services = _get(step, "services")
        if services is None:
            return self._new_services(step, name)
        if not isinstance(services, _SEQ) or any(n.value == name for n in services.value):
            return None
        if services.flow_style:
            at = services.start_mark.index + 1
            return f"{self.text[:at]}{name}{', ' if services.value else ''}{self.text[at:]}"
        first = services.value[0]
        begin = self.text.rfind("\n", 0, first.start_mark.index) + 1
        lead = self.text[begin : first.start_mark.index]
        return f"{self.text[:begin]}{lead}{name}{self._newline}{self.text[begin:]}"

    def _new_services(self, step: Any, name: str) -> str | None:
        key = next((k for k, _ in step.value if k.value == "script"), step.value[0][0])
        begin = self.text.rfind("\n", 0, key.start_mark.index) + 1
        indent = self.text[begin : key.start_mark.index]
        if indent.strip():
            return None
        n = self._newline
        return f"{self.text[:begin]}{indent}services:{n}{indent}  - {name}{n}{self.text[begin:]}"

    def services(self) -> list[tuple[Any, Any]]:
        """(key node, body node) of the services that the file defines."""
        defined = _get(_get(self.root, "definitions"), "services")
        return list(defined.value) if isinstance(defined, _MAP) else []

    def add_key(self, mapping: Any, key: str, value: str) -> str | None:
        """With a last ``key: value`` in a block mapping, or its scalar replaced; None for brackets or an alias."""
        for old, node in mapping.value:
            if old.value == key:
                if not isinstance(node, _SCALAR):
                    return None
                return self.text[: node.start_mark.index] + value + self.text[node.end_mark.index :]
        if mapping.flow_style or not mapping.value:
            return None
        last_key, _ = mapping.value[0]
        begin = self.text.rfind("\n", 0, last_key.start_mark.index) + 1
        indent = self.text[begin : last_key.start_mark.index]
        if indent.strip():
            return None
        return f"{self.text[:begin]}{indent}{key}: {value}{self._newline}{self.text[begin:]}"

    def replace(self, node: Any, new: str) -> str:
        """With a node's raw text replaced."""
        return self.text[: node.start_mark.index] + new + self.text[node.end_mark.index :]

    @property
    def _newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"


def scalar(command: str) -> str:
    """The command as a YAML scalar: plain where YAML reads it back the same, else in single quotes."""
    try:
        same = yaml.safe_load(f"- {command}") == [command]
    except yaml.YAMLError:
        same = False
    return command if same else "'" + command.replace("'", "''") + "'"


def variables_of(service: Any) -> list[tuple[Any, Any]]:
    """The (key, value) nodes of a service's variables (``environment`` in old files)."""
    found = _get(service, "variables") or _get(service, "environment")
    return list(found.value) if isinstance(found, _MAP) else []


def image_of(service: Any) -> str:
    """The service's image name, "" where it has none."""
    image = _get(service, "image")
    named = _get(image, "name") if isinstance(image, _MAP) else image
    return str(named.value) if isinstance(named, _SCALAR) else ""


def _get(node: Any, key: str) -> Any:
    if not isinstance(node, _MAP):
        return None
    return next((value for name, value in node.value if isinstance(name, _SCALAR) and name.value == key), None)


def _items(node: Any, seen: set[int] | None = None) -> Iterator[Item]:
    seen = set() if seen is None else seen
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, _MAP):
        for key, value in node.value:
            if isinstance(key, _SCALAR) and key.value in ("script", "after-script") and isinstance(value, _SEQ):
                for index, entry in enumerate(value.value):
                    yield Item(entry, node, index)
            else:
                yield from _items(value, seen)
    elif isinstance(node, _SEQ):
        for value in node.value:
            yield from _items(value, seen)
