"""Edits to a pipelines file that touch nothing but their own place: comments, order and quoting stay. Pure.

YAML is parsed only to learn where things are; the text itself is cut and pasted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import yaml

from pipelinelab.diagnosis.cures.items import Item, best_item, get, items_of

_MAP, _SEQ, _SCALAR = yaml.MappingNode, yaml.SequenceNode, yaml.ScalarNode


class Yaml:
    """A pipelines file's text with its nodes; edits give new text, or None where they cannot be made."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self.root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
        except (yaml.YAMLError, ValueError, RecursionError):
            self.root = None
        self.items = list(items_of(self.root)) if self.root is not None else []

    def item(self, command: str, line: int | None, earlier: Sequence[str] = (), branch: str = "") -> Item | None:
        """The script item at a line, else the one that is the command: ``earlier`` are the log's commands before it,
        which tell the step, and ``branch`` is the one that was cloned (``items.best_item`` says how they count)."""
        return best_item(self.root, self.items, (*earlier, command), line, branch)

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
        services = get(step, "services")
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
        defined = get(get(self.root, "definitions"), "services")
        return list(defined.value) if isinstance(defined, _MAP) else []

    def define_service(self, name: str, key: str, value: str) -> str | None:
        """With a service of one key defined, for a file that does not define it; None where there is no place."""
        definitions = get(self.root, "definitions")
        defined, n = get(definitions, "services"), self._newline
        if isinstance(defined, _MAP) and defined.value:
            return self._first_in(defined, [f"{name}:", f"  {key}: {value}"])
        if isinstance(definitions, _MAP) and definitions.value and defined is None:
            return self._first_in(definitions, ["services:", f"  {name}:", f"    {key}: {value}"])
        if definitions is not None or not isinstance(self.root, _MAP) or self.root.flow_style:
            return None
        end = "" if self.text.endswith("\n") else n
        return f"{self.text}{end}{n}definitions:{n}  services:{n}    {name}:{n}      {key}: {value}{n}"

    def add_mapping(self, mapping: Any, key: str, inner: str, value: str) -> str | None:
        """With ``key: {inner: value}`` in a mapping that lacks the key."""
        if mapping.flow_style and mapping.value:
            at = mapping.value[-1][1].end_mark.index
            return f"{self.text[:at]}, {key}: {{{inner}: {value}}}{self.text[at:]}"
        return self._first_in(mapping, [f"{key}:", f"  {inner}: {value}"], last=True)

    def _first_in(self, mapping: Any, lines: list[str], last: bool = False) -> str | None:
        """With lines put before the first key of a block mapping (after the first key's scalar, for ``last``)."""
        if mapping.flow_style or not mapping.value:
            return None
        key, value = mapping.value[0]
        begin = self.text.rfind("\n", 0, key.start_mark.index) + 1
        indent = self.text[begin : key.start_mark.index]
        if indent.strip():
            return None
        if last and isinstance(value, _SCALAR) and value.start_mark.line == key.start_mark.line:
            end = self.text.find("\n", value.end_mark.index)
            if end < 0:
                return self.text + "".join(f"{self._newline}{indent}{line}" for line in lines)
            begin = end + 1
        return self.text[:begin] + "".join(f"{indent}{line}{self._newline}" for line in lines) + self.text[begin:]

    def add_key(self, mapping: Any, key: str, value: str) -> str | None:
        """With a ``key: value`` in a block mapping, or its scalar replaced; None for brackets or an alias."""
        for old, node in mapping.value:
            if old.value == key:
                if not isinstance(node, _SCALAR):
                    return None
                return self.text[: node.start_mark.index] + value + self.text[node.end_mark.index :]
        return self._first_in(mapping, [f"{key}: {value}"])

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
    found = get(service, "variables") or get(service, "environment")
    return list(found.value) if isinstance(found, _MAP) else []


def image_of(service: Any) -> str:
    """The service's image name, "" where it has none."""
    image = get(service, "image")
    named = get(image, "name") if isinstance(image, _MAP) else image
    return str(named.value) if isinstance(named, _SCALAR) else ""
