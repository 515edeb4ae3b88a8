"""What planning needs to know of the world, gathered by hands and passed in as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Repository:
    """What git says of the repository. ``changed`` is None where no base was found to compare with; ``no_base`` then
    says why. ``merged`` is the commit of a pull request's destination, which is merged into its clone."""

    name: str
    commit: str
    branch: str = ""
    tag: str = ""
    origin: str = ""
    workspace: str = "workspace"
    slug: str = "repository"
    changed: tuple[str, ...] | None = None
    no_base: str = ""
    merged: str = ""


@dataclass(frozen=True, kw_only=True)
class Given:
    """Variables that the user gave, by scope, as Bitbucket has them; the later scope wins. ``secrets`` are the
    names whose values are masked. ``deployments`` holds those of one environment each."""

    workspace: Mapping[str, str] = field(default_factory=dict, repr=False)
    repository: Mapping[str, str] = field(default_factory=dict, repr=False)
    deployments: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    pipeline: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a replay was asked for. ``steps`` are names or numbers (from 1) to run, empty for all; ``only_failed``: of
    them only those that were red, or held up by a red one, when the pipeline was last replayed. ``manual``: whatever
    waits for a person is started; ``begun`` are the steps and stages of which only these are."""

    deploy_for_real: bool = False
    pull_request: tuple[str, str] | None = None
    build_number: int = 1
    steps: tuple[str, ...] = ()
    start: str = ""
    only_failed: bool = False
    manual: bool = False
    begun: frozenset[str] = frozenset()
    max_time_s: float | None = None
    docker_service: bool = False
