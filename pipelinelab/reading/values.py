"""Readers of single values. Each takes the desk, a node and the way to it, and gives the value, or None where a
problem was reported instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from pipelinelab.reading.complaints import as_text, boolean, constructed, empty, number, wrong_kind
from pipelinelab.reading.desk import Desk, Path
from pipelinelab.reading.problems import WARNING
from pipelinelab.reading.suggest import nearest
from pipelinelab.reading.yaml_tree import Scalar, Sequence, YamlNode

Reader = Callable[[Desk, YamlNode, Path], Any]


def text(desk: Desk, node: YamlNode, at: Path) -> str | None:
    """Text. Unquoted booleans, numbers and times are errors, with quotes as the cure."""
    if not isinstance(node, Scalar) or node.kind == "null":
        wrong_kind(desk, node, at, "text")
        return None
    if node.kind == "bool":
        boolean(desk, node, at)
    elif node.kind != "str":
        number(desk, node, at)
    return as_text(node)


def variable_text(desk: Desk, node: YamlNode, at: Path) -> str | None:
    """A variable's value: as ``text``, but a number is only a warning, for files that have one run."""
    if isinstance(node, Scalar) and node.kind not in ("str", "null", "bool"):
        number(desk, node, at, severity=WARNING)
        return as_text(node)
    return text(desk, node, at)


def flag(desk: Desk, node: YamlNode, at: Path) -> bool | None:
    """True or false."""
    if isinstance(node, Scalar) and node.kind == "bool":
        return bool(constructed(node))
    fix = None
    if isinstance(node, Scalar) and node.value.lower() in ("true", "false", "yes", "no", "on", "off"):
        fix = desk.replace(node, node.value.lower(), "take the quotes away")
    wrong_kind(desk, node, at, "true or false", fix=fix)
    return None


def integer(minimum: int | None = None, maximum: int | None = None, unit: str = "") -> Reader:
    """A reader of whole numbers within bounds (both included)."""
    wanted = f"a whole number{unit and f' of {unit}'}"

    def read(desk: Desk, node: YamlNode, at: Path) -> int | None:
        value = constructed(node) if isinstance(node, Scalar) and node.kind == "int" else None
        if not isinstance(value, int):
            fix = None
            if isinstance(node, Scalar) and node.value.isdecimal() and node.style in ("'", '"'):
                fix = desk.replace(node, node.value, "take the quotes away")
            number = (
                re.fullmatch(r"(\d+)\s*(m|mb|mi|mib|g|gb|gi|gib)", node.value.lower())
                if isinstance(node, Scalar)
                else None
            )
            if number and unit == "megabytes":
                near = str(int(number[1]) * (1024 if number[2].startswith("g") else 1))
                fix = desk.replace(node, near, f"write {near}")
            wrong_kind(desk, node, at, wanted, fix=fix)
            return None
        if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
            bounds = f"{minimum} or more" if maximum is None else f"{minimum} to {maximum}"
            desk.report(
                "PL107", node, f"{value} is out of bounds", at, expected=f"{wanted}, {bounds}", found=str(value)
            )
            return None
        return value

    return read


def choice(*allowed: str) -> Reader:
    """A reader of one word of a few."""

    def read(desk: Desk, node: YamlNode, at: Path) -> str | None:
        if not isinstance(node, Scalar) or node.kind == "null":
            wrong_kind(desk, node, at, "text")
            return None
        if node.value in allowed and node.kind == "str":
            return node.value
        near = nearest(node.value, allowed)
        if near is None:
            near = next((one for one in allowed if node.value and one.startswith(node.value)), None)
        name = next((str(part) for part in reversed(at) if isinstance(part, str)), "")
        desk.report(
            "PL106",
            node,
            f"`{name}` cannot be {node.value!r}",
            at,
            expected=" or ".join(allowed),
            found=node.value,
            suggestion=f"did you mean {near}?" if near else "",
            fix=desk.replace(node, near, f"write {near}") if near else None,
        )
        return None

    return read


def list_of(item: Reader, minimum: int = 1, maximum: int | None = None) -> Reader:
    """A reader of lists; what cannot be read is left out. An empty one is reported where ``minimum`` is 1."""

    def read(desk: Desk, node: YamlNode, at: Path) -> tuple[Any, ...] | None:
        if not isinstance(node, Sequence):
            wrong_kind(desk, node, at, "a list", **_listed(desk, node))
            return None
        if len(node.items) < minimum:
            empty(desk, node, at)
        if maximum is not None and len(node.items) > maximum:
            found = f"{len(node.items)} entries"
            desk.report("PL107", node, f"too long a list: {found}", at, expected=f"at most {maximum}", found=found)
        with desk.through(node):
            values = [item(desk, one, (*at, index)) for index, one in enumerate(node.items)]
        return tuple(value for value in values if value is not None)

    return read


def _listed(desk: Desk, node: YamlNode) -> dict[str, Any]:
    if not isinstance(node, Scalar) or node.kind == "null" or node.style in ("|", ">") or node.via:
        return {}
    written = desk.source(node)
    bare = node.style == "" and not any(sign in written for sign in ",[]{}:#&*\n ")
    fix = desk.replace(node, f"[{written}]", "make it a list") if bare or node.style else None
    return {"suggestion": f"write it as a list: [{written}]", "fix": fix}


def one_or_list(item: Reader, maximum: int | None = None) -> Reader:
    """A reader of one value or a list of them; always gives a tuple."""
    many = list_of(item, maximum=maximum)

    def read(desk: Desk, node: YamlNode, at: Path) -> tuple[Any, ...] | None:
        if not isinstance(node, Scalar):
            read_many: tuple[Any, ...] | None = many(desk, node, at)
            return read_many
        value = item(desk, node, at)
        return None if value is None else (value,)

    return read


def short(limit: int) -> Reader:
    """A reader of text with at most ``limit`` characters and at least one."""

    def read(desk: Desk, node: YamlNode, at: Path) -> str | None:
        value = text(desk, node, at)
        if value is not None and len(value) > limit:
            desk.report(
                "PL107",
                node,
                f"too long: {len(value)} characters",
                at,
                expected=f"at most {limit}",
                found=f"{len(value)} characters",
            )
        return value

    return read
