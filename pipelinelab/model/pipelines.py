"""The format, keyword by keyword. Sources: Atlassian's public documentation and schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelinelab.model.runtime import Runtime
from pipelinelab.model.source import Node

PREDEFINED_CACHES = {
    "composer": "~/.composer/cache",
    "docker": "/var/lib/docker",
    "dotnetcore": "~/.nuget/packages",
    "gradle": "~/.gradle/caches",
    "ivy2": "~/.ivy2/cache",
    "maven": "~/.m2/repository",
    "node": "node_modules",
    "pip": "~/.cache/pip",
    "sbt": "~/.sbt",
}
"""The caches that need no definition, and what they hold. Source: Atlassian's documentation on caches; the docker
cache holds the image layers of the docker service."""


@dataclass(frozen=True, kw_only=True)
class Image(Node):
    """A container image. ``name`` is the whole reference, tag or digest included."""

    name: str
    username: str | None = None
    password: str | None = None
    email: str | None = None
    run_as_user: int | None = None
    aws: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Variable(Node):
    """One ``NAME: value`` of a service or a pipe. A pipe's value may be a list."""

    name: str
    value: str | tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Command(Node):
    """One script item that is shell text; ``text`` may span lines."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Pipe(Node):
    """One script item that runs a pipe: ``pipe`` is ``owner/name:version`` or ``docker://image``."""

    pipe: str
    name: str | None = None
    variables: tuple[Variable, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AgentTask(Pipe):
    """One script item that hands a task to an agent of ``definitions.agents``. Like a pipe it runs in a container of
    its own; ``pipe`` is ``agent:NAME``."""

    agent: str
    prompt: str | None = None
    provider: str | None = None


ScriptItem = Command | Pipe


@dataclass(frozen=True, kw_only=True)
class Service(Node):
    """A service of ``definitions.services``; ``type`` is "docker" for docker services. Memory in MB."""

    name: str
    image: Image | None = None
    variables: tuple[Variable, ...] = ()
    memory: int | None = None
    type: str | None = None


@dataclass(frozen=True, kw_only=True)
class Cache(Node):
    """A cache: a path, and the files whose content is its key (none: the key never changes)."""

    name: str
    path: str
    key_files: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Upload(Node):
    """One entry of ``artifacts.upload``."""

    name: str
    paths: tuple[str, ...] = ()
    type: str = "shared"
    capture_on: str = "always"
    depth: int | None = None
    ignore_paths: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Artifacts(Node):
    """``download`` is True (all), False (none) or names; ``paths`` is the short form."""

    paths: tuple[str, ...] = ()
    download: bool | tuple[str, ...] = True
    upload: tuple[Upload, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sparse(Node):
    """Which part of the tree is checked out. ``cone`` None: as the patterns look, folders or not."""

    patterns: tuple[str, ...]
    cone: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Clone(Node):
    """Clone options; None means "not said here". ``depth`` 0 means full."""

    enabled: bool | None = None
    depth: int | None = None
    lfs: bool | None = None
    tags: bool | None = None
    skip_ssl_verify: bool | None = None
    strategy: str | None = None
    filter: str | None = None
    sparse_checkout: Sparse | None = None


@dataclass(frozen=True, kw_only=True)
class Condition(Node):
    """``changesets`` conditions; empty tuples where not given."""

    include_paths: tuple[str, ...] = ()
    exclude_paths: tuple[str, ...] = ()
    state: str | None = None


@dataclass(frozen=True, kw_only=True)
class Step(Node):
    """One step. ``max_time`` in minutes; ``size`` is the factor (1, 2, 4 …), None where not said.

    ``environment`` is the old word for ``deployment``; ``scopes`` are those of ``auth.system``; ``final`` True: it
    stands under ``final:`` and runs last whatever happened before."""

    name: str | None = None
    image: Image | None = None
    script: tuple[ScriptItem, ...] = ()
    after_script: tuple[ScriptItem, ...] = ()
    services: tuple[str, ...] = ()
    caches: tuple[str, ...] = ()
    artifacts: Artifacts | None = None
    clone: Clone | None = None
    condition: Condition | None = None
    deployment: str | None = None
    trigger: str = "automatic"
    max_time: int | None = None
    size: int | None = None
    oidc: bool = False
    runs_on: tuple[str, ...] = ()
    runtime: Runtime | None = None
    fail_fast: bool | None = None
    concurrency_group: str | None = None
    output_variables: tuple[str, ...] = ()
    input_variables: Mapping[str, str] = field(default_factory=dict)
    type: str | None = None
    custom: str | None = None
    environment: str | None = None
    scopes: tuple[str, ...] = ()
    final: bool = False


@dataclass(frozen=True, kw_only=True)
class Parallel(Node):
    """Steps that run at the same time."""

    steps: tuple[Step, ...]
    fail_fast: bool = False


@dataclass(frozen=True, kw_only=True)
class Stage(Node):
    """A named group; its steps run one after another, parallel groups inside it at once."""

    name: str | None = None
    steps: tuple[Step | Parallel, ...] = ()
    trigger: str = "automatic"
    deployment: str | None = None
    environment: str | None = None
    condition: Condition | None = None


@dataclass(frozen=True, kw_only=True)
class CustomVariable(Node):
    """A variable that a custom pipeline asks for."""

    name: str
    default: str | None = None
    allowed_values: tuple[str, ...] = ()
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class Import(Node):
    """``import: repository:ref:pipeline``, or ``import: pipeline@source`` with a source of ``definitions.imports``."""

    source: str


Element = Step | Parallel | Stage


@dataclass(frozen=True, kw_only=True)
class Pipeline(Node):
    """One pipeline. ``kind`` is default, branches, tags, bookmarks, pull-requests, custom or definitions;
    ``pattern`` is its glob or name ("" for default). ``home`` is the file that an imported one came from, and whose
    definitions hold for it; None: the file it stands in."""

    kind: str
    pattern: str
    elements: tuple[Element, ...] = ()
    variables: tuple[CustomVariable, ...] = ()
    imported: Import | None = None
    home: Pipelines | None = None

    @property
    def title(self) -> str:
        """``default``, or ``kind/pattern`` as the command line takes it."""
        return f"{self.kind}/{self.pattern}" if self.pattern else self.kind


@dataclass(frozen=True, kw_only=True)
class Options(Node):
    """The global ``options``. ``max_time`` in minutes."""

    docker: bool = False
    max_time: int | None = None
    size: int | None = None
    runtime: Runtime | None = None
    runs_on: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trigger(Node):
    """One entry under an event of ``triggers``: custom pipelines that start where ``condition`` holds."""

    condition: str
    pipelines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Agent(Node):
    """An agent of ``definitions.agents``."""

    name: str
    prompt: str | None = None
    provider: str | None = None
    setup_script: tuple[Command | Pipe, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Pipelines(Node):
    """A whole bitbucket-pipelines.yml. ``imports`` and ``agents`` are those of ``definitions``; ``triggers`` are by
    event."""

    image: Image | None = None
    clone: Clone | None = None
    options: Options = field(default_factory=Options)
    services: Mapping[str, Service] = field(default_factory=dict)
    caches: Mapping[str, Cache] = field(default_factory=dict)
    pipelines: tuple[Pipeline, ...] = ()
    export: bool = False
    labels: Mapping[str, object] = field(default_factory=dict)
    triggers: Mapping[str, tuple[Trigger, ...]] = field(default_factory=dict)
    imports: Mapping[str, Import] = field(default_factory=dict)
    agents: Mapping[str, Agent] = field(default_factory=dict)

    def cache(self, name: str) -> Cache | None:
        """The cache with this name, defined here or predefined by Bitbucket; None where there is neither."""
        path = PREDEFINED_CACHES.get(name)
        return self.caches.get(name) or (Cache(name=name, path=path) if path else None)

    def find(self, title: str) -> Pipeline | None:
        """The pipeline with this title, or None."""
        return next((one for one in self.pipelines if one.title == title), None)
