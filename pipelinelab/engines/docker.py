"""The real engine. What it starts: one container a step and one a service, log driver none, everything labelled."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from pipelinelab.engines.base import Facts, ImageFound, Step, StepSpec
from pipelinelab.engines.docker_errors import translated
from pipelinelab.engines.docker_step import DockerStep
from pipelinelab.errors import EngineError, ImageUnavailable
from pipelinelab.inside.script import driver

if TYPE_CHECKING:
    from docker import APIClient

LABEL = "pipelinelab"
WORK = "/tmp/.pipelinelab"
MIB = 1024 * 1024


class DockerEngine:
    """Steps in Docker. ``connect`` gives a client; each thread gets one of its own, as docker-py wants it."""

    def __init__(self, connect: Callable[[], APIClient]) -> None:
        self._connect = connect
        self._local = threading.local()

    @property
    def client(self) -> APIClient:
        """This thread's client."""
        if not hasattr(self._local, "client"):
            self._local.client = self._connect()
        client: APIClient = self._local.client
        return client

    def now(self) -> float:
        return time.monotonic()

    @cached_property
    def cpus(self) -> int:
        """How many processors the engine's machine has."""
        with translated("asking the engine about itself"):
            return int(self.client.info().get("NCPU", 1))

    def facts(self) -> Facts:
        with translated("asking the engine about itself"):
            info, version = self.client.info(), self.client.version()
        return Facts(
            name="docker",
            version=version.get("Version", ""),
            api_version=version.get("ApiVersion", ""),
            cpus=info.get("NCPU", 1),
            memory_mib=info.get("MemTotal", 0) // MIB,
            architecture=info.get("Architecture", ""),
            endpoint=self.client.base_url,
        )

    def image(self, asked: str, used: str, platform: str | None = None, auth: Mapping[str, str] | None = None,
              progress: Callable[[str], None] | None = None) -> ImageFound:  # fmt: skip
        from docker.errors import ImageNotFound

        try:
            found = self.client.inspect_image(used)  # type: ignore[no-untyped-call]
        except ImageNotFound:
            self._pull(asked, used, platform, auth, progress)
            with translated(f"looking for the image {used}"):
                found = self.client.inspect_image(used)  # type: ignore[no-untyped-call]
        except Exception as problem:
            with translated(f"looking for the image {used}"):
                raise problem
        config = found.get("Config") or {}
        ports = tuple(int(p.split("/")[0]) for p in config.get("ExposedPorts") or {} if not p.endswith("/udp"))
        digests = found.get("RepoDigests") or []
        return ImageFound(
            asked=asked,
            used=used,
            digest=digests[0].rpartition("@")[2] if digests else found["Id"],
            user=config.get("User") or "",
            ports=ports,
            command=tuple(config.get("Entrypoint") or ()) + tuple(config.get("Cmd") or ()),
            environment=dict(e.partition("=")[::2] for e in config.get("Env") or ()),
        )

    def _pull(self, asked: str, used: str, platform: str | None, auth: Mapping[str, str] | None,
              progress: Callable[[str], None] | None) -> None:  # fmt: skip
        from docker.errors import APIError
        from docker.utils import parse_repository_tag

        repository, tag = parse_repository_tag(used)
        if progress:
            progress(f"pulling {used}")
        missing = asked if used == asked else f"{used}, which stands in for {asked},"
        hint = (
            f'map it to an image that is here: in pipelinelab.toml write  [images]  "{asked}" = "…",'
            f" or give --image {asked}=…"
        )
        try:
            for line in self.client.pull(
                repository, tag=tag or "latest", stream=True, decode=True, platform=platform,
                auth_config=dict(auth) if auth else None,
            ):  # fmt: skip
                if "error" in line:
                    raise ImageUnavailable(f"image {missing} is not here and cannot be pulled: {line['error']}", hint)
                if progress and line.get("progress"):
                    progress(f"pulling {used}: {line.get('status', '')} {line['progress']}")
        except APIError as problem:
            why = str(problem.explanation or problem).strip().splitlines()[0]
            raise ImageUnavailable(f"image {missing} is not here and cannot be pulled: {why}", hint) from None

    def prepare(self, spec: StepSpec) -> Step:
        from docker.types import LogConfig

        client = self.client
        host = client.create_host_config(
            network_mode=f"container:{spec.lane}" if spec.lane else "bridge",
            mem_limit=spec.memory_mib * MIB,
            memswap_limit=spec.memory_mib * MIB,
            pids_limit=spec.pids,
            log_config=LogConfig(type="none"),
            extra_hosts=dict(spec.extra_hosts) if spec.extra_hosts and not spec.lane else None,
            nano_cpus=int((spec.cpus or self.cpus) * 1e9),
        )
        with translated(f"making the container of step {spec.name!r}", spec.image.used):
            made = client.create_container(
                spec.image.used,
                entrypoint=["sh", "-c", driver(), "pipelinelab", spec.nonce, WORK],
                command=[],
                stdin_open=True,
                user=spec.user or None,
                working_dir=spec.volume,
                volumes=[spec.volume] if spec.shared else [],
                labels={LABEL: "build", **spec.labels},
                platform=spec.platform,
                host_config=host | {"StdinOnce": True},
            )
        return DockerStep(self, made["Id"], spec.labels, spec.lane, spec.image.used, spec.cpus)

    def reopen(self, labels: Mapping[str, str]) -> Step:
        wanted = [f"{LABEL}=build", *(f"{key}={value}" for key, value in labels.items())]
        with translated("looking for the kept step"):
            found = self.client.containers(filters={"label": wanted})
        if not found:
            raise EngineError("the step's containers are gone", "replay it again: a red step's containers are kept")
        container = found[0]
        step = DockerStep(self, container["Id"], labels, None)
        for other in self.client.containers(filters={"label": [f"{LABEL}=service", *wanted[1:]]}):
            step.adopt(other["Labels"][f"{LABEL}.service"], other["Id"])
        return step

    def sweep(self, chosen: Callable[[Mapping[str, str]], bool]) -> Mapping[str, int]:
        with translated("looking for what was left behind"):
            found = self.client.containers(all=True, filters={"label": LABEL})
        doomed = [container for container in found if chosen(container["Labels"])]
        # Services share the build container's network namespace, so they go first; each removal takes tens of
        # milliseconds, mostly waiting, so several go at once.
        if doomed:
            for kind in ("service", "build"):
                self._remove_all([c["Id"] for c in doomed if c["Labels"][LABEL] == kind])
        return {kind: sum(c["Labels"][LABEL] == kind for c in doomed) for kind in ("build", "service")}

    def _remove_all(self, containers: Sequence[str]) -> None:
        try:
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(self.remove, containers))
        except RuntimeError:  # the interpreter is ending, and starts no thread any more
            for container in containers:
                self.remove(container)

    def remove(self, container: str) -> None:
        """Remove a container and its anonymous volumes, whatever it is doing. Gone already is good too."""
        from docker.errors import APIError

        for wait in (0.0, 0.2, 1.0):
            time.sleep(wait)
            with suppress(APIError, OSError, EngineError):
                try:
                    self.client.remove_container(container, v=True, force=True)
                except APIError as problem:
                    if problem.status_code != 404:
                        raise
                return
