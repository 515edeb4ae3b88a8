"""Readers of pipelines and of what stands in their lists: steps, parallel groups, stages, variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelinelab.model.pipelines import Element, Stage, Step
from pipelinelab.model.source import Span
from pipelinelab.reading.complaints import empty, start_of, wrong_kind
from pipelinelab.reading.cures import as_item, undashed, under_key, under_step
from pipelinelab.reading.desk import Desk, Path, kind_word
from pipelinelab.reading.fields import Field, fields
from pipelinelab.reading.groups import parallel
from pipelinelab.reading.misplaced import _null, with_others
from pipelinelab.reading.problems import Edit, Fix
from pipelinelab.reading.sections import read_section
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
        if meant == "step" and isinstance(found[0].value, Sequence):
            _report_list(desk, found[0], at)
            return None
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
                fix=Fix(title=f"write `{meant}:`", edits=(Edit(found[0].key.span, meant),)),
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


def _report_list(desk: Desk, one: Field, at: Path) -> None:
    desk.report(
        "PL103",
        one.key,
        f"`{one.name}:` with a list cannot stand here: each step is an item of its own",
        at,
        severity="error",
        expected="`- step:` for each",
        found=f"`{one.name}:` and a list",
        suggestion="take the line away, and the steps under it two columns to the left; "
        "in `parallel:` or `stage:`, `steps:` has no dash",
        bitbucket_says=_missing_step(at),
    )


def _missing_step(at: Path) -> str:
    name = next((part for part in reversed(at) if isinstance(part, str)), "default")
    return f"The '{name}' section in your bitbucket-pipelines.yml file is missing a 'step'"
