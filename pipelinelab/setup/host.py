"""What containers need to know of this machine's network: a company's CA bundle, its proxy, its package index."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

BUNDLE_VARIABLES = ("PIPELINELAB_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT",
                    "GIT_SSL_CAINFO")  # fmt: skip
# A system's bundle is worth passing on only where somebody added a certificate of their own to it.
SYSTEM_BUNDLES = (
    ("/usr/local/share/ca-certificates", "/etc/ssl/certs/ca-certificates.crt"),  # Debian, Ubuntu, Alpine
    ("/etc/pki/ca-trust/source/anchors", "/etc/pki/tls/certs/ca-bundle.crt"),  # Fedora, RHEL
)
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY")
INDEX_VARIABLES = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "npm_config_registry")


def ca_bundle(environ: Mapping[str, str], root: Path = Path("/")) -> Path | None:
    """The PEM file with the CAs that this machine trusts, where it is not the usual set; None where it is.

    PIPELINELAB_CA_BUNDLE wins, then the variables that curl, requests, pip and git go by, then the system's bundle if
    someone added to it. Set PIPELINELAB_CA_BUNDLE to the empty string to pass none on.
    """
    if environ.get("PIPELINELAB_CA_BUNDLE") == "":
        return None
    for name in BUNDLE_VARIABLES:
        if environ.get(name) and Path(environ[name]).is_file():
            return Path(environ[name])
    for added, bundle in SYSTEM_BUNDLES:
        folder, file = root / added[1:], root / bundle[1:]
        if file.is_file() and folder.is_dir() and any(path.is_file() for path in folder.rglob("*")):
            return file
    return None


def ca_variables(path: str) -> dict[str, str]:
    """The environment that makes OpenSSL, pip, requests, curl, git and npm trust the bundle at ``path``."""
    names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "GIT_SSL_CAINFO",
             "NODE_EXTRA_CA_CERTS", "npm_config_cafile")  # fmt: skip
    return dict.fromkeys(names, path)


def proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """The proxy variables that mean the same inside a container: those of a proxy on this very machine do not."""
    found = {}
    for name in (form for upper in PROXY_VARIABLES for form in (upper, upper.lower())):
        value = environ.get(name, "")
        host = urlsplit(value if "//" in value else f"//{value}").hostname or ""
        if value and (
            name.upper() == "NO_PROXY" or not (host == "localhost" or host.startswith("127.") or host == "::1")
        ):
            found[name] = value
    return found


def package_indexes(environ: Mapping[str, str], pip_config: str = "") -> dict[str, str]:
    """The package indexes that this machine uses instead of the public ones, for pip and npm; local files are left out.

    ``pip_config`` is what ``pip config list`` printed; the environment wins over it.
    """
    found = {}
    for line in pip_config.splitlines():
        key, _, value = line.partition("=")
        name = "PIP_" + key.rpartition(".")[2].upper().replace("-", "_")
        if name in INDEX_VARIABLES:
            found[name] = value.strip().strip("'\"").replace("\\n", " ")
    found |= {name: environ[name] for name in INDEX_VARIABLES if environ.get(name)}
    for name in [name for name in found if name.endswith(("_URL", "_registry"))]:
        remote = " ".join(url for url in found.pop(name).split() if url.startswith(("https://", "http://")))
        if remote:
            found[name] = remote
    return found


def read_pip_config() -> str:
    """What ``pip config list`` says in this Python; "" where there is no pip."""
    try:
        argv = [sys.executable, "-m", "pip", "config", "list"]
        return subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def shell_exports(variables: Mapping[str, str]) -> str:
    """The variables as a file for a POSIX shell to source."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(variables.items()))
