"""Readers of ``NAME: value`` maps and of other maps whose keys are names."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from pipelinelab.model.pipelines import Variable
from pipelinelab.reading.complaints import empty, wrong_kind
from pipelinelab.reading.desk import Desk, Path, quoted
from pipelinelab.reading.fields import fields
from pipelinelab.reading.problems import Edit, Fix
from pipelinelab.reading.values import Reader, list_of, variable_text
from pipelinelab.reading.yaml_tree import Mapping, Scalar, Sequence, YamlNode

_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(.*)")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def variables(of: str, lists: bool = False, minimum: int = 0) -> Reader:
    """A reader of ``NAME: value`` maps. ``of`` says whose they are; ``lists`` allows lists of text as values."""
    many = list_of(variable_text, minimum=0)

    def read(desk: Desk, node: YamlNode, at: Path) -> tuple[Variable, ...] | None:
        if not isinstance(node, Mapping):
            wrong_kind(
                desk,
                node,
                at,
                "a map",
                suggestion="write each as `NAME: value`, without a dash",
                fix=_as_map(desk, node),
                bitbucket_says="The 'environment' section in your bitbucket-pipelines.yml file must be a map."
                if "services" in at
                else "",
            )
            return None
        found = []
        if len(node.entries) < minimum:
            empty(desk, node, at)
        with desk.through(node):
            for one in fields(desk, node, at):
                if not NAME.fullmatch(one.name):
                    _bad_name(desk, one.key, at, of)
                value: Any
                if lists and isinstance(one.value, Sequence):
                    value = many(desk, one.value, (*at, one.name))
                else:
                    value = variable_text(desk, one.value, (*at, one.name))
                if value is not None:
                    found.append(
                        Variable(
                            name=one.name,
                            value=value,
                            span=one.value.span,
                            via=one.value.via,
                            places={"name": one.key.span},
                        )
                    )
        return tuple(found)

    return read


def _as_map(desk: Desk, node: YamlNode) -> Fix | None:
    """``- NAME=value`` as ``NAME: 'value'``, where every item is one."""
    edits = []
    for one in node.items if isinstance(node, Sequence) and not node.via else ():
        found = _ASSIGNED.fullmatch(one.value) if isinstance(one, Scalar) and not one.via else None
        before = desk.lines.line(one.span.line)[: one.span.column - 1]
        if found is None or before.strip() != "-" or one.span.end_line != one.span.line:
            return None
        place = replace(one.span, column=before.index("-") + 1)
        edits.append(Edit(place, f"{found[1]}: {quoted(found[2])}"))
    return Fix(title="write NAME: value", edits=tuple(edits)) if edits else None


def _bad_name(desk: Desk, key: Scalar, at: Path, of: str) -> None:
    desk.report(
        "PL120",
        key,
        f"{key.value!r} cannot be the name of a variable of {of}",
        at,
        expected="letters, digits and _, no digit first",
        found=key.value,
        bitbucket_says=f'The variable name "{key.value}" is invalid',
        suggestion="take the name that the image knows for it in the environment",
    )


def mapped(read_one: Callable[[Desk, YamlNode, Path], Any], minimum: int = 0, maximum: int | None = None) -> Reader:
    """A reader of maps whose keys are names: gives a dict; what cannot be read is left out."""

    def read(desk: Desk, node: YamlNode, at: Path) -> dict[str, Any] | None:
        if not isinstance(node, Mapping):
            wrong_kind(desk, node, at, "a map")
            return None
        found: dict[str, Any] = {}
        if len(node.entries) < minimum:
            empty(desk, node, at)
        if maximum is not None and len(node.entries) > maximum:
            desk.report(
                "PL107",
                node,
                f"too many entries: {len(node.entries)}",
                at,
                expected=f"at most {maximum}",
                found=str(len(node.entries)),
            )
        with desk.through(node):
            for one in fields(desk, node, at):
                value = read_one(desk, one.value, (*at, one.name))
                if value is not None:
                    found[one.name] = value
        return found

    return read
