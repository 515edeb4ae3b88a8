"""What the lab asks of a container engine, and nothing more. Every hand that touches Docker is behind this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The engine as it describes itself. Memory in MiB."""

    name: str
    version: str = ""
    api_version: str = ""
    cpus: int = 1
    memory_mib: int = 0
    architecture: str = ""
    endpoint: str = ""


@dataclass(frozen=True, kw_only=True)
class ImageFound:
    """An image that is ready to use. ``digest`` is its repository digest, or its id where it has none; ``ports`` are
    the TCP ports it exposes; ``command`` is its entrypoint and command together."""

    asked: str
    used: str
    digest: str
    user: str = ""
    ports: tuple[int, ...] = ()
    command: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class ServiceSpec:
    """A service container that shares the step's network namespace. ``secrets`` are given over its standard input,
    so that they never stand in its configuration. ``docker``: a daemon of its own, only by the user's leave;
    ``clone``: it sees the build container's clone and starts in it, as a pipe does."""

    name: str
    image: ImageFound
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    memory_mib: int = 1024
    docker: bool = False
    clone: bool = False


@dataclass(frozen=True, kw_only=True)
class StepSpec:
    """A step's build container. ``labels`` go on everything that is started for it; ``lane`` is the container whose
    network namespace is used again (None: one of its own); ``volume`` is the clone's path, and ``shared`` whether
    other containers (pipes, the docker service) must see it too; ``key`` names what the step does, for the recorded
    engine. ``cpus`` None means all that the engine has."""

    name: str
    image: ImageFound
    volume: str
    memory_mib: int
    nonce: str
    shared: bool = False
    key: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    lane: str | None = None
    extra_hosts: Mapping[str, str] = field(default_factory=dict)
    platform: str | None = None
    cpus: float | None = None
    pids: int = 8192


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes as they arrived, and when (host monotonic clock, seconds)."""

    data: bytes
    at: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command that was run beside the script said."""

    exit_code: int
    output: bytes

    @property
    def text(self) -> str:
        return self.output.decode("utf-8", "replace")


@dataclass(frozen=True, kw_only=True)
class Look:
    """A look at one container. Memory in MiB, CPU in seconds since its start; None where it cannot be told."""

    container: str
    running: bool
    exit_code: int | None = None
    oom_killed: bool = False
    memory_mib: float | None = None
    memory_peak_mib: float | None = None
    cpu_s: float | None = None
    processes: int | None = None


class Service(Protocol):
    """A service that was started beside a step."""

    @property
    def name(self) -> str: ...

    def logs(self) -> Iterator[Chunk]:
        """Its output from the start until it ends."""

    def look(self) -> Look: ...

    def stop(self) -> None:
        """End it; its log ends with it."""


class Step(Protocol):
    """One step's containers: the build container and its services."""

    @property
    def lane(self) -> str:
        """The container that owns the network namespace."""

    def container_id(self, container: str) -> str:
        """The engine's own id of "build" or a service. Raises EngineError for a name the step has not."""

    def put(self, path: str, tar: Iterable[bytes]) -> float:
        """Unpack a tar at ``path`` of the build container; seconds it took."""

    def get(self, path: str) -> Iterator[bytes]:
        """``path`` of the build container as a tar stream. Raises EngineError where it is not there."""

    def start(self) -> None:
        """Start the build container; it waits for its script."""

    def serve(self, service: ServiceSpec) -> Service:
        """Start a service in the step's network namespace."""

    def listen(self, tick: float = 0.2) -> Iterator[Chunk]:
        """What the build container sends, as it comes, until it ends; an empty chunk every ``tick`` of silence."""

    def say(self, data: bytes) -> None:
        """Send the driver something over the control channel."""

    def ask(self, argv: Sequence[str], container: str = "build", user: str = "", timeout: float = 30.0,
            environment: Mapping[str, str] | None = None) -> Answer:  # fmt: skip
        """Run a command beside the script in one of the step's containers, with nobody at its standard input."""

    def look(self, container: str = "build") -> Look: ...

    def close(self) -> None:
        """Remove the step's containers. Never raises."""


class Engine(Protocol):
    """A place where steps can run."""

    def now(self) -> float:
        """The engine's clock, in seconds; only differences mean anything."""

    def facts(self) -> Facts: ...

    def image(self, asked: str, used: str, platform: str | None = None, auth: Mapping[str, str] | None = None,
              progress: Callable[[str], None] | None = None) -> ImageFound:  # fmt: skip
        """The image ``used`` that stands in for ``asked``; pulled where it is not here. Raises ImageUnavailable."""

    def prepare(self, spec: StepSpec) -> Step:
        """The step's build container, made but not started."""

    def reopen(self, labels: Mapping[str, str]) -> Step:
        """The standing containers of a step that was kept. Raises EngineError where there are none."""

    def sweep(self, chosen: Callable[[Mapping[str, str]], bool]) -> Mapping[str, int]:
        """Remove every container of the lab whose labels are ``chosen``; returns counts by kind."""
