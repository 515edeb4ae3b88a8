"""One step of the model, at its place in a pipeline, to a StepPlan. Pure; raises UsageError where Bitbucket would
refuse it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipelinelab.errors import UsageError
from pipelinelab.model.pipelines import Clone, Command, Condition, Image, Pipelines, ScriptItem, Stage, Step
from pipelinelab.planning.conditions import unmet
from pipelinelab.planning.context import Given, Options, Repository
from pipelinelab.planning.expressions import reads
from pipelinelab.planning.guard import deploys, pipe_deploys
from pipelinelab.planning.memory import share
from pipelinelab.planning.plan import Item, ServicePlan, StepPlan
from pipelinelab.planning.variables import defaults, expand, variables

DEFAULT_IMAGE = "atlassian/default-image:latest"
DEFAULT_MINUTES = 120
DOCKER_HOST = "tcp://localhost:2375"
"""Where a docker service listens."""
WAITS = "it waits for a manual trigger: give --manual to run it"
ELSEWHERE = frozenset({"windows", "macos"})
FORM = 'for example: VERSION == 1.2 && glob(BITBUCKET_BRANCH, "release/*")'


@dataclass(frozen=True, kw_only=True)
class World:
    """What every step of a pipeline has in common. ``file`` holds its definitions; ``main`` is the name of the
    repository's own file: lines of another one are nobody's here. ``above`` are the steps whose child this pipeline is,
    ``why`` is what keeps all of it from running."""

    file: Pipelines
    pipeline: str
    repo: Repository
    given: Given
    options: Options
    main: str = ""
    above: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a step stands: its stage, its parallel group, and its place in that; ``first`` in its pipeline."""

    step: Step
    stage: Stage | None = None
    group: int | None = None
    parallel: tuple[int, int] | None = None
    fail_fast: bool = False
    first: bool = False

    @property
    def condition(self) -> Condition | None:
        """The step's condition, or else its stage's."""
        return self.step.condition or (self.stage.condition if self.stage else None)

    def waits(self, name: str) -> str:
        """Who must be started by hand before a step of this name at this place runs: its stage, or it; "" for nobody.
        What comes first starts with its pipeline."""
        if self.first:
            return ""
        if self.stage is not None and self.stage.trigger == "manual":
            return self.stage.name or "the stage"
        return name if self.step.trigger == "manual" else ""

    @property
    def environment(self) -> str | None:
        """The deployment environment whose variables it sees."""
        step, stage = self.step, self.stage
        return (
            step.deployment or step.environment or (stage and (stage.deployment or stage.environment)) or None
        )  # fmt: skip


@dataclass(frozen=True)
class _Services:
    """A step's services as they are named, and what is left of its memory."""

    names: tuple[str, ...]
    left_mib: int
    shares: Mapping[str, int] = field(default_factory=dict)


def step_plan(world: World, place: Place, index: int) -> StepPlan:
    """The plan of one step, the ``index``-th of all."""
    step, file = place.step, world.file
    name = step.name or f"Step {index}"
    where = f"{step.span}: step {name!r}" if step.span.line else f"step {name!r}"
    values = values_of(world, place, index)
    services = _services(file, step, where)
    if any(_docker(file, one) for one in services.names):
        values = {"DOCKER_HOST": DOCKER_HOST, **values}
    items = tuple(_items(world, step))
    minutes = step.max_time or file.options.max_time or DEFAULT_MINUTES
    return StepPlan(
        index=index,
        name=name,
        image=_image(step.image or file.image or Image(name=DEFAULT_IMAGE), values),
        items=items,
        stage=" › ".join((*world.above, *([place.stage.name or ""] if place.stage else []))),
        group=place.group,
        fail_fast=fails_fast(place),
        services=tuple(_service(file, one, services.shares[one], values, where) for one in services.names),
        variables=values,
        secrets=world.given.secrets & values.keys(),
        memory_mib=services.left_mib,
        max_time_s=min(minutes * 60.0, world.options.max_time_s or float("inf")),
        clone=_clone(file.clone, step.clone),
        artifacts=step.artifacts,
        caches=tuple(cache for name in step.caches if (cache := file.cache(name)) is not None),
        deployment=place.environment,
        waits_for=place.waits(name),
        skipped=skipped(world, place, name),
        guarded=_guarded(place.environment, items, world.options),
        output_variables=step.output_variables,
        final=step.final,
        concurrency_group=expand(step.concurrency_group or "", values),
        state=state(place),
    )


