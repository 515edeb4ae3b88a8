"""A Plan: everything a replay needs to know, decided before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pipelinelab.model.pipelines import Artifacts, Cache, Clone, Image, Pipe

CLONE_DIR = "/opt/atlassian/pipelines/agent/build"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One script item as it will run. ``phase`` is script or after-script; ``pipe`` is set where it is a pipe;
    ``guarded`` says why it must not run here without leave ("" where it may)."""

    phase: str
    index: int
    text: str
    yaml_line: int | None = None
    pipe: Pipe | None = None
    guarded: str = ""


@dataclass(frozen=True, kw_only=True)
class ServicePlan:
    """One service of a step. ``variables`` may hold secrets: they are masked wherever they are shown."""

    name: str
    image: Image
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    memory_mib: int = 1024
    docker: bool = False


@dataclass(frozen=True, kw_only=True)
class StepPlan:
    """One step. ``skipped`` says why it will not run ("" if it will); ``guarded`` why it needs --deploy-for-real.
    ``waits_for`` is the step or stage that somebody starts by hand before it ("" for none).
    ``state`` is an expression that must hold when its turn comes. ``final``: it runs though an earlier step failed. No
    two steps of one ``concurrency_group`` run at the same time, in whatever replay of the repository.

    ``variables`` are all that its shell will see; ``secrets`` the names among them whose values are masked.
    ``memory_mib`` is what is left for the build container; ``max_time_s`` is in seconds."""

    index: int
    name: str
    image: Image
    items: tuple[Item, ...]
    stage: str = ""
    group: int | None = None
    fail_fast: bool = False
    services: tuple[ServicePlan, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: frozenset[str] = frozenset()
    memory_mib: int = 4096
    max_time_s: float = 7200.0
    clone: Clone = field(default_factory=Clone)
    artifacts: Artifacts | None = None
    caches: tuple[Cache, ...] = ()
    deployment: str | None = None
    waits_for: str = ""
    skipped: str = ""
    guarded: str = ""
    output_variables: tuple[str, ...] = ()
    final: bool = False
    concurrency_group: str = ""
    state: str = ""

    @property
    def script(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.phase == "script")

    @property
    def after_script(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.phase == "after-script")


@dataclass(frozen=True, kw_only=True)
class Child:
    """A step that runs a custom pipeline: its waves, and the ``inputs`` that they see as pipeline variables, with the
    references to what earlier steps left still in them. ``variables`` are those that the step itself would see, and
    ``state`` is held against."""

    name: str
    waves: tuple[Wave, ...]
    inputs: Mapping[str, str] = field(default_factory=dict, repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    state: str = ""
    fail_fast: bool = False


Wave = tuple[StepPlan | Child, ...]
"""What runs at the same time."""


@dataclass(frozen=True, kw_only=True)
class PlanNote:
    """What a reader of the plan and of its recording should know of a step."""

    step: int
    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A pipeline ready to run. ``waves`` run one after another; the steps of one wave run at the same time."""

    pipeline: str
    waves: tuple[Wave, ...]
    commit: str = ""
    branch: str = ""
    notes: tuple[PlanNote, ...] = ()

    def steps(self) -> Iterator[StepPlan]:
        """All steps in order, those of child pipelines too."""
        return steps_in(self.waves)

    def each(self, change: Callable[[StepPlan], StepPlan]) -> Plan:
        """The plan with every step changed."""
        return replace(self, waves=_each(self.waves, change))


def steps_in(waves: Iterable[Wave]) -> Iterator[StepPlan]:
    """The steps of waves, in order."""
    for wave in waves:
        for one in wave:
            if isinstance(one, Child):
                yield from steps_in(one.waves)
            else:
                yield one


def _each(waves: Iterable[Wave], change: Callable[[StepPlan], StepPlan]) -> tuple[Wave, ...]:
    return tuple(
        tuple(replace(o, waves=_each(o.waves, change)) if isinstance(o, Child) else change(o) for o in wave)
        for wave in waves
    )
