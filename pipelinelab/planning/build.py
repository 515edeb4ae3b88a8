"""The model, a chosen pipeline and the context to a Plan. Pure; raises UsageError where Bitbucket would refuse."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from pipelinelab.errors import UsageError
from pipelinelab.model.pipelines import Parallel, Pipeline, Pipelines, Stage, Step
from pipelinelab.planning.context import Given, Options, Repository
from pipelinelab.planning.narrow import chosen
from pipelinelab.planning.one_step import Place, World, differing, fails_fast, skipped, state, step_plan, values_of
from pipelinelab.planning.plan import Child, Plan, PlanNote, StepPlan, Wave
from pipelinelab.planning.variables import REFERENCE
from pipelinelab.planning.variables import expand as expand


def build(file: Pipelines, pipeline: Pipeline, repo: Repository, given: Given, options: Options) -> Plan:
    """The Plan of one pipeline. Raises UsageError for what cannot be planned."""
    world = World(
        file=pipeline.home or file, pipeline=pipeline.title, repo=repo, given=given, options=options,
        main=file.span.file,
    )  # fmt: skip
    builder = _Builder()
    waves = builder.waves(world, pipeline, (pipeline.title,))
    plan = Plan(pipeline=pipeline.title, waves=waves, commit=repo.commit, branch=repo.branch,
                notes=tuple(builder.notes))  # fmt: skip
    return chosen(plan, options)


@dataclass
class _Builder:
    """Counts steps and parallel groups while a plan is built, and gathers its notes."""

    notes: list[PlanNote] = field(default_factory=list)
    steps: count[int] = field(default_factory=lambda: count(1))
    groups: count[int] = field(default_factory=lambda: count(1))

    def waves(self, world: World, pipeline: Pipeline, trail: tuple[str, ...]) -> tuple[Wave, ...]:
        """The waves of a pipeline; ``trail`` are it and the pipelines that led to it."""
        made = tuple(
            tuple(self._one(world, pipeline, place, trail) for place in wave) for wave in self._places(pipeline)
        )
        if not made:
            raise UsageError(f"the pipeline {pipeline.title} has no steps")
        return made

    def _places(self, pipeline: Pipeline) -> Iterator[list[Place]]:
        for number, element in enumerate(pipeline.elements):
            stage = element if isinstance(element, Stage) else None
            for one in element.steps if isinstance(element, Stage) else (element,):
                if isinstance(one, Parallel):
                    group, size = next(self.groups), len(one.steps)
                    yield [
                        Place(step=step, stage=stage, group=group, parallel=(at, size), fail_fast=one.fail_fast,
                              first=number == 0)
                        for at, step in enumerate(one.steps)
                    ]  # fmt: skip
                elif isinstance(one, Step):
                    yield [Place(step=one, stage=stage, first=number == 0)]

    def _one(self, world: World, pipeline: Pipeline, place: Place, trail: tuple[str, ...]) -> StepPlan | Child:
        if place.step.type == "pipeline":
            return self._child(world, pipeline, place, trail)
        index = next(self.steps)
        plan = step_plan(world, place, index)
        if not plan.skipped and not plan.guarded:
            self.notes += (PlanNote(step=index, kind=kind, text=text) for kind, text in differing(world, place, plan))
        return plan

    def _child(self, world: World, pipeline: Pipeline, place: Place, trail: tuple[str, ...]) -> Child:
        step = place.step
        title = f"custom/{step.custom}"
        found = world.file.find(title)
        here = step.place("custom")
        if found is None:
            known = ", ".join(one.pattern for one in world.file.pipelines if one.kind == "custom") or "none"
            raise UsageError(f"{here}: there is no custom pipeline {step.custom!r}", f"there are: {known}")
        if title in trail:
            raise UsageError(f"{here}: {title} starts itself: {' → '.join((*trail, title))}", "break the circle")
        values = values_of(world, place, 0)
        inputs = {name: expand(value, values) for name, value in step.input_variables.items()}
        given = _given_to_child(world, pipeline, found, step, inputs)
        name = step.name or title
        inner = replace(
            world, file=found.home or world.file, pipeline=title, given=given,
            above=(*world.above, *([place.stage.name or ""] if place.stage else []), name),
            why=skipped(world, place, name),
        )  # fmt: skip
        waves = self.waves(inner, found, (*trail, title))
        return Child(name=name, waves=waves, inputs=inputs, variables=values, state=state(place),
                     fail_fast=fails_fast(place))  # fmt: skip


def _given_to_child(world: World, parent: Pipeline, child: Pipeline, step: Step, inputs: Mapping[str, str]) -> Given:
    """A child sees what its step hands it, as pipeline variables, and its own defaults; what its parent was asked for
    stays there. Source: Atlassian's page on child pipeline steps."""
    values = {one.name: one.default for one in child.variables if one.default is not None} | dict(inputs)
    for one in child.variables:
        value = values.get(one.name)
        if one.allowed_values and value is not None and "$" not in value and value not in one.allowed_values:
            place = step.places.get(f"input-variables.{one.name}", step.place("input-variables"))
            raise UsageError(
                f"{place}: {one.name} may not be {value!r} in {child.title}",
                f"it is one of {', '.join(one.allowed_values)}",
            )
    asked = {one.name for one in parent.variables}
    secret = {name for name, value in step.input_variables.items() if _named_in(value) & world.given.secrets}
    kept = {name: value for name, value in world.given.pipeline.items() if name not in asked}
    return replace(world.given, pipeline={**kept, **values}, secrets=world.given.secrets | secret)


def _named_in(text: str) -> set[str]:
    return {braced or bare for braced, bare in REFERENCE.findall(text)}
