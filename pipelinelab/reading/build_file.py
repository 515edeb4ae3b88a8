"""The whole file and its definitions."""

from __future__ import annotations

import re
from typing import Any

from pipelinelab.model.pipelines import (
    Agent,
    Cache,
    Import,
    Options,
    Pipeline,
    Pipelines,
    Service,
)
from pipelinelab.reading.complaints import constructed, wrong_kind
from pipelinelab.reading.cures import under_entry
from pipelinelab.reading.desk import Desk, Path
from pipelinelab.reading.fields import Field, fields
from pipelinelab.reading.problems import HINT, WARNING
from pipelinelab.reading.scripts import item
from pipelinelab.reading.sections import Parts, name_of, read_section
from pipelinelab.reading.start_conditions import patterns
from pipelinelab.reading.suggest import ADVICE, nearest
from pipelinelab.reading.values import choice, list_of, text
from pipelinelab.reading.yaml_tree import Mapping, Scalar, Sequence, YamlNode

_IMPORT = re.compile(r"[^:]+:[^:]+:[^:]+|[^@]+@[^@]+")


def plain(_: Desk, parts: Parts) -> Parts:
    """The parts themselves, for the section around them."""
    return parts


def on_ask(desk: Desk, node: YamlNode, at: Path) -> Any:
    """What an agent does when it is asked: a mode, or rules."""
    if isinstance(node, Mapping):
        return read_section(desk, node, at, "agent-rules")
    return choice("allow", "deny")(desk, node, at)


def rule(desk: Desk, node: YamlNode, at: Path) -> str | None:
    """One rule of an agent: a line of text."""
    value = text(desk, node, at)
    if value is not None and (not value or "\n" in value or "\r" in value):
        desk.report("PL102", node, "a rule is one line of text", at, expected="one line", found="none, or many")
    return value


def setup_script(desk: Desk, node: YamlNode, at: Path) -> tuple[Any, ...] | None:
    """What runs before an agent's task."""
    found: tuple[Any, ...] | None = list_of(item, minimum=0)(desk, node, at)
    return found


def agent(_: Desk, parts: Parts) -> Agent:
    """An agent; its name is its key."""
    values = {name: value for name, value in parts.values.items() if name in ("prompt", "provider", "setup_script")}
    return Agent(name=str(parts.at[-1]), **values, **parts.origin())


def service(desk: Desk, node: YamlNode, at: Path) -> Service | None:
    """A service; its name is its key."""
    parts = read_section(desk, node, at, "service")
    if not isinstance(parts, Parts):
        return None
    name = str(at[-1])
    if "image" not in parts.fields and "type" not in parts.fields and name != "docker":
        desk.report(
            "PL104",
            name_of(desk, parts.node),
            f"the service {name} needs `image:`",
            at,
            expected="`image:`",
            found=", ".join(f"`{one}:`" for one in parts.fields) or "nothing",
        )
    if {"variables", "environment"} <= parts.fields.keys():
        desk.report(
            "PL015",
            parts.fields["environment"].key,
            "`environment:` is the old name of `variables:`; both are here",
            at,
            expected="`variables:`",
            found="both",
            severity=HINT,
        )
    return Service(name=name, **parts.values, **parts.origin())


def cache(desk: Desk, node: YamlNode, at: Path) -> Cache | None:
    """A cache as a path or as a map; its name is its key."""
    name = str(at[-1])
    if not isinstance(node, Mapping):
        path = text(desk, node, at)
        return None if path is None else Cache(name=name, path=path, span=node.span, via=node.via)
    parts = read_section(desk, node, at, "cache")
    if not isinstance(parts, Parts):
        return None
    key = parts.values.get("key")
    files = key.values.get("files", ()) if isinstance(key, Parts) else ()
    return Cache(name=name, path=parts.values["path"], key_files=files, **parts.origin())


def import_name(desk: Desk, node: YamlNode, at: Path) -> str | None:
    """Which pipeline an import takes: ``repository:ref:pipeline`` or ``pipeline@source``."""
    value = text(desk, node, at)
    if value is not None and not _IMPORT.fullmatch(value):
        wanted = "repository:ref:pipeline or pipeline@source"
        desk.report("PL121", node, f"{value!r} names no pipeline", at, expected=wanted, found=value)
    return value


