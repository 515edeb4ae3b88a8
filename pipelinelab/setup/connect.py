"""A connection to the Docker engine, or one clear sentence on why there is none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pipelinelab.errors import EngineUnavailable
from pipelinelab.setup.endpoint import Endpoint, find_endpoint

if TYPE_CHECKING:
    from docker import APIClient

OLDEST_API = (1, 41)  # Docker Engine 20.10
DOCTOR = "run `pipelinelab doctor` for the whole picture, or `pipelinelab doctor --fix` to have it set up"


def connect(environ: Mapping[str, str] = os.environ, timeout: int = 600) -> APIClient:
    """A client of the engine that ``docker`` would use in this environment, its API version agreed upon.

    ``timeout`` (seconds) is for one request's silence. Raises EngineUnavailable, whose message is one sentence and
    whose hint is the one thing to do: nothing installed, daemon down, socket not permitted, a DOCKER_HOST or context
    that names no engine, an engine older than 20.10.
    """
    endpoint = find_endpoint(environ)
    probe = _client(endpoint, "1.41", 10)
    try:
        version = probe.version(api_version=False)
    except Exception as problem:
        raise _unavailable(endpoint, problem, environ) from None
    finally:
        probe.close()
    return _client(endpoint, agreed_version(version), timeout)


def agreed_version(version: Mapping[str, Any]) -> str:
    """The API version to speak with an engine that answered ``version`` to /version: the newest that both know.

    Raises EngineUnavailable for an engine before 20.10 (API 1.41), or an answer that no Docker engine gives.
    """
    from docker.constants import DEFAULT_DOCKER_API_VERSION

    try:
        newest, oldest = _numbers(version["ApiVersion"]), _numbers(version.get("MinAPIVersion") or "1.12")
    except (KeyError, ValueError, AttributeError):
        raise EngineUnavailable("what answers is not a Docker engine (no ApiVersion)", DOCTOR) from None
    if newest < OLDEST_API:
        said = f"{version.get('Version', '?')} (API {version['ApiVersion']})"
        raise EngineUnavailable(f"Docker Engine {said} is too old: the lab needs 20.10 or newer", "upgrade Docker")
    major, minor = max(min(newest, _numbers(DEFAULT_DOCKER_API_VERSION)), oldest)
    return f"{major}.{minor}"


def _numbers(version: str) -> tuple[int, int]:
    major, minor = version.split(".")[:2]
    return int(major), int(minor)


def _client(endpoint: Endpoint, version: str, timeout: int) -> APIClient:
    from docker import APIClient
    from docker.errors import DockerException, TLSParameterError
    from docker.tls import TLSConfig

    try:
        tls: TLSConfig | bool = False
        if endpoint.tls_dir:
            pem = {name: str(endpoint.tls_dir / f"{name}.pem") for name in ("ca", "cert", "key")}
            tls = TLSConfig(client_cert=(pem["cert"], pem["key"]), ca_cert=pem["ca"], verify=endpoint.tls_verify)
        ssh = endpoint.host.startswith("ssh://")
        return APIClient(base_url=endpoint.host, version=version, timeout=timeout, tls=tls, use_ssh_client=ssh)
    except TLSParameterError as problem:
        said = str(problem).split(". ")[0]
        raise EngineUnavailable(
            f"no TLS connection to {_where(endpoint)}: {said}", f"look into {endpoint.tls_dir}"
        ) from None
    except DockerException as problem:
        if "paramiko" in str(problem):
            hint = "pip install 'docker[ssh]'"
            raise EngineUnavailable(f"{_where(endpoint)} needs the SSH extra of Docker's Python SDK", hint) from None
        hint = "it should look like unix:///var/run/docker.sock, tcp://HOST:2376 or ssh://USER@HOST"
        raise EngineUnavailable(f"{_where(endpoint)} is not an address of a Docker engine: {problem}", hint) from None
    except Exception as problem:  # ssh itself may refuse, with any error of the transport's
        raise _unavailable(endpoint, problem, os.environ) from None


def _where(endpoint: Endpoint) -> str:
    return f"{endpoint.host} ({endpoint.source})" if endpoint.source != "default" else endpoint.host


def _unavailable(endpoint: Endpoint, problem: BaseException, environ: Mapping[str, str]) -> EngineUnavailable:
    """The one sentence for whatever the SDK, requests or the operating system raised."""
    causes = list(_causes(problem))
    where, named = _where(endpoint), endpoint.source != "default"

    def any_is(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if any_is(PermissionError):
        hint = "add yourself to the group: `sudo usermod -aG docker $USER`, then log in again (or run as root)"
        return EngineUnavailable(f"no permission to use the Docker engine at {where}", hint)
    if endpoint.socket and any_is(FileNotFoundError):
        if named:
            hint = f"start that engine, or correct {_what_names(endpoint)}"
            return EngineUnavailable(f"no Docker engine at {where}: there is no such socket", hint)
        if not (shutil.which("docker", path=environ.get("PATH")) or shutil.which("dockerd", path=environ.get("PATH"))):
            hint = "`pipelinelab doctor --fix` installs it (root, Debian or Ubuntu), or see https://docs.docker.com/get-docker/"
            return EngineUnavailable("Docker is not installed", hint)
        hint = "start Docker Desktop, or `sudo systemctl start docker`, or `pipelinelab doctor --fix` as root"
        return EngineUnavailable(f"the Docker daemon is not running (no {endpoint.socket})", hint)
    if any_is(ConnectionRefusedError):
        hint = (
            f"start that engine, or correct {_what_names(endpoint)}"
            if named
            else "start it: `sudo systemctl start docker`"
        )
        return EngineUnavailable(f"the Docker daemon is not running: {where} refuses connections", hint)
    said = str(causes[-1]).strip().splitlines() or [type(causes[-1]).__name__]
    hint = f"start that engine, or correct {_what_names(endpoint)}" if named else DOCTOR
    return EngineUnavailable(f"no Docker engine answers at {where}: {said[0]}", hint)


def _what_names(endpoint: Endpoint) -> str:
    return "DOCKER_HOST" if endpoint.source == "DOCKER_HOST" else "the Docker context (`docker context ls`)"


def _causes(problem: BaseException) -> Iterator[BaseException]:
    """The error and all it wraps, outermost first; requests and urllib3 carry theirs in ``args``."""
    yield problem
    inner = [arg for arg in problem.args if isinstance(arg, BaseException)]
    reason = getattr(problem, "reason", None)
    for cause in [*inner, reason, problem.__cause__, problem.__context__]:
        if isinstance(cause, BaseException) and cause is not problem:
            yield from _causes(cause)
            return
