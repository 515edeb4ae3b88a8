"""A Plan: everything a replay needs to know, decided before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

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
    manual: bool = False
    skipped: str = ""
    guarded: str = ""
    output_variables: tuple[str, ...] = ()
    input_variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def script(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.phase == "script")

    @property
    def after_script(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.phase == "after-script")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A pipeline ready to run. ``waves`` run one after another; the steps of one wave run at the same time."""

    pipeline: str
    waves: tuple[tuple[StepPlan, ...], ...]
    commit: str = ""
    branch: str = ""
    notes: tuple[str, ...] = ()

    def steps(self) -> Iterator[StepPlan]:
        """All steps in order."""
        for wave in self.waves:
            yield from wave
