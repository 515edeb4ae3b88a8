"""What is ready for a replay on this machine, and what is not, each with the one thing to do about it."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelinelab.errors import EngineUnavailable, PipelinelabError
from pipelinelab.setup.connect import connect
from pipelinelab.setup.endpoint import find_endpoint
from pipelinelab.setup.host import ca_bundle
from pipelinelab.setup.images import image_states
from pipelinelab.setup.install import can_install
from pipelinelab.setup.places import images_dir

if TYPE_CHECKING:
    from docker import APIClient

ENOUGH_GIB = 5.0  # the images are 1.5 GiB together, and a build needs as much again


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line of the doctor's. ``needed`` is False for what only some uses of the lab ask for; ``todo`` is "" where
    all is well."""

    name: str
    said: str
    ok: bool = True
    needed: bool = True
    todo: str = ""


def examine(environ: Mapping[str, str] = os.environ, wanted_platform: str | None = None) -> list[Check]:
    """Every check, in the order in which one needs the other. Never raises for what it finds."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    checks = [_machine(wanted_platform), _python(), _git(), _client(environ)]
    try:
        client = connect(environ)
    except EngineUnavailable as problem:
        todo = can_install(environ) or "pipelinelab doctor --fix"
        hint = todo if todo.startswith("pipelinelab") or not problem.hint else problem.hint
        checks.append(Check(name="daemon", said=str(problem), ok=False, todo=hint))
    else:
        with client:
            try:
                checks += _engine(client, environ, wanted_platform)
            except (DockerException, RequestException) as problem:
                checks.append(Check(name="daemon", said=f"it fails: {problem}", ok=False, todo="look into its log"))
    return [*checks, _ca(environ), _jupyter()]


def healthy(checks: list[Check]) -> bool:
    """Whether nothing that a replay needs is missing."""
    return all(check.ok for check in checks if check.needed)


def _machine(wanted: str | None) -> Check:
    said = f"{platform.system()} {platform.release()} on {platform.machine()}"
    return Check(name="platform", said=said + (f", images for {wanted}" if wanted else ""))


def _python() -> Check:
    return Check(name="python", said=platform.python_version())


def _git() -> Check:
    if shutil.which("git"):
        return Check(name="git", said=_first_line("git", "--version").removeprefix("git version "))
    return Check(
        name="git", said="not installed", ok=False, todo="install git: the lab clones the repository that it replays"
    )


def _client(environ: Mapping[str, str]) -> Check:
    found = shutil.which("docker", path=environ.get("PATH"))
    if found:
        return Check(name="client", said=_first_line(found, "--version") or found)
    return Check(name="client", said="no docker command (the lab itself speaks to the daemon without it)", needed=False)


def _engine(client: APIClient, environ: Mapping[str, str], wanted: str | None) -> Iterator[Check]:
    info: dict[str, Any] = client.info()
    endpoint = find_endpoint(environ)
    yield Check(
        name="daemon",
        said=f"Docker {info.get('ServerVersion')}, API {client.api_version}, at {endpoint.host} ({endpoint.source})",
    )
    driver = str(info.get("Driver", "?"))
    slow = driver in ("vfs", "devicemapper")
    todo = "it copies whole images: move the daemon's data-root to a file system that overlay2 can use" if slow else ""
    yield Check(name="storage", said=driver, ok=not slow, needed=False, todo=todo)
    limits = bool(info.get("MemoryLimit"))
    todo = "" if limits else "without it no step has Bitbucket's memory limit: enable the memory cgroup in the kernel"
    said = f"version {info.get('CgroupVersion', '1')}, {info.get('CgroupDriver', '?')}"
    yield Check(
        name="cgroups", said=said + ("" if limits else ", no memory limits"), ok=limits, needed=False, todo=todo
    )
    yield _architecture(info, wanted)
    yield _disk(Path(str(info.get("DockerRootDir", "/var/lib/docker"))))
    yield _images(client, wanted)


def _architecture(info: Mapping[str, Any], wanted: str | None) -> Check:
    names = {"x86_64": "amd64", "aarch64": "arm64"}
    own = f"{info.get('OSType', 'linux')}/{names.get(info.get('Architecture', ''), info.get('Architecture', '?'))}"
    memory = f"{own}, {info.get('NCPU', '?')} CPUs, {int(info.get('MemTotal', 0)) / 2**30:.1f} GiB"
    if own.startswith("windows"):
        return Check(name="containers", said=memory, ok=False, todo="switch Docker Desktop to Linux containers")
    emulated = wanted is not None and not wanted.startswith(own)
    todo = (
        f"{wanted} runs under emulation here: `docker run --privileged tonistiigi/binfmt --install all`"
        if emulated
        else ""
    )
    return Check(name="containers", said=memory, ok=not emulated, needed=False, todo=todo)


def _disk(root: Path) -> Check:
    # A remote engine's or a virtual machine's folder is not to be seen from here.
    place = root if root.exists() else Path.home()
    free = shutil.disk_usage(place).free / 2**30
    ok = free >= ENOUGH_GIB
    todo = (
        ""
        if ok
        else f"free some: the lab's images need about {ENOUGH_GIB:.0f} GiB (`docker system df` shows what could go)"
    )
    return Check(name="disk", said=f"{free:.1f} GiB free at {place}", ok=ok, needed=False, todo=todo)


def _images(client: APIClient, wanted: str | None) -> Check:
    try:
        states = image_states(client, images_dir(), wanted)
    except PipelinelabError as problem:
        return Check(name="images", said=str(problem), ok=False, needed=False, todo=problem.hint)
    other = [f"{state.recipe.reference} {state.state}" for state in states if state.state != "ready"]
    said = f"{len(states) - len(other)} of {len(states)} ready" + (f" ({', '.join(other)})" if other else "")
    return Check(name="images", said=said, ok=not other, todo="pipelinelab images build" if other else "")


def _ca(environ: Mapping[str, str]) -> Check:
    bundle = ca_bundle(environ)
    if bundle is None:
        return Check(name="CA bundle", said="the usual one: none is passed on to containers")
    return Check(name="CA bundle", said=f"{bundle} is passed on to containers")


def _jupyter() -> Check:
    if importlib.util.find_spec("jupyterlab"):
        return Check(name="jupyter", said="JupyterLab is installed")
    todo = "pip install -e '.[notebooks]' (only the notebooks need it)"
    return Check(name="jupyter", said="not installed", ok=False, needed=False, todo=todo)


def _first_line(*argv: str) -> str:
    try:
        said = subprocess.run(argv, capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.partition("\n")[0].strip()


def fix(environ: Mapping[str, str], wanted_platform: str | None, progress: Callable[[str], None]) -> None:
    """Do what there is to do: install and start an engine, and build the lab's images.

    Raises EngineUnavailable with the one thing to do where the lab may not install, EngineError where a build fails.
    """
    from pipelinelab.setup.catalogue import DEBIAN, RECIPES
    from pipelinelab.setup.debian import inspect
    from pipelinelab.setup.images import build_images
    from pipelinelab.setup.install import provide_engine, provide_packages

    provide_engine(environ, progress)
    with connect(environ) as client:
        bootstrapped = not all(inspect(client, base.reference) for base in DEBIAN)
        provide_packages(("git", "mmdebstrap") if bootstrapped else ("git",), progress)
        build_images(client, RECIPES, images_dir(), platform=wanted_platform, environ=environ, progress=progress)
