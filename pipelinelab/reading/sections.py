"""The one engine that reads a section of the format by the table of its keywords."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelinelab.model.source import Span
from pipelinelab.reading.complaints import wrong_kind
from pipelinelab.reading.cures import under_entry
from pipelinelab.reading.desk import Desk, Path
from pipelinelab.reading.fields import Field, fields
from pipelinelab.reading.problems import Edit, Fix
from pipelinelab.reading.suggest import ADVICE, nearest, same, sure
from pipelinelab.reading.values import Reader
from pipelinelab.reading.yaml_tree import Mapping as YamlMapping
from pipelinelab.reading.yaml_tree import Sequence, YamlNode

MOST_UNKNOWN = 100
"""How many unknown keywords of one section are looked at."""


@dataclass(frozen=True, slots=True)
class Keyword:
    """A keyword of a section: how its value is read, and the model's field that takes it (its own name by default).

    ``required``: the section is nothing without it. ``vital``: most are nothing without it, and the section's builder
    knows when. Either way a misspelt one is an error."""

    read: Reader
    field: str = ""
    required: bool = False
    vital: bool = False


@dataclass(frozen=True)
class Section:
    """A section: what readers call it, its keywords, and what makes a value of the model out of what was read.

    ``instead`` says what is meant by words that people bring from elsewhere. An unknown keyword is a warning; an error
    where ``strict``; where ``quiet``, any key may hold anchors, and is only told if it looks like a slip.
    ``stranger`` gets every unknown field first, and says whether it has dealt with it."""

    title: str
    keywords: Mapping[str, Keyword]
    build: Callable[..., Any]
    instead: Mapping[str, str] = field(default_factory=dict)
    quiet: bool = False
    strict: bool = False
    stranger: Callable[[Desk, Field, Parts], bool] | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What was read of a section: values by the model's fields, the map's fields by name, and where all that was."""

    values: dict[str, Any]
    fields: dict[str, Field]
    node: YamlMapping
    places: dict[str, Span]
    at: Path

    def origin(self) -> dict[str, Any]:
        """The keyword arguments of every model node: its span, places and aliases."""
        return {"span": self.node.span, "places": self.places, "via": self.node.via}


def section(name: str) -> Reader:
    """The reader of a section of the table."""

    def read(desk: Desk, node: YamlNode, at: Path) -> Any:
        return read_section(desk, node, at, name)

    return read


def read_section(desk: Desk, node: YamlNode, at: Path, name: str) -> Any:
    """Read a map by its section of the table; None where it is no map, or where a required keyword is missing."""
    spec = desk.sections[name]
    if not isinstance(node, YamlMapping):
        wrong_kind(desk, node, at, "a map")
        return None
    parts = Parts({}, {}, node, {}, at)
    unknown: list[Field] = []
    with desk.through(node):
        for one in fields(desk, node, at):
            parts.fields[one.name] = one
            keyword = spec.keywords.get(one.name)
            if keyword is None:
                unknown.append(one)
                continue
            parts.places[one.name] = one.value.span
            if isinstance(one.value, Sequence):
                parts.places.update({f"{one.name}.{i}": item.span for i, item in enumerate(one.value.items)})
            value = keyword.read(desk, one.value, (*at, one.name))
            if value is not None:
                parts.values[keyword.field or one.name.replace("-", "_")] = value
        for one in unknown[:MOST_UNKNOWN]:
            if spec.stranger is None or not spec.stranger(desk, one, parts):
                unknown_keyword(desk, one, parts, spec)
        whole = missing(desk, parts, spec)
        return spec.build(desk, parts) if whole else None


