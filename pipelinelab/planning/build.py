"""The model, a chosen pipeline and the context to a Plan. Pure; raises UsageError where Bitbucket would refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pipelinelab.errors import UsageError
from pipelinelab.model.pipelines import (
    Clone,
    Command,
    Condition,
    Image,
    Parallel,
    Pipeline,
    Pipelines,
    ScriptItem,
    Stage,
    Step,
)
from pipelinelab.planning.conditions import unmet
from pipelinelab.planning.context import Given, Options, Repository
from pipelinelab.planning.guard import deploys, pipe_deploys
from pipelinelab.planning.memory import share
from pipelinelab.planning.plan import Item, Plan, ServicePlan, StepPlan
from pipelinelab.planning.variables import defaults, variables

DEFAULT_IMAGE = "atlassian/default-image:latest"
DEFAULT_MINUTES = 120
DOCKER_HOST = "tcp://localhost:2375"
"""Where a docker service listens."""
_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True)
class _Place:
    """Where a step stands: its stage, its parallel group, and its place in that."""

    step: Step
    stage: Stage | None = None
    group: int | None = None
    parallel: tuple[int, int] | None = None
    fail_fast: bool = False


def expand(text: str, values: Mapping[str, str]) -> str:
    """``$NAME`` and ``${NAME}`` replaced by their values, as Bitbucket does outside of scripts; unknown ones stay."""
    return _REFERENCE.sub(lambda found: values.get(found[1] or found[2], found[0]), text)


def build(file: Pipelines, pipeline: Pipeline, repo: Repository, given: Given, options: Options) -> Plan:
    """The Plan of one pipeline. Raises UsageError for what cannot be planned."""
    waves: list[list[_Place]] = list(_waves(pipeline))
    if not waves:
        raise UsageError(f"the pipeline {pipeline.title} has no steps")
    planned: list[tuple[StepPlan, ...]] = []
    index = 0
    for wave in waves:
        steps = []
        for place in wave:
            index += 1
            steps.append(_step(file, pipeline, place, index, repo, given, options))
        planned.append(tuple(steps))
    plan = Plan(pipeline=pipeline.title, waves=tuple(planned), commit=repo.commit, branch=repo.branch)
    return _chosen(plan, options)


def _waves(pipeline: Pipeline) -> Iterator[list[_Place]]:
    group = 0
    for element in pipeline.elements:
        stage = element if isinstance(element, Stage) else None
        for one in element.steps if isinstance(element, Stage) else (element,):
            if isinstance(one, Parallel):
                group += 1
                size = len(one.steps)
                yield [_Place(s, stage, group, (at, size), one.fail_fast) for at, s in enumerate(one.steps)]
            elif isinstance(one, Step):
                yield [_Place(one, stage)]


def _step(file: Pipelines, pipeline: Pipeline, place: _Place, index: int, repo: Repository, given: Given,
          options: Options) -> StepPlan:  # fmt: skip
    step, stage = place.step, place.stage
    name = step.name or f"Step {index}"
    where = f"{step.span}: step {name!r}" if step.span.line else f"step {name!r}"
    deployment = step.deployment or (stage.deployment if stage else None)
    values = variables(
        defaults(repo, options, index, deployment, place.parallel, pipeline.title), given, deployment
    )  # fmt: skip
    services = list(step.services)
    if file.options.docker and "docker" not in services:
        services.append("docker")
    if any(one == "docker" or (one in file.services and file.services[one].type == "docker") for one in services):
        values = {"DOCKER_HOST": DOCKER_HOST, **values}
    size = step.size or file.options.size or 1
    left, shares = share(size, [(s, file.services[s].memory if s in file.services else None) for s in services], where)
    condition = step.condition or (stage.condition if stage else None)
    first = index == 1
    manual = (step.trigger == "manual" or (stage is not None and stage.trigger == "manual")) and not first
    items = (*_items("script", step.script, options), *_items("after-script", step.after_script, options))
    minutes = step.max_time or file.options.max_time or DEFAULT_MINUTES
    return StepPlan(
        index=index,
        name=name,
        image=_image(step.image or file.image or Image(name=DEFAULT_IMAGE), values),
        items=items,
        stage=(stage.name or "") if stage else "",
        group=place.group,
        fail_fast=place.fail_fast if step.fail_fast is None else step.fail_fast,
        services=tuple(_service(file, one, shares[one], values, where) for one in services),
        variables=values,
        secrets=given.secrets & values.keys(),
        memory_mib=left,
        max_time_s=min(minutes * 60.0, options.max_time_s or float("inf")),
        clone=_clone(file.clone, step.clone),
        artifacts=step.artifacts,
        caches=tuple(cache for name in step.caches if (cache := file.cache(name)) is not None),
        deployment=deployment,
        manual=manual,
        skipped=_skipped(condition, repo, manual, options),
        guarded=_guarded(deployment, items, options),
        output_variables=step.output_variables,
        input_variables=step.input_variables,
    )


def _items(phase: str, script: Sequence[ScriptItem], options: Options) -> Iterator[Item]:
    for index, one in enumerate(script):
        line = one.span.line or None
        if isinstance(one, Command):
            yield Item(phase=phase, index=index, text=one.text, yaml_line=line, guarded=deploys(one.text))
        else:
            text = f"pipe: {one.pipe}"
            yield Item(phase=phase, index=index, text=text, yaml_line=line, pipe=one, guarded=pipe_deploys(one))


def _image(image: Image, values: Mapping[str, str]) -> Image:
    return replace(
        image,
        name=expand(image.name, values),
        username=expand(image.username, values) if image.username else None,
        password=expand(image.password, values) if image.password else None,
    )


def _service(file: Pipelines, name: str, memory: int, values: Mapping[str, str], where: str) -> ServicePlan:
    service = file.services.get(name)
    if service is None and name != "docker":
        raise UsageError(f"{where}: the service {name!r} is not defined", "add it under definitions: services:")
    docker = name == "docker" or (service is not None and service.type == "docker")
    image = service.image if service and service.image else Image(name="docker:dind" if docker else "")
    if not image.name:
        raise UsageError(f"{where}: the service {name!r} has no image")
    own = {v.name: expand(str(v.value), values) for v in service.variables} if service else {}
    return ServicePlan(name=name, image=_image(image, values), variables=own, memory_mib=memory, docker=docker)


def _clone(common: Clone | None, own: Clone | None) -> Clone:
    """The step's clone options over the global ones, keyword by keyword."""
    if common is None or own is None:
        return own or common or Clone()
    said = {key: value for key in ("enabled", "depth", "lfs", "tags", "skip_ssl_verify", "strategy", "filter",
            "sparse_checkout") if (value := getattr(own, key)) not in (None, ())}  # fmt: skip
    return replace(common, **said)


