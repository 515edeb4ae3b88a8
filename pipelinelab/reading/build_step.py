"""What a step takes more than a table for: size, clone, artifacts, conditions, and the step itself."""

from __future__ import annotations

from dataclasses import replace

from pipelinelab.model.pipelines import (
    Artifacts,
    Condition,
    Sparse,
    Step,
    Upload,
)
from pipelinelab.reading.complaints import constructed, wrong_kind
from pipelinelab.reading.cures import under_key
from pipelinelab.reading.desk import Desk, Path
from pipelinelab.reading.fields import fields
from pipelinelab.reading.sections import Parts, name_of, read_section
from pipelinelab.reading.values import flag, integer, list_of, short, text
from pipelinelab.reading.yaml_tree import Mapping, Scalar, Sequence, YamlNode

SIZES = ("1x", "2x", "4x", "8x", "16x", "32x")


def size(desk: Desk, node: YamlNode, at: Path) -> int | None:
    """A step's size as a factor."""
    if isinstance(node, Scalar) and node.kind == "str" and node.value in SIZES:
        return int(node.value[:-1])
    if not isinstance(node, Scalar) or node.kind == "null":
        wrong_kind(desk, node, at, "text")
        return None
    near = node.value.strip().lower().rstrip("x") + "x"
    desk.report(
        "PL106",
        node,
        f"`size` cannot be {node.value}",
        at,
        expected=", ".join(SIZES),
        found=node.value,
        suggestion=f"did you mean {near}?" if near in SIZES else "",
        fix=desk.replace(node, near, f"write {near}") if near in SIZES else None,
    )
    return None


def depth(desk: Desk, node: YamlNode, at: Path) -> int | None:
    """A clone's depth; 0 means full."""
    if isinstance(node, Scalar) and node.kind == "str" and node.value == "full":
        return 0
    if isinstance(node, Scalar) and node.kind == "str" and not node.value.isdecimal():
        desk.report(
            "PL106", node, f"`depth` cannot be {node.value!r}", at, expected="a whole number or full", found=node.value
        )
        return None
    number: int | None = integer(1)(desk, node, at)
    return number


def sparse_checkout(desk: Desk, node: YamlNode, at: Path) -> Sparse | None:
    """The patterns of a sparse checkout, in a list or under ``patterns:``, with or without git's cone."""
    given: dict[str, YamlNode] = {"patterns": node}
    if isinstance(node, Mapping):
        given = {one.name: one.value for one in fields(desk, node, at)}
    listed = next((given[name] for name in ("patterns", "paths", "cone-patterns") if name in given), None)
    said = {name: flag(desk, given[name], at) for name in ("enabled", "cone-mode") if name in given}
    patterns = None if listed is None else list_of(text, minimum=0)(desk, listed, at)
    if not patterns or said.get("enabled") is False:
        return None
    return Sparse(patterns=patterns, cone=said.get("cone-mode"), span=node.span, via=node.via)


def artifacts(desk: Desk, node: YamlNode, at: Path) -> Artifacts | None:
    """Artifacts as a list of patterns or as a map."""
    if isinstance(node, Mapping):
        long: Artifacts | None = read_section(desk, node, at, "artifacts")
        return long
    named = isinstance(node, Sequence) and next(
        (one for one in node.items if _is_named(one, {"name"}) or _is_named(one, {"paths"})), None
    )
    if named:
        every = isinstance(node, Sequence) and all(_is_named(one, {"name", "paths"}) for one in node.items)
        wrong_kind(
            desk,
            named,
            at,
            "a list of patterns, or a map with `upload:`",
            suggestion="put named artifacts under `upload:`",
            fix=under_key(desk, node, "upload:") if every else None,
        )
        upload = uploads(desk, node, (*at, "upload")) if every else None
        return Artifacts(upload=upload, span=node.span, via=node.via) if upload else None
    paths = list_of(text)(desk, node, at)
    return None if paths is None else Artifacts(paths=paths, span=node.span, via=node.via)


def _is_named(node: YamlNode, wanted: set[str]) -> bool:
    """Whether an item of ``artifacts:`` has these keywords of those that ``upload:`` takes."""
    keys = {key.value for key, _ in node.entries if isinstance(key, Scalar)} if isinstance(node, Mapping) else set()
    return wanted <= keys


def artifacts_of_map(desk: Desk, parts: Parts) -> Artifacts:
    """Artifacts' long form: paths or upload, never both."""
    if "paths" in parts.fields and "upload" in parts.fields:
        later = max((parts.fields["paths"].key, parts.fields["upload"].key), key=lambda key: key.span.line)
        desk.report(
            "PL119",
            later,
            "artifacts have `paths:` and `upload:`, and only one may be there",
            parts.at,
            expected="`paths:` or `upload:`",
            found="both",
            suggestion="write the paths as one more entry of `upload:`",
            bitbucket_says="Only one of 'paths' or 'upload' may be defined in the artifacts. "
            "Please remove one of them.",
        )
    return Artifacts(**parts.values, **parts.origin())


