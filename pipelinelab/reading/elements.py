"""Readers of pipelines and of what stands in their lists: steps, parallel groups, stages, variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelinelab.model.pipelines import Element, Parallel, Stage, Step
from pipelinelab.model.source import Span
from pipelinelab.reading.complaints import empty, start_of, wrong_kind
from pipelinelab.reading.cures import as_item, indented, last_line, undashed, under_key, under_step
from pipelinelab.reading.desk import Desk, Path, kind_word
from pipelinelab.reading.fields import Field, fields
from pipelinelab.reading.misplaced import _null, with_others
from pipelinelab.reading.problems import Edit, Fix
from pipelinelab.reading.sections import Parts, read_section
from pipelinelab.reading.suggest import nearest
from pipelinelab.reading.values import Reader, list_of
from pipelinelab.reading.yaml_tree import Mapping, Scalar, Sequence, YamlNode

STEP_WORDS = ("step", "parallel", "stage", "final", "variables")


@dataclass(frozen=True, slots=True)
class Asked:
    """The ``variables:`` item of a custom pipeline, as it stands among the elements."""

    variables: tuple[Any, ...]
    place: YamlNode


def elements(allowed: tuple[str, ...]) -> Reader:
    """A reader of lists of ``step:``, ``parallel:`` … items; only those of ``allowed`` may stand there."""

    def read_one(desk: Desk, node: YamlNode, at: Path) -> Any:
        return element(desk, node, at, allowed)

    return list_of(read_one)


def element(desk: Desk, node: YamlNode, at: Path, allowed: tuple[str, ...]) -> Element | Asked | None:
    """One item of a pipeline's list."""
    if isinstance(node, Sequence):
        desk.report(
            "PL112",
            node,
            "a list inside the list of steps",
            at,
            expected="`step:`",
            found="a list",
            suggestion="Bitbucket does not join lists: use an alias for each step",
        )
        return None
    if not isinstance(node, Mapping):
        if _null(node) or not isinstance(node, Scalar):
            empty(desk, node, at)
        else:
            desk.report(
                "PL101",
                node,
                "text where a step is wanted",
                at,
                expected="`- step:`",
                found=kind_word(node),
                suggestion="write `- step:`, and the command in its `script:`",
            )
        return None
    with desk.through(node):
        return _element(desk, node, at, allowed)


def _element(desk: Desk, node: Mapping, at: Path, allowed: tuple[str, ...]) -> Element | Asked | None:
    found = fields(desk, node, at)
    known = [one for one in found if one.name in STEP_WORDS]
    others = [one for one in found if one.name not in STEP_WORDS]
    if not known:
        return _not_an_element(desk, node, found, at, allowed)
    if len(known) > 1:
        desk.explained.update(one.value.span for one in known if _null(one.value))
        desk.report(
            "PL101",
            known[1].key,
            f"`{known[0].name}:` and `{known[1].name}:` in one item",
            at,
            expected="one of them",
            found="both",
            suggestion="put `- ` before the second",
        )
    first = known[0]
    value = first.value
    if others and len(known) == 1:
        value = with_others(desk, node, first, others, at)
    if first.name not in allowed:
        where = "inside " + str(next(part for part in reversed(at) if part in STEP_WORDS or part in PLACES))
        desk.report(
            "PL105",
            first.key,
            f"`{first.name}:` cannot stand {where}",
            at,
            severity="error",
            expected=" or ".join(f"`{one}:`" for one in allowed),
            found=f"`{first.name}:`",
            suggestion=_WRONG_HERE.get(first.name, ""),
        )
    return _read(desk, first.name, value, (*at, first.name), first.key)


PLACES = ("default", "branches", "tags", "bookmarks", "pull-requests", "custom", "pipelines")


_WRONG_HERE = {
    "variables": "only custom pipelines ask for variables",
    "final": "a final step stands last in a pipeline that is not custom",
    "stage": "a stage stands in the pipeline's own list",
    "parallel": "put its steps in the group around it",
}


def _read(desk: Desk, name: str, value: YamlNode, at: Path, key: Scalar) -> Element | Asked | None:
    if name in ("step", "final"):
        if isinstance(value, Sequence):
            fix = undashed(desk, value)
            wrong_kind(desk, value, at, "a map", suggestion="write its keywords under it without dashes", fix=fix)
            return None
        step: Step | None = read_section(desk, value, at, "step" if name == "step" else "final")
        return step
    if name == "stage":
        if isinstance(value, Sequence):
            wrong_kind(
                desk,
                value,
                at,
                "a map",
                suggestion="put `steps:` before the list",
                fix=under_key(desk, value, "steps:"),
            )
            return None
        stage: Stage | None = read_section(desk, value, at, "stage")
        return stage
    if name == "parallel":
        return parallel(desk, value, at)
    if isinstance(value, Mapping) and value.entries:
        whole = any(isinstance(one, Scalar) and one.value == "name" for one, _ in value.entries)
        wrong_kind(
            desk,
            value,
            at,
            "a list",
            suggestion="put `- ` before `name:`" if whole else "write each as `- name: NAME`, and its `default:` below",
            fix=as_item(desk, value) if whole else None,
        )
        return None
    asked = list_of(lambda d, n, a: read_section(d, n, a, "custom-variable"))(desk, value, at)
    return None if asked is None else Asked(asked, key)


