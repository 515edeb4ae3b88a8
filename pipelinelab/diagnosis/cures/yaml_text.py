"""Edits to a pipelines file that touch nothing but their own place: comments, order and quoting stay. Pure.

YAML is parsed only to learn where things are; the text itself is cut and pasted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import yaml

from pipelinelab.diagnosis.cures.composing import compose, place_of
from pipelinelab.diagnosis.cures.items import Item, best_item, get, items_of

_MAP, _SEQ, _SCALAR = yaml.MappingNode, yaml.SequenceNode, yaml.ScalarNode
_BEHIND = re.compile(r"\s*:\s+(?:[&!]\S*\s+)*")
_DASH = re.compile(r"(?P<indent>[ ]*)-(?P<gap>[ \t]+)(?:[&!]\S*[ \t]+)*")


class Yaml:
    """A pipelines file's text with its nodes; edits give new text, or None where they cannot be made."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.root, self._aliases = compose(text)
        self.items = list(items_of(self.root, self._aliases)) if self.root is not None else []

    def item(self, command: str, line: int | None, earlier: Sequence[str] = (), branch: str = "") -> Item | None:
        """The script item at a line, else the one that is the command: ``earlier`` are the log's commands before it,
        which tell the step, and ``branch`` is the one that was cloned (``items.best_item`` says how they count)."""
        return best_item(self.root, self.items, (*earlier, command), line, branch)

    def insert_before(self, item: Item, commands: list[str]) -> str | None:
        """With script items before this one in the list that runs it, also where the item is an alias; None in a list
        that is written in brackets."""
        begin = self.text.rfind("\n", 0, item.begin) + 1
        lead = _DASH.fullmatch(self.text, begin, item.begin)
        if lead is None:
            return None
        indent, gap = lead["indent"], lead["gap"].replace("\t", " ")
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
            if len(lines) != 1 or not isinstance(old[1], _SCALAR) or place_of(step, old[0]) in self._aliases:
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
            return self.new_list(step, "services", name)
        return self.add_entry(services, name)

    def add_entry(self, entries: Any, text: str) -> str | None:
        """With a text in a list, before its first entry; None where it is there already, or for no list."""
        if not isinstance(entries, _SEQ) or any(n.value == text for n in entries.value):
            return None
        if entries.flow_style:
            at = entries.start_mark.index + 1
            return f"{self.text[:at]}{text}{', ' if entries.value else ''}{self.text[at:]}"
        first = self._aliases.get(place_of(entries, 0), entries.value[0].start_mark.index)
        begin = self.text.rfind("\n", 0, first) + 1
        lead = _DASH.fullmatch(self.text, begin, first)
        if lead is None:
            return None
        return f"{self.text[:begin]}{lead['indent']}-{lead['gap']}{text}{self._newline}{self.text[begin:]}"

    def new_list(self, step: Any, name: str, entry: str) -> str | None:
        """With a key that the step lacks, and a list of one entry under it."""
        key = next((k for k, _ in step.value if k.value == "script"), step.value[0][0])
        begin = self.text.rfind("\n", 0, key.start_mark.index) + 1
        indent = self.text[begin : key.start_mark.index]
        if indent.strip():
            return None
        n = self._newline
        return f"{self.text[:begin]}{indent}{name}:{n}{indent}  - {entry}{n}{self.text[begin:]}"

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
                if not isinstance(node, _SCALAR) or place_of(mapping, old) in self._aliases:
                    return None
                return self.text[: node.start_mark.index] + value + self.text[node.end_mark.index :]
        return self._first_in(mapping, [f"{key}: {value}"])

    def follows(self, key: Any, value: Any) -> bool:
        """Whether a value is written behind its key; an alias's value stands elsewhere."""
        return bool(_BEHIND.fullmatch(self.text, key.end_mark.index, max(key.end_mark.index, value.start_mark.index)))

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
    return _pairs(get(service, "variables") or get(service, "environment"))


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    """A mapping's pairs with those that ``<<`` merges in: its own win, then the first that has the key."""
    if not isinstance(node, _MAP):
        return []
    own = [pair for pair in node.value if getattr(pair[0], "value", "") != "<<"]
    merged = [value for key, value in node.value if getattr(key, "value", "") == "<<"]
    sources = [one for value in merged for one in (value.value if isinstance(value, _SEQ) else [value])]
    for pair in (pair for one in sources for pair in _pairs(one)):
        if all(pair[0].value != key.value for key, _ in own):
            own.append(pair)
    return own


def image_of(service: Any) -> str:
    """The service's image name, "" where it has none."""
    image = get(service, "image")
    named = get(image, "name") if isinstance(image, _MAP) else image
    return str(named.value) if isinstance(named, _SCALAR) else ""
