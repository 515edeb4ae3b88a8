"""A Debian base image: the one that is here, else pulled, else bootstrapped from the package mirror."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelinelab.errors import ImageUnavailable
from pipelinelab.setup.catalogue import PREFIX, DebianBase

if TYPE_CHECKING:
    from docker import APIClient

MIRRORS = ("http://deb.debian.org/debian", "http://archive.debian.org/debian")
# Settings of this machine's apt that the new system needs as well to reach the same mirror.
APT_OPTIONS = r"^(Acquire::(?:Check-Valid-Until|Check-Date|(?:http|https)::Proxy(?:::\S+)?)) \"(.*)\";$"
# As Debian's own images have it: no fsync, no documentation, no package kept once it is unpacked.
DPKG_OPTIONS = ("force-unsafe-io", "path-exclude=/usr/share/doc/*", "path-exclude=/usr/share/man/*",
                "path-exclude=/usr/share/locale/*", "path-exclude=/usr/share/info/*",
                "path-include=/usr/share/doc/*/copyright")  # fmt: skip
# Only afterwards: mmdebstrap itself needs the packages that it downloads.
LEAN_APT = """echo 'APT::Keep-Downloaded-Packages "false";' > "$1/etc/apt/apt.conf.d/90lean"
echo 'Acquire::Languages "none";' >> "$1/etc/apt/apt.conf.d/90lean\""""


def provide(client: APIClient, base: DebianBase, platform: str | None, progress: Callable[[str], None]) -> str:
    """Make ``base.reference`` exist; returns how: "here", "pulled" or "bootstrapped".

    Raises ImageUnavailable where neither a registry nor mmdebstrap can give it.
    """
    from docker.errors import APIError

    repository = f"{PREFIX}debian"
    for reference in (base.reference, base.pulled):
        image = inspect(client, reference)
        if image and matches(image["Os"], image["Architecture"], platform):
            client.tag(image["Id"], repository, base.suite)
            return "here"
    try:
        client.pull("debian", f"{base.suite}-slim", platform=platform)
        client.tag(base.pulled, repository, base.suite)
        return "pulled"
    except APIError as problem:
        said = str(problem.explanation or problem).strip()
        progress(f"no registry gives {base.pulled} ({said}): bootstrapping it from the package mirror")
    bootstrap(client, base, platform, progress)
    return "bootstrapped"


def inspect(client: APIClient, reference: str) -> dict[str, Any] | None:
    """What the engine knows of an image, None where it has none of that name."""
    from docker.errors import ImageNotFound

    try:
        return dict(client.inspect_image(reference))  # type: ignore[no-untyped-call]
    except ImageNotFound:
        return None


def matches(os: str, architecture: str, platform: str | None) -> bool:
    """Whether an image of this system is what ``platform`` ("linux/arm64", None for any) asks for."""
    return platform is None or platform.split("/")[:2] == [os, architecture]


def bootstrap(client: APIClient, base: DebianBase, platform: str | None, progress: Callable[[str], None]) -> None:
    """Build the base with mmdebstrap and import it. Raises ImageUnavailable where that cannot be done here."""
    if not shutil.which("mmdebstrap"):
        hint = ("make a registry reachable (see `docker pull debian`), or, on Debian or Ubuntu as root, "
                "`pipelinelab doctor --fix` installs mmdebstrap")  # fmt: skip
        raise ImageUnavailable(f"{base.pulled} cannot be pulled, and mmdebstrap is not here to build it", hint)
    if not matches("linux", _debian_architecture(), platform):
        hint = f"pull it where a registry answers: docker pull --platform {platform} {base.pulled}"
        raise ImageUnavailable(f"{base.pulled} for {platform} cannot be bootstrapped on this machine", hint)
    options = apt_options(_output("apt-config", "dump"))
    mirrors = dict.fromkeys((*debian_mirrors(_output("apt-get", "indextargets", "--format", TARGET_FORMAT)), *MIRRORS))
    said = ""
    with tempfile.TemporaryDirectory(prefix="pipelinelab-") as folder:
        tar = Path(folder) / "root.tar"
        for mirror in mirrors:
            argv = command(base.suite, mirror, str(tar), options)
            run = subprocess.run(argv, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
            if run.returncode == 0:
                client.import_image_from_file(str(tar), f"{PREFIX}debian", base.suite, changes=['CMD ["bash"]'])
                return
            lines = [line for line in run.stderr.splitlines() if line.startswith("E:")]
            said = (lines or run.stderr.splitlines()[-1:] or ["no output"])[0]
            progress(f"{mirror} does not give Debian {base.suite}: {said}")
    raise ImageUnavailable(f"Debian {base.suite} could not be bootstrapped: {said}", "is the package mirror reachable?")


def command(suite: str, mirror: str, tar: str, apt_options: Mapping[str, str]) -> list[str]:
    """The mmdebstrap command line. One source, ``main``: what the lab needs, and one index to fetch for each build."""
    argv = ["mmdebstrap", "--variant=minbase", "--include=ca-certificates", "--skip=check/qemu"]
    argv += [f'--aptopt={name} "{value}"' for name, value in apt_options.items()]
    argv += [f"--dpkgopt={option}" for option in DPKG_OPTIONS]
    argv.append(f"--customize-hook={LEAN_APT}")
    return [*argv, suite, tar, f"deb {mirror} {suite} main"]


TARGET_FORMAT = "$(REPO_URI) $(RELEASE) $(COMPONENT)"


def debian_mirrors(index_targets: str) -> tuple[str, ...]:
    """The Debian mirrors among this machine's package sources (as ``apt-get indextargets`` lists them), each once."""
    found = {}
    for line in index_targets.splitlines():
        uri, _, rest = line.partition(" ")
        if rest.split() in (["bookworm", "main"], ["bullseye", "main"], ["trixie", "main"], ["stable", "main"]):
            found[uri.rstrip("/")] = True
    return tuple(uri for uri in found if uri.startswith(("http://", "https://")))


def apt_options(apt_config: str) -> dict[str, str]:
    """What a bootstrapped system must take over of this machine's apt settings, out of ``apt-config dump``."""
    return dict(re.findall(APT_OPTIONS, apt_config, re.MULTILINE))


def _output(*argv: str) -> str:
    try:
        return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def _debian_architecture() -> str:
    return _output("dpkg", "--print-architecture").strip()