def values_of(world: World, place: Place, index: int) -> dict[str, str]:
    """The variables that a step at this place sees."""
    environment = place.environment
    base = defaults(world.repo, world.options, index, environment, place.parallel, world.pipeline)
    return variables(base, world.given, environment)


def state(place: Place) -> str:
    """The expression that must hold when a step at this place has its turn; "" for none. Raises UsageError for one that
    cannot be read."""
    condition = place.condition
    if condition is None or not condition.state:
        return ""
    try:
        reads(condition.state)
    except UsageError as problem:
        raise UsageError(f"{condition.place('state')}: the condition cannot be read: {problem}", FORM) from None
    return condition.state


def fails_fast(place: Place) -> bool:
    """Whether its failure stops the steps beside it."""
    return place.fail_fast if place.step.fail_fast is None else place.step.fail_fast


def skipped(world: World, place: Place, name: str) -> str:
    """Why a step of this name at this place will not run; "" if it will."""
    if world.why:
        return world.why
    runners = place.step.runs_on or world.file.options.runs_on
    if other := next((one for one in runners if one in ELSEWHERE), ""):
        return f"it runs on a {other} runner, which cannot be replayed here"
    if place.condition is not None and (why := unmet(place.condition, world.repo.changed)):
        return why
    waits = place.waits(name)
    return WAITS if waits and not world.options.manual and waits not in world.options.begun else ""


def differing(world: World, place: Place, plan: StepPlan) -> Iterator[tuple[str, str]]:
    """(kind, sentence) of what is not here as it is on Bitbucket, whatever is given."""
    who = f"step {plan.index} {plan.name!r}"
    if place.condition is not None and world.repo.changed is None and world.repo.no_base:
        yield "condition", f"the condition of {who} cannot be tried, so it runs: {world.repo.no_base}"
    if place.step.oidc:
        yield "oidc", f"{who} wants an OIDC token, which only Bitbucket gives: BITBUCKET_STEP_OIDC_TOKEN is not set"
    if runners := place.step.runs_on or world.file.options.runs_on:
        yield "runner", f"{who} runs on a runner of its own ({', '.join(runners)}); here it runs in {plan.image.name}"


def _docker(file: Pipelines, service: str) -> bool:
    return service == "docker" or (service in file.services and file.services[service].type == "docker")


def _services(file: Pipelines, step: Step, where: str) -> _Services:
    names = list(step.services)
    if file.options.docker and "docker" not in names:
        names.append("docker")
    size = step.size or file.options.size or 1
    left, shares = share(size, [(s, file.services[s].memory if s in file.services else None) for s in names], where)
    return _Services(tuple(names), left, shares)


def _items(world: World, step: Step) -> Iterator[Item]:
    phases: dict[str, Sequence[ScriptItem]] = {"script": step.script, "after-script": step.after_script}
    for phase, script in phases.items():
        for index, one in enumerate(script):
            line = (one.span.line or None) if one.span.file == world.main else None
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
    docker = _docker(file, name)
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


def _guarded(environment: str | None, items: Sequence[Item], options: Options) -> str:
    if options.deploy_for_real:
        return ""
    if environment:
        return f"it deploys to {environment}"
    return next((f"line {i.yaml_line}: {i.guarded}" if i.yaml_line else i.guarded for i in items if i.guarded), "")
