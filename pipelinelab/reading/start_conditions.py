"""Readers of ``pipelines:`` and what is under it: which pipeline starts when, and its list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipelinelab.model.pipelines import Element, Import, Pipeline, Step
from pipelinelab.reading.complaints import wrong_kind
from pipelinelab.reading.cures import as_item, undashed, under_key
from pipelinelab.reading.desk import Desk, Path, kind_word
from pipelinelab.reading.elements import STEP_WORDS, Asked, element, elements
from pipelinelab.reading.fields import Field, fields
from pipelinelab.reading.sections import Parts, first_line, read_section
from pipelinelab.reading.values import Reader
from pipelinelab.reading.yaml_tree import Mapping, Scalar, Sequence, YamlNode


def pipeline(kind: str, pattern: str, custom: bool) -> Reader:
    """A reader of one pipeline: a list, or nothing but an import."""
    allowed = ("step", "parallel", "stage", "variables") if custom else ("step", "parallel", "stage", "final")
    items = elements(allowed)

    def read(desk: Desk, node: YamlNode, at: Path) -> Pipeline | None:
        if isinstance(node, Mapping) and node.entries:
            return _pipeline_map(desk, node, at)
        found = items(desk, node, at)
        if found is None:
            return None
        asked = next((one for one in found if isinstance(one, Asked)), None)
        if asked is not None and found[0] is not asked:
            desk.report(
                "PL215",
                asked.place,
                "`variables:` should be the first item of a custom pipeline",
                at,
                expected="`- variables:` first",
                found="it after a step",
            )
        steps = tuple(one for one in found if not isinstance(one, Asked))
        _final(desk, steps, at)
        return Pipeline(
            kind=kind,
            pattern=pattern,
            elements=steps,
            variables=asked.variables if asked else (),
            span=node.span,
            via=node.via,
        )

    def _pipeline_map(desk: Desk, node: Mapping, at: Path) -> Pipeline | None:
        names = [key.value for key, _ in node.entries if isinstance(key, Scalar)]
        if "import" in names:
            given = read_section(desk, node, at, "import")
            if given is None:
                return None
            return Pipeline(
                kind=kind, pattern=pattern, imported=given[0], variables=given[1], span=node.span, via=node.via
            )
        if any(name in STEP_WORDS for name in names):
            wrong_kind(
                desk,
                node,
                at,
                "a list of steps",
                suggestion="put `- ` before it",
                fix=as_item(desk, node) if len(node.entries) == 1 else None,
                reason="This section should be a list (it is currently defined as a map).",
            )
            one = element(desk, node, at, allowed)
            return Pipeline(
                kind=kind,
                pattern=pattern,
                elements=(one,) if one and not isinstance(one, Asked) else (),
                span=node.span,
                via=node.via,
            )
        keywords = desk.sections["step"].keywords
        if "script" in names and all(name in keywords for name in names):
            desk.report(
                "PL104",
                first_line(node),
                f"the keywords of a step stand in `{at[-1]}:` itself",
                at,
                expected="`- step:`, and them under it",
                found=", ".join(f"`{name}:`" for name in names[:4]),
                suggestion="write `- step:` before them, and indent them",
                fix=under_key(desk, node, "- step:", 4),
                reason="This section should be a list (it is currently defined as a map).",
            )
            step = read_section(desk, node, (*at, "step"), "step")
            return Pipeline(kind=kind, pattern=pattern, elements=(step,) if step else (), span=node.span, via=node.via)
        if all(isinstance(value, Sequence) for _, value in node.entries):
            desk.report(
                "PL116",
                first_line(node),
                f"`{at[-1]}:` takes a list of steps, not patterns",
                at,
                expected="a list of steps",
                found=f"a map of patterns: {', '.join(names[:3])}",
                suggestion="move them under `branches:`, `tags:` or `pull-requests:`, or take the pattern's line away",
                reason="This section should be a list (it is currently defined as a map).",
            )
            return None
        wrong_kind(
            desk,
            node,
            at,
            "a list of steps",
            reason="This section should be a list (it is currently defined as a map).",
        )
        return None

    return read


def _final(desk: Desk, steps: tuple[Element, ...], at: Path) -> None:
    finals = [one for one in steps if isinstance(one, Step) and one.final]
    if finals and (len(finals) > 1 or steps[-1] is not finals[0]):
        desk.report(
            "PL123",
            finals[-1].span,
            "a pipeline has one final step, and it is the last",
            at,
            expected="`final:` once, last",
            found=f"{len(finals)} of them, not all last",
        )


def patterns(kind: str) -> Reader:
    """A reader of ``branches:``, ``custom:`` … : pipelines by pattern or name."""
    custom = kind in ("custom", "definitions")

    def read(desk: Desk, node: YamlNode, at: Path) -> tuple[Pipeline, ...] | None:
        if isinstance(node, Sequence):
            name = "a-name" if custom else "'**'"
            items = [one for one in node.items if isinstance(one, Mapping)]
            words = {key.value for one in items for key, _ in one.entries if isinstance(key, Scalar)}
            steps = bool(words & set(STEP_WORDS))
            desk.report(
                "PL115",
                first_line(node),
                f"`{at[-1]}:` takes a map of {'names' if custom else 'patterns'}, and is a list",
                at,
                expected=f"{name}: and the steps under it" if steps or not words else f"`{min(words)}:` without a dash",
                found="a list",
                suggestion=f"put the steps under {name}:" if steps else "take the dashes before the names away",
                fix=(under_key(desk, node, "'**':") if not custom else None) if steps else undashed(desk, node),
                reason="This section should be a map (it is currently defined as a list).",
            )
            one = pipeline(kind, "**", custom)(desk, node, at) if steps else None
            return (one,) if one else None
        if not isinstance(node, Mapping):
            wrong_kind(desk, node, at, "a map")
            return None
        found = []
        with desk.through(node):
            for one in fields(desk, node, at):
                if one.key.kind not in ("str", "merge"):
                    desk.report(
                        "PL109",
                        one.key,
                        f"unquoted {one.name} as a name: YAML reads it as {kind_word(one.key)}",
                        at,
                        severity="warning",
                        expected=f"'{one.name}':",
                        found=f"{one.name}:",
                        suggestion="put it in quotes",
                        fix=desk.replace(one.key, f"'{one.name}'", "quote it"),
                    )
                if one.name in _STARTS and isinstance(one.value, Mapping) and _are_lists(one.value):
                    _inside(desk, one, at)
                    continue
                read_one = pipeline(kind, one.name, custom)(desk, one.value, (*at, one.name))
                if read_one is not None:
                    found.append(replace(read_one, places={**read_one.places, "pattern": one.key.span}))
        return tuple(found)

    return read


_STARTS = ("branches", "tags", "bookmarks", "pull-requests", "custom")


def _are_lists(node: Mapping) -> bool:
    return bool(node.entries) and all(isinstance(value, Sequence) for _, value in node.entries)


def _inside(desk: Desk, one: Field, at: Path) -> None:
    """Report a ``tags:`` that stands inside ``branches:``, and the like."""
    desk.report(
        "PL105",
        one.key,
        f"`{one.name}:` stands inside `{at[-1]}:`, where it is a pattern like any other",
        at,
        severity="error",
        expected=f"`{one.name}:` in the column of `{at[-1]}:`",
        found=f"`{one.name}:` deeper",
        suggestion=f"move it, and all that is under it, to the left, beside `{at[-1]}:`",
        reason="This section should be a list (it is currently defined as a map).",
    )


def build_import(_: Desk, parts: Parts) -> tuple[Import, tuple[Any, ...]]:
    """An import and the variables it gives."""
    return Import(source=parts.values["source"], **parts.origin()), parts.values.get("variables", ())
