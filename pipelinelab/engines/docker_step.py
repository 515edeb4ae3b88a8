"""One step in Docker: a build container that owns (or joins) a network namespace, and its services."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pipelinelab.engines.base import Answer, Chunk, Look, Service, ServiceSpec
from pipelinelab.engines.docker_errors import translated
from pipelinelab.engines.frames import close, payloads, raw_socket
from pipelinelab.errors import EngineError
from pipelinelab.inside.script import environment_text, message
from pipelinelab.planning.plan import CLONE_DIR

if TYPE_CHECKING:
    from pipelinelab.engines.docker import DockerEngine

MIB = 1024 * 1024
QUIT_S = 1.0
# A daemon of its own inside a container: what it needs short of --privileged. No device and no path of the host's.
DAEMON_RIGHTS = {
    "cap_add": ["SYS_ADMIN", "NET_ADMIN"],
    "security_opt": ["seccomp=unconfined", "apparmor=unconfined"],
}
DAEMON_SEES: dict[str, Any] = {"MaskedPaths": [], "ReadonlyPaths": []}
DAEMON_VARIABLES = {"DOCKER_TLS_CERTDIR": ""}  # the official image then listens on 2375, in plain
DAEMON_DATA = "/var/lib/docker"  # on a volume: overlayfs does not stand on overlayfs
# The control groups are mounted read-only for everyone; the daemon makes its containers' there.
DAEMON_START = """for m in /sys/fs/cgroup /sys/fs/cgroup/*; do mount -o remount,bind,rw "$m" 2>/dev/null; done
exec "$@" """
# Secured variables of a service come over its standard input, never in its configuration, which anyone can inspect.
TAKE_SECRETS = """read -r _ count _; text=
while [ "$count" -gt 0 ] && IFS= read -r line; do text="$text$line
"; count=$((count - 1)); done
eval "$text"; unset text line count; exec "$@" </dev/null"""


class DockerService:
    """A service container; its log is read from the attach stream, since nothing else keeps it."""

    def __init__(self, engine: DockerEngine, name: str, container: str, sock: socket.socket | None) -> None:
        self.name = name
        self.container = container
        self._engine = engine
        self._sock = sock

    def logs(self) -> Iterator[Chunk]:
        if self._sock is not None:
            yield from payloads(self._sock)

    def look(self) -> Look:
        return look(self._engine, self.container, self.name)

    def stop(self) -> None:
        with suppress(Exception):
            self._engine.client.kill(self.container)

    def close(self) -> None:
        self._engine.remove(self.container)
        close(self._sock)


class DockerStep:
    """The hands on one step's containers."""

    def __init__(self, engine: DockerEngine, container: str, labels: Mapping[str, str], lane: str | None,
                 image: str = "", cpus: float | None = None) -> None:  # fmt: skip
        self.container = container
        self._image, self._cpus = image, cpus
        self.lane = lane or container
        self._engine = engine
        self._labels = labels
        self._sock: socket.socket | None = None
        self._services: dict[str, DockerService] = {}

    def put(self, path: str, tar: Iterable[bytes]) -> float:
        began = time.monotonic()
        with translated(f"putting files into {path}"):
            self._engine.client.put_archive(self.container, path, tar)
        return time.monotonic() - began

    def get(self, path: str) -> Iterator[bytes]:
        with translated(f"getting {path}"):
            stream, _ = self._engine.client.get_archive(self.container, path, chunk_size=1 << 20)
            yield from stream

    def start(self) -> None:
        with translated("starting the build container", self._image):
            client = self._engine.client
            # Attached before it starts, so that not a byte is lost although no log is kept.
            self._sock = raw_socket(
                client.attach_socket(self.container, {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
            )
            client.start(self.container)

    def serve(self, service: ServiceSpec) -> Service:
        from docker.types import LogConfig

        client = self._engine.client
        rights: dict[str, Any] = DAEMON_RIGHTS if service.docker else {}
        shape: dict[str, Any] = {}
        command = list(service.image.command)
        if service.docker:
            command = ["sh", "-c", DAEMON_START, "pipelinelab", *command]
            shape = {"entrypoint": command, "volumes": [DAEMON_DATA]}
        if service.secrets:
            shape |= {"entrypoint": ["sh", "-c", TAKE_SECRETS, "pipelinelab", *command], "stdin_open": True}
        host = client.create_host_config(
            network_mode=f"container:{self.lane}",
            volumes_from=[self.container] if service.clone or service.docker else None,
            mem_limit=service.memory_mib * MIB,
            memswap_limit=service.memory_mib * MIB,
            pids_limit=8192,
            nano_cpus=int((self._cpus or self._engine.cpus) * 1e9),
            log_config=LogConfig(type="none"),
            **rights,
        )
        with translated(f"starting the service {service.name!r}"):
            made = client.create_container(
                service.image.used,
                environment={**(DAEMON_VARIABLES if service.docker else {}), **service.environment},
                labels={"pipelinelab": "service", "pipelinelab.service": service.name, **self._labels},
                host_config=host
                | ({"StdinOnce": True} if service.secrets else {})
                | (DAEMON_SEES if service.docker else {}),
                working_dir=CLONE_DIR if service.clone else None,
                **shape,
            )["Id"]
            flags = {"stdin": int(bool(service.secrets)), "stdout": 1, "stderr": 1, "stream": 1}
            sock = raw_socket(client.attach_socket(made, flags))
            running = self._services[service.name] = DockerService(self._engine, service.name, made, sock)
            client.start(made)
            if service.secrets:
                sock.sendall(message("env", environment_text(service.secrets)))
        return running

    def adopt(self, name: str, container: str) -> None:
        """Take over a service that stands already."""
        self._services[name] = DockerService(self._engine, name, container, None)

    def listen(self, tick: float = 0.2) -> Iterator[Chunk]:
        assert self._sock is not None
        yield from payloads(self._sock, tick)

    def say(self, data: bytes) -> None:
        assert self._sock is not None
        with suppress(OSError):  # a build container that is gone says so by the end of its stream
            self._sock.sendall(data)

    def container_id(self, container: str) -> str:
        if container == "build":
            return self.container
        if container not in self._services:
            known = ", ".join(["build", *self._services])
            raise EngineError(f"the step has no container {container!r}", f"it has: {known}")
        return self._services[container].container

    def ask(self, argv: Sequence[str], container: str = "build", user: str = "", timeout: float = 30.0,
            environment: Mapping[str, str] | None = None) -> Answer:  # fmt: skip
        client = self._engine.client
        with translated(f"asking the {container} container"):
            made = client.exec_create(
                self.container_id(container), list(argv), user=user, environment=dict(environment or {}), stdin=False
            )["Id"]
            sock = raw_socket(client.exec_start(made, socket=True))
            parts: list[bytes] = []
            try:
                for chunk in payloads(sock, deadline=time.monotonic() + timeout):
                    parts.append(chunk.data)
            except TimeoutError:
                return Answer(exit_code=124, output=b"".join(parts))
            finally:
                close(sock)
            code = client.exec_inspect(made)["ExitCode"]
        return Answer(exit_code=code if code is not None else 125, output=b"".join(parts))

    def look(self, container: str = "build") -> Look:
        return look(self._engine, self.container_id(container), container)

    def close(self) -> None:
        for service in self._services.values():
            service.close()
        self._quit()
        self._engine.remove(self.container)
        close(self._sock)

    def _quit(self) -> None:
        """Let the driver end by itself: cheaper than a kill, for which the engine starts a process of its own."""
        if self._sock is None:
            return
        with suppress(OSError, TimeoutError):
            self._sock.sendall(b"quit\n")
            for _ in payloads(self._sock, deadline=time.monotonic() + QUIT_S):
                pass


def look(engine: DockerEngine, container: str, name: str) -> Look:
    """State, memory and CPU of a container now."""
    from docker.errors import APIError

    try:
        state = engine.client.inspect_container(container)["State"]
        stats: dict[str, Any] = {}
        if state["Running"]:
            stats = engine.client.stats(container, stream=False, one_shot=True)
    except (APIError, OSError):
        return Look(container=name, running=False)
    memory = stats.get("memory_stats") or {}
    inner = memory.get("stats") or {}
    # Page cache can be given back at any time; what counts toward the limit for good is the rest.
    used = memory.get("usage", 0) - inner.get("total_inactive_file", inner.get("inactive_file", 0))
    cpu = ((stats.get("cpu_stats") or {}).get("cpu_usage") or {}).get("total_usage")
    return Look(
        container=name,
        running=state["Running"],
        exit_code=None if state["Running"] else state["ExitCode"],
        oom_killed=bool(state.get("OOMKilled")),
        memory_mib=used / MIB if memory else None,
        memory_peak_mib=memory["max_usage"] / MIB if "max_usage" in memory else None,
        cpu_s=cpu / 1e9 if cpu is not None else None,
        processes=(stats.get("pids_stats") or {}).get("current"),
    )