def import_source(desk: Desk, node: YamlNode, at: Path) -> Import | None:
    """A source of ``definitions.imports``: ``file``, ``repository:ref`` or ``repository:ref:file``."""
    if isinstance(node, Mapping):
        found: Import | None = read_section(desk, node, at, "import-source")
        return found
    value = text(desk, node, at)
    return None if value is None else Import(source=value, span=node.span, via=node.via)


def labels(desk: Desk, node: YamlNode, at: Path) -> dict[str, object] | None:
    """Labels: any map; values as YAML has them, text for what is not a scalar."""
    if not isinstance(node, Mapping):
        wrong_kind(desk, node, at, "a map")
        return None
    return {
        one.name: constructed(one.value)
        if isinstance(one.value, Scalar) and one.value.kind != "str"
        else one.value.value
        if isinstance(one.value, Scalar)
        else desk.source(one.value)
        for one in fields(desk, node, at)
    }


def definitions(_: Desk, parts: Parts) -> Parts:
    """The definitions' parts."""
    return parts


def top(_: Desk, parts: Parts) -> Pipelines:
    """The whole file."""
    values = dict(parts.values)
    held: Parts | None = values.pop("definitions", None)
    inside = held.values if held else {}
    started: tuple[Pipeline, ...] = values.pop("pipelines", ())
    return Pipelines(
        **({"options": Options()} | values),
        services=inside.get("services", {}),
        caches=inside.get("caches", {}),
        imports=inside.get("imports", {}),
        agents=inside.get("agents", {}),
        pipelines=(*started, *inside.get("pipelines", ())),
        span=parts.node.span,
        places=parts.places | {f"definitions.{name}": place for name, place in (held.places if held else {}).items()},
        via=parts.node.via,
    )


def start_conditions(_: Desk, parts: Parts) -> tuple[Pipeline, ...]:
    """All pipelines of ``pipelines:``, in the order of the file."""
    found: list[Pipeline] = []
    for name in parts.fields:
        value = parts.values.get(name.replace("-", "_"))
        found.extend(value if isinstance(value, tuple) else [value] if isinstance(value, Pipeline) else [])
    return tuple(found)


def pipelines(desk: Desk, node: YamlNode, at: Path) -> tuple[Pipeline, ...] | None:
    """The section ``pipelines:``, after a look for branch names beside ``branches:``."""
    if not isinstance(node, Mapping):
        dashed = isinstance(node, Sequence)
        wrong_kind(desk, node, at, "a map", suggestion="take the dash before `default:` away" if dashed else "")
        return None
    if not node.entries:
        desk.report(
            "PL118", node, "`pipelines:` starts nothing", at, expected="`default:`, `branches:` …", found="nothing"
        )
        return ()
    found: tuple[Pipeline, ...] | None = read_section(desk, node, at, "pipelines")
    return found


def branch_beside_branches(desk: Desk, one: Field, parts: Parts) -> bool:
    """True for a branch's name that stands in ``pipelines:`` itself; reported as an error where nothing else starts."""
    if not isinstance(one.value, Sequence) or one.name in ADVICE:
        return False
    alone = not (desk.sections["pipelines"].keywords.keys() & parts.fields.keys())
    near = nearest(one.name, [name for name in desk.sections["pipelines"].keywords if name not in parts.fields])
    if near:
        return False
    severity = {} if alone else {"severity": WARNING}
    fix = under_entry(desk, one.key, one.value, "branches") if alone and len(parts.node.entries) == 1 else None
    desk.report(
        "PL117",
        one.key,
        f"`{one.name}:` stands in `pipelines:` itself; a branch belongs under `branches:`",
        parts.at,
        expected="`branches:`, and the branch's name under it",
        found=f"`{one.name}:` beside it",
        suggestion="put it under `branches:`",
        fix=fix,
        **severity,
    )
    for pipeline in (
        patterns("branches")(desk, Mapping(span=one.value.span, entries=((one.key, one.value),)), parts.at) or ()
    ):
        parts.values.setdefault("branches", ())
        parts.values["branches"] += (pipeline,)
        parts.fields.setdefault("branches", one)
    return True
