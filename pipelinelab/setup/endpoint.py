"""Which Docker engine is meant: DOCKER_HOST, then the Docker context, then a socket at one of the usual places.

The order is the docker command's own. The SDK knows contexts too, but reads only the process's environment and
ignores DOCKER_CONTEXT.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelinelab.errors import EngineUnavailable

DEFAULT_SOCKET = "/var/run/docker.sock"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where an engine listens. ``source`` says who named it: DOCKER_HOST, "context NAME", or "default"; ``tls_dir``
    holds ca.pem, cert.pem and key.pem, or is None where the connection is plain."""

    host: str
    source: str
    tls_dir: Path | None = None
    tls_verify: bool = True

    @property
    def socket(self) -> Path | None:
        """The socket file of a unix:// endpoint, None for any other."""
        return Path(self.host.removeprefix("unix://")) if self.host.startswith("unix://") else None


def find_endpoint(environ: Mapping[str, str]) -> Endpoint:
    """The endpoint that ``docker`` itself would talk to in this environment.

    Raises EngineUnavailable where the current context is not there or cannot be read.
    """
    if environ.get("DOCKER_HOST"):
        return _from_docker_host(environ)
    context = environ.get("DOCKER_CONTEXT") or _current_context(environ)
    if context and context != "default":
        return _from_context(context, environ)
    return _default(environ)


def config_dir(environ: Mapping[str, str]) -> Path:
    """Docker's own configuration folder: DOCKER_CONFIG, or ~/.docker."""
    return Path(environ["DOCKER_CONFIG"]) if environ.get("DOCKER_CONFIG") else home(environ) / ".docker"


def home(environ: Mapping[str, str]) -> Path:
    """The user's home folder, as the environment names it."""
    return Path(environ.get("HOME") or environ.get("USERPROFILE") or Path.home())


def _from_docker_host(environ: Mapping[str, str]) -> Endpoint:
    cert_path, verify = environ.get("DOCKER_CERT_PATH", ""), environ.get("DOCKER_TLS_VERIFY", "")
    tls_dir = Path(cert_path) if cert_path else config_dir(environ) if verify else None
    return Endpoint(host=environ["DOCKER_HOST"], source="DOCKER_HOST", tls_dir=tls_dir, tls_verify=bool(verify))


def _current_context(environ: Mapping[str, str]) -> str:
    try:
        config = json.loads((config_dir(environ) / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return ""
    return str(config.get("currentContext") or "") if isinstance(config, dict) else ""


def _from_context(name: str, environ: Mapping[str, str]) -> Endpoint:
    contexts, key = config_dir(environ) / "contexts", hashlib.sha256(name.encode()).hexdigest()
    hint = "see `docker context ls`, choose another with `docker context use NAME`, or set DOCKER_HOST"
    try:
        meta = json.loads((contexts / "meta" / key / "meta.json").read_text("utf-8"))
        docker = meta["Endpoints"]["docker"]
        host = docker["Host"]
    except FileNotFoundError:
        raise EngineUnavailable(f"the Docker context {name!r} does not exist", hint) from None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise EngineUnavailable(f"the Docker context {name!r} cannot be read: {problem!r}", hint) from None
    tls_dir = contexts / "tls" / key / "docker"
    return Endpoint(
        host=host,
        source=f"context {name}",
        tls_dir=tls_dir if tls_dir.is_dir() else None,
        tls_verify=not docker.get("SkipTLSVerify", False),
    )


def _default(environ: Mapping[str, str]) -> Endpoint:
    if sys.platform == "win32":
        return Endpoint(host="npipe:////./pipe/docker_engine", source="default")
    usual = [
        Path(DEFAULT_SOCKET),
        home(environ) / ".docker/run/docker.sock",
        home(environ) / ".docker/desktop/docker.sock",
    ]
    if environ.get("XDG_RUNTIME_DIR"):
        usual.append(Path(environ["XDG_RUNTIME_DIR"]) / "docker.sock")
    there = next((path for path in usual if path.exists()), usual[0])
    return Endpoint(host=f"unix://{there}", source="default")