def _not_an_element(
    desk: Desk, node: Mapping, found: list[Field], at: Path, allowed: tuple[str, ...]
) -> Element | Asked | None:
    if not found:
        if not node.entries:
            empty(desk, node, at)
        return None
    names = [one.name for one in found]
    step = desk.sections["step"].keywords
    if len(found) == 1:
        meant = nearest(names[0], allowed)
        if meant is not None:
            desk.report(
                "PL103",
                found[0].key,
                f"`{names[0]}:` is not a keyword here; did you mean `{meant}:`?",
                at,
                severity="error",
                expected=f"`{meant}:`",
                found=f"`{names[0]}:`",
                suggestion=f"did you mean {meant}?",
                fix=Fix(title=f"write {meant}:", edits=(Edit(found[0].key.span, meant),)),
            )
            return _read(desk, meant, found[0].value, (*at, meant), found[0].key)
        if names[0] == "import":
            desk.report(
                "PL105",
                found[0].key,
                "`import:` cannot stand in a list of steps",
                at,
                severity="error",
                expected="a pipeline that is nothing but `import:`",
                found="`import:` in a list",
                suggestion="take the dash away",
            )
            return None
    if any(name in step and name not in ("step", "name") for name in names):
        fix = None
        if not node.flow and not node.via and not any(one.merged for one in found):
            fix = under_step(desk, node)
        place: Scalar | Span = found[0].key
        if node.via:
            place = node.via[0]
            fix = Fix(title="write step:", edits=(Edit(start_of(place), "step: "),))
        desk.report(
            "PL104",
            place,
            "a step's keywords without `step:` before them",
            at,
            expected="`- step:`",
            found=f"`- {names[0]}:`",
            suggestion="write `- step:` and indent the rest under it",
            fix=fix,
            bitbucket_says=_missing_step(at),
        )
        one: Step | None = read_section(desk, node, (*at, "step"), "step")
        return one
    desk.report(
        "PL103",
        found[0].key,
        f"`{names[0]}:` is not a keyword of a pipeline's list",
        at,
        severity="error",
        expected=" or ".join(f"`{name}:`" for name in allowed),
        found=f"`{names[0]}:`",
        bitbucket_says=_missing_step(at),
    )
    return None


def _missing_step(at: Path) -> str:
    name = next((part for part in reversed(at) if isinstance(part, str)), "default")
    return f"The '{name}' section in your bitbucket-pipelines.yml file is missing a 'step'"


def parallel(desk: Desk, node: YamlNode, at: Path) -> Parallel | None:
    """A parallel group in its list form or its map form."""
    if isinstance(node, Sequence):
        steps = elements(("step",))(desk, node, at) or ()
        return Parallel(steps=tuple(one for one in steps if isinstance(one, Step)), span=node.span, via=node.via)
    keys = {key.value: key for key, _ in node.entries if isinstance(key, Scalar)} if isinstance(node, Mapping) else {}
    if isinstance(node, Mapping) and "step" in keys and keys.keys() & {"fail-fast"} and "steps" not in keys:
        return _step_for_steps(desk, node, keys["step"], at)
    if isinstance(node, Mapping) and "step" in keys:
        wrong_kind(
            desk,
            node,
            at,
            "a list of steps",
            suggestion="put `- ` before each `step:`",
            fix=as_item(desk, node),
            reason="This section should be a list (it is currently defined as a map).",
        )
        one = element(desk, node, at, ("step",))
        return Parallel(steps=(one,), span=node.span, via=node.via) if isinstance(one, Step) else None
    group: Parallel | None = read_section(desk, node, at, "parallel")
    return group


def _step_for_steps(desk: Desk, node: Mapping, key: Scalar, at: Path) -> Parallel | None:
    """A parallel group's map form with ``step:`` in place of ``steps:`` and a list."""
    value = next(value for one, value in node.entries if one is key)
    flat = node.flow or node.via or not isinstance(value, Mapping) or value.flow or value.via
    lead = "\n" + " " * (key.span.column + 1)
    edits = (Edit(key.span, f"steps:{lead}- step"), *indented(desk, key.span.line + 1, last_line(value), 4))
    desk.report(
        "PL101",
        key,
        "`step:` where a parallel group takes `steps:` with a list",
        at,
        expected="`steps:`, and each step under it with `- step:`",
        found="`step:`",
        suggestion="write `steps:`, and `- step:` in the next line",
        fix=None if flat else Fix(title="put it under steps:", edits=edits),
        reason="This section should be a list (it is currently defined as a map).",
    )
    step: Step | None = read_section(desk, value, (*at, "step"), "step")
    return Parallel(steps=(step,), span=node.span, via=node.via) if step else None


def build_parallel(_: Desk, parts: Parts) -> Parallel:
    """A parallel group out of its map form."""
    steps = tuple(one for one in parts.values.get("steps", ()) if isinstance(one, Step))
    return Parallel(steps=steps, fail_fast=parts.values.get("fail_fast", False), **parts.origin())


def build_stage(desk: Desk, parts: Parts) -> Stage:
    """A stage; its steps may not have conditions of their own."""
    steps = tuple(one for one in parts.values.pop("steps", ()) if isinstance(one, Step | Parallel))
    for one in steps:
        for step in (one,) if isinstance(one, Step) else one.steps:
            if step.condition is not None:
                desk.report(
                    "PL105",
                    step.place("condition"),
                    "a step of a stage cannot have a condition of its own",
                    parts.at,
                    severity="error",
                    expected="the condition on the stage",
                    found="a condition on its step",
                    suggestion="move it to the stage",
                )
    return Stage(steps=steps, **parts.values, **parts.origin())
