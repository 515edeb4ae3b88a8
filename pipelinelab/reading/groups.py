"""Groups of steps: parallel groups in both their forms, and stages."""

from __future__ import annotations

from pipelinelab.model.pipelines import Parallel, Stage, Step
from pipelinelab.reading.complaints import wrong_kind
from pipelinelab.reading.cures import as_item, indented, last_line
from pipelinelab.reading.desk import Desk, Path
from pipelinelab.reading.problems import Edit, Fix
from pipelinelab.reading.sections import Parts, read_section
from pipelinelab.reading.yaml_tree import Mapping, Scalar, Sequence, YamlNode


def parallel(desk: Desk, node: YamlNode, at: Path) -> Parallel | None:
    """A parallel group in its list form or its map form."""
    listed = desk.sections["parallel"].keywords["steps"].read
    if isinstance(node, Sequence):
        steps = listed(desk, node, at) or ()
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
        found = listed(desk, Sequence(span=node.span, items=(node,)), at) or ()
        steps = tuple(one for one in found if isinstance(one, Step))
        return Parallel(steps=steps, span=node.span, via=node.via) if steps else None
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