def _skipped(condition: Condition | None, repo: Repository, manual: bool, options: Options) -> str:
    if condition is not None and (why := unmet(condition, repo.changed)):
        return why
    return "it waits for a manual trigger: give --manual to run it" if manual and not options.manual else ""


def _guarded(deployment: str | None, items: Sequence[Item], options: Options) -> str:
    if options.deploy_for_real:
        return ""
    if deployment:
        return f"it deploys to {deployment}"
    return next((f"line {i.yaml_line}: {i.guarded}" if i.yaml_line else i.guarded for i in items if i.guarded), "")


def _chosen(plan: Plan, options: Options) -> Plan:
    """Only the steps that were asked for stay unskipped."""
    if not options.steps and not options.start:
        return plan
    steps = list(plan.steps())

    def numbered(wanted: str) -> set[int]:
        hits = {s.index for s in steps if s.name == wanted or str(s.index) == wanted}
        if not hits:
            names = ", ".join(f"{s.index} {s.name!r}" for s in steps)
            raise UsageError(f"no step is called {wanted!r}", f"the steps: {names}")
        return hits

    wanted = set().union(*(numbered(one) for one in options.steps)) if options.steps else {s.index for s in steps}
    if options.start:
        wanted = {index for index in wanted if index >= min(numbered(options.start))}

    def one(step: StepPlan) -> StepPlan:
        return step if step.index in wanted or step.skipped else replace(step, skipped="it was not asked for")

    return replace(plan, waves=tuple(tuple(one(step) for step in wave) for wave in plan.waves))