def download(desk: Desk, node: YamlNode, at: Path) -> bool | tuple[str, ...] | None:
    """All artifacts, none, or those of these names."""
    if isinstance(node, Scalar) and node.kind == "bool":
        return bool(constructed(node))
    if not isinstance(node, Sequence):
        wrong_kind(desk, node, at, "true, false or a list of names")
        return None
    names: tuple[str, ...] | None = list_of(text)(desk, node, at)
    return names


def uploads(desk: Desk, node: YamlNode, at: Path) -> tuple[Upload, ...] | None:
    """The uploads: all maps, or all patterns."""
    forms = {isinstance(one, Mapping) for one in node.items} if isinstance(node, Sequence) else set()

    def read(desk: Desk, one: YamlNode, at: Path) -> Upload | None:
        if isinstance(one, Mapping) or (True not in forms and not isinstance(one, Scalar)):
            upload: Upload | None = read_section(desk, one, at, "upload")
            return upload
        if True in forms:
            wrong_kind(desk, one, at, "a map with `name:` and `paths:`")
            return None
        path = text(desk, one, at)
        return None if path is None else Upload(name=path, paths=(path,), span=one.span, via=one.via)

    found: tuple[Upload, ...] | None = list_of(read)(desk, node, at)
    return found


def state(desk: Desk, node: YamlNode, at: Path) -> str | None:
    """A condition's expression, 1 to 1000 characters."""
    value = short(1000)(desk, node, at)
    if value == "":
        desk.report("PL102", node, "`state:` is empty", at, expected="an expression", found="nothing")
    return None if value is None else str(value)


def changesets(desk: Desk, parts: Parts) -> Parts:
    """Paths that start a step, or paths that do not; not both."""
    if {"includePaths", "excludePaths"} <= parts.fields.keys():
        desk.report(
            "PL101",
            parts.fields["excludePaths"].key,
            "`includePaths:` and `excludePaths:` in one condition",
            parts.at,
            expected="one of them",
            found="both",
        )
    elif not parts.fields:
        desk.report(
            "PL217", parts.node, "`changesets:` names no paths", parts.at, expected="`includePaths:`", found="nothing"
        )
    return parts


def condition(desk: Desk, parts: Parts) -> Condition:
    """A condition."""
    if not parts.fields:
        desk.report(
            "PL217",
            parts.node,
            "`condition:` says nothing",
            parts.at,
            expected="`changesets:` or `state:`",
            found="nothing",
        )
    paths: Parts | None = parts.values.pop("changesets", None)
    more = paths.values if paths else {}
    places = parts.places | (paths.places if paths else {})
    return Condition(**more, **parts.values, span=parts.node.span, places=places, via=parts.node.via)


def auth(_: Desk, parts: Parts) -> tuple[str, ...]:
    """The scopes of ``auth: system:``."""
    system: Parts | None = parts.values.get("system")
    return system.values.get("scopes", ()) if system else ()


def scopes(desk: Desk, node: YamlNode, at: Path) -> tuple[str, ...] | None:
    """Scopes, each once."""
    found: tuple[str, ...] | None = list_of(text, minimum=0)(desk, node, at)
    if found and len(set(found)) < len(found):
        desk.report(
            "PL015",
            node,
            "a scope stands twice",
            at,
            severity="error",
            expected="each scope once",
            found=", ".join(found),
        )
    return found


def not_in_final(desk: Desk, node: YamlNode, at: Path) -> None:
    """Report what a final step cannot have."""
    desk.report(
        "PL123",
        node,
        f"a final step cannot have `{at[-1]}:`",
        at,
        expected="a final step without it",
        found=f"`{at[-1]}:`",
        suggestion="take it away",
    )


def step(desk: Desk, parts: Parts) -> Step:
    """A step: it has a script, or starts another pipeline."""
    inner = parts.values.pop("step", None)
    if "step" in parts.fields:
        field = parts.fields["step"]
        desk.report(
            "PL124",
            field.key,
            "a step inside a step",
            parts.at,
            expected="the step's keywords",
            found="`step:` again",
            suggestion="the anchor holds a whole item: write `- *alias`, or move the anchor behind `step:`",
            bitbucket_says="missing required property 'script'",
        )
        return inner if isinstance(inner, Step) else Step(**parts.values, **parts.origin())
    child = parts.values.get("type") == "pipeline"
    if "script" not in parts.fields and not child and not any(name == "script" for name in parts.places):
        desk.report(
            "PL104",
            name_of(desk, parts.node),
            "a step needs `script:`",
            parts.at,
            expected="`script:`",
            found=", ".join(f"`{name}:`" for name in parts.fields) or "nothing",
            bitbucket_says="missing required property 'script'",
        )
    if child and "custom" not in parts.fields:
        desk.report(
            "PL104",
            name_of(desk, parts.node),
            "a step of type pipeline needs `custom:`",
            parts.at,
            expected="`custom:` with the name of a custom pipeline",
            found="none",
        )
    return Step(**parts.values, **parts.origin())


def final(desk: Desk, parts: Parts) -> Step:
    """A final step."""
    return replace(step(desk, parts), final=True)