def unknown_keyword(desk: Desk, one: Field, parts: Parts, spec: Section) -> None:
    """Report a keyword that the section does not have. Where it is a required one misspelt, read it all the same."""
    at = parts.at
    absent = [name for name in spec.keywords if name not in parts.fields]
    advice = ADVICE.get(one.name) if not spec.quiet and one.name not in absent else None
    if advice is not None:
        desk.report(
            "PL103",
            one.key,
            f"`{one.name}:` is not a keyword of {spec.title}",
            at,
            found=f"`{one.name}:`",
            expected="one of " + ", ".join(sorted(spec.keywords)),
            suggestion=advice,
            **(_error if spec.strict else {}),
        )
        return
    meant = same(one.name, absent) or spec.instead.get(one.name.lower()) or nearest(one.name, absent)
    if meant is not None and meant not in absent:
        meant = None
    slip = meant is not None and spec.keywords[meant].vital and sure(one.name, meant)
    if spec.quiet and ((_holds_anchor(one.value) and not slip) or (meant is None and one.name not in _SLIPS)):
        return
    severity = {"severity": "error"} if spec.strict else {}
    if meant is not None:
        keyword = spec.keywords[meant]
        if keyword.required or keyword.vital:
            severity = {"severity": "error"}
        desk.report(
            "PL103",
            one.key,
            f"`{one.name}:` is not a keyword of {spec.title}; did you mean `{meant}:`?",
            at,
            expected=f"`{meant}:`",
            found=f"`{one.name}:`",
            suggestion=f"did you mean {meant}?",
            fix=Fix(title=f"write `{meant}:`", edits=(Edit(one.key.span, meant),), safe=sure(one.name, meant)),
            **severity,
        )
        if keyword.required or keyword.vital:
            value = keyword.read(desk, one.value, (*at, meant))
            parts.places[meant] = one.value.span
            parts.fields[meant] = one
            if value is not None:
                parts.values[keyword.field or meant.replace("-", "_")] = value
        return
    homes = homes_of(desk, one.name, spec) if one.name != "name" else ""
    if spec.title == "definitions" and one.name == "docker":
        homes = "`services:`"
    if spec is desk.sections["top"] and one.name in desk.sections["pipelines"].keywords:
        homes = "pipelines"
    alone = homes == "pipelines" and "pipelines" not in parts.fields
    if one.name == "definitions" and spec is desk.sections["pipelines"]:
        alone = True
    if homes == "pipelines" and alone:
        starts = [name for name in parts.fields if name in desk.sections["pipelines"].keywords]
        desk.report(
            "PL105",
            one.key,
            f"`{one.name}:` stands at the top, and the file has no `pipelines:`",
            at,
            expected=f"`pipelines:`, and `{one.name}:` indented under it",
            found=f"`{one.name}:` alone",
            suggestion="write `pipelines:` in a line before it, and indent what follows",
            fix=under_entry(desk, one.key, one.value, "pipelines") if len(starts) == 1 else None,
            **_error,
        )
        return
    if homes:
        desk.report(
            "PL105",
            one.key,
            f"`{one.name}:` does nothing in {spec.title}: it belongs in {homes}",
            at,
            expected=f"`{one.name}:` in {homes}",
            found=f"`{one.name}:` in {spec.title}",
            suggestion=f"move it to {homes}",
            **(_error if alone else severity),
        )
        return
    desk.report(
        "PL103",
        one.key,
        f"`{one.name}:` is not a keyword of {spec.title}",
        at,
        found=f"`{one.name}:`",
        expected="one of " + ", ".join(sorted(spec.keywords)),
        suggestion="Bitbucket ignores it: take it away",
        **severity,
    )


_error = {"severity": "error"}
_SLIPS = frozenset(
    {
        "services",
        "caches",
        "step",
        "script",
        "branches",
        "default",
        "tags",
        "pull-requests",
        "custom",
        "docker",
        "max-time",
        "size",
        "memory",
        "includePaths",
        "variables",
        "environment",
    }
)
"""Keywords that are a slip where any name may stand; others are taken for a place to keep anchors."""


def _holds_anchor(node: YamlNode) -> bool:
    stack = [node]
    while stack:
        one = stack.pop()
        if one.anchor is not None:
            return True
        if isinstance(one, YamlMapping):
            stack.extend(value for _, value in one.entries if not value.via)
        elif isinstance(one, Sequence):
            stack.extend(value for value in one.items if not value.via)
    return False


def homes_of(desk: Desk, name: str, spec: Section) -> str:
    """The sections where a keyword would be right, as words; "" where there is none."""
    titles = [other.title for other in desk.sections.values() if name in other.keywords and other is not spec]
    return " or ".join(dict.fromkeys(titles[:3]))


def missing(desk: Desk, parts: Parts, spec: Section) -> bool:
    """Report the required keywords that are not there; True where none is missing and each could be read."""
    whole = True
    for name, keyword in spec.keywords.items():
        if not keyword.required:
            continue
        if name not in parts.fields:
            desk.report(
                "PL104",
                name_of(desk, parts.node),
                f"{spec.title} needs `{name}:`",
                parts.at,
                expected=f"`{name}:`",
                found=", ".join(f"`{one}:`" for one in parts.fields) or "nothing",
                bitbucket_says=f"missing required property '{name}'",
            )
            whole = False
        elif (keyword.field or name.replace("-", "_")) not in parts.values:
            whole = False
    return whole


def name_of(desk: Desk, node: YamlNode) -> Span:
    """The keyword that a collection stands under; where it has none, or came through an alias, where it begins."""
    return first_line(node) if node.via else desk.names.get(node.span, first_line(node))


def first_line(node: YamlNode) -> Span:
    """Where a collection begins: its first key or item."""
    if isinstance(node, YamlMapping) and node.entries:
        return node.entries[0][0].span
    return node.span


def make(cls: Callable[..., Any]) -> Callable[[Desk, Parts], Any]:
    """What builds a model node out of the values as they were read."""

    def build(_: Desk, parts: Parts) -> Any:
        return cls(**fitting(cls, parts.values), **parts.origin())

    return build


def fitting(cls: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a class of the model has a field for; others are only checked."""
    known = getattr(cls, "__dataclass_fields__", {})
    return {name: value for name, value in values.items() if name in known}


def table(keywords: Iterable[tuple[str, Reader]], required: Iterable[str] = ()) -> dict[str, Keyword]:
    """Keywords by name from (name, reader) pairs."""
    needed = frozenset(required)
    return {name: Keyword(read, required=name in needed) for name, read in keywords}
