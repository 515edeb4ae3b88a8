"""Installing and starting a Docker engine where there is none, as root on Debian or Ubuntu, with systemd or without."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pipelinelab.errors import EngineUnavailable
from pipelinelab.setup.connect import connect
from pipelinelab.setup.endpoint import find_endpoint

PACKAGES = ("docker.io", "git", "iptables", "cgroupfs-mount", "mmdebstrap", "debian-archive-keyring", "ca-certificates")
LOG = Path("/var/log/pipelinelab-dockerd.log")
PID_FILE = Path("/var/run/docker.pid")
START_S = 60.0
Progress = Callable[[str], None]


def can_install(environ: Mapping[str, str], root: Path = Path("/")) -> str:
    """ "" where the lab may install and start an engine here, else the one thing that the user has to do."""
    if find_endpoint(environ).source != "default":
        return "start the engine that DOCKER_HOST or the Docker context names: the lab does not install a remote one"
    if platform.system() in ("Darwin", "Windows"):
        return "install and start Docker Desktop: https://docs.docker.com/desktop/"
    if not is_debian(root):
        return "install Docker Engine for this distribution: https://docs.docker.com/engine/install/"
    if os.geteuid() != 0:
        return "run `sudo pipelinelab doctor --fix`, or ask an administrator for Docker"
    return ""


def is_debian(root: Path = Path("/")) -> bool:
    """Whether this is Debian, Ubuntu or a child of theirs, by os-release."""
    try:
        lines = (root / "etc/os-release").read_text("utf-8").splitlines()
    except OSError:
        return False
    release = dict(line.split("=", 1) for line in lines if "=" in line)
    names = f"{release.get('ID', '')} {release.get('ID_LIKE', '')}".replace('"', " ").split()
    return bool({"debian", "ubuntu"} & set(names)) and shutil.which("apt-get") is not None


def provide_engine(environ: Mapping[str, str], progress: Progress) -> None:
    """See to it that an engine answers: install what is missing and start the daemon; nothing where one answers.

    Raises EngineUnavailable, with what to do, where the lab may not or cannot.
    """
    try:
        connect(environ).close()
        return
    except EngineUnavailable as problem:
        cannot = can_install(environ)
        if cannot:
            raise EngineUnavailable(str(problem), cannot) from None
        progress(f"{problem}")
    if not shutil.which("dockerd"):
        install(PACKAGES, progress)
    start(environ, progress)


def provide_packages(commands: tuple[str, ...], progress: Progress) -> None:
    """Install the packages of these commands where they are missing, and this is a machine on which the lab may."""
    missing = tuple(command for command in commands if not shutil.which(command))
    if missing and is_debian() and os.geteuid() == 0:
        install((*missing, "debian-archive-keyring", "ca-certificates"), progress)


def install(packages: tuple[str, ...], progress: Progress) -> None:
    """Install Debian packages. Raises EngineUnavailable with apt's last error."""
    progress(f"installing {', '.join(packages)}")
    began = time.monotonic()
    # Not a pipe: a daemon that a package starts would keep it open, and reading it would never end.
    with Path("/var/log/pipelinelab-apt.log").open("w+", encoding="utf-8", errors="replace") as log:
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for argv in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *packages]):
            run = subprocess.run(["apt-get", *argv], env=environ, stdin=subprocess.DEVNULL, stdout=log,
                                 stderr=subprocess.STDOUT)  # fmt: skip
        if run.returncode:
            log.seek(0)
            lines = log.read().strip().splitlines()
            said = next((line for line in reversed(lines) if line.startswith("E:")), lines[-1] if lines else "")
            raise EngineUnavailable(
                f"apt-get could not install {packages[0]}: {said}", f"the whole output is in {log.name}"
            )
    progress(f"installed in {time.monotonic() - began:.1f} s")


def start(environ: Mapping[str, str], progress: Progress) -> None:
    """Start the Docker daemon and wait until it answers (60 s at most).

    Without systemd it runs in the background in a session of its own, with none of our descriptors, its output in
    LOG; it outlives the lab. Raises EngineUnavailable with the daemon's last words.
    """
    began = time.monotonic()
    process = None
    if has_systemd():
        progress("starting the Docker daemon (systemctl start docker)")
        subprocess.run(["systemctl", "start", "docker"], check=False, stdin=subprocess.DEVNULL)
    elif not _daemon_is_starting():
        progress(f"starting the Docker daemon in the background, its log in {LOG}")
        _mount_cgroups()
        with LOG.open("ab") as log:
            process = subprocess.Popen(["dockerd"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                       start_new_session=True, close_fds=True)  # fmt: skip
    while True:
        try:
            connect(environ).close()
            break
        except EngineUnavailable as problem:
            ended = process is not None and process.poll() is not None
            if ended or time.monotonic() - began > START_S:
                if process is None:
                    hint = "see `journalctl -u docker`, or the daemon's own log"
                    raise EngineUnavailable(str(problem), hint) from None
                state = "ended" if ended else f"does not answer after {START_S:.0f} s"
                raise EngineUnavailable(f"the Docker daemon {state}: {_last_error()}", f"see {LOG}") from None
        time.sleep(0.2)
    if process is not None:
        process.returncode = 0  # It is meant to live on: no warning about a child that still runs.
    progress(f"the Docker daemon answers after {time.monotonic() - began:.1f} s")


def has_systemd() -> bool:
    """Whether systemd is what runs this machine (sd_booted's own test)."""
    return Path("/run/systemd/system").is_dir()


def _mount_cgroups() -> None:
    """Without an init nobody may have mounted the control groups, and the daemon ends at once."""
    groups = Path("/sys/fs/cgroup")
    mounted = (groups / "cgroup.controllers").exists() or (groups / "memory").is_dir()
    if not mounted and shutil.which("cgroupfs-mount"):
        subprocess.run(["cgroupfs-mount"], check=False, stdin=subprocess.DEVNULL, capture_output=True)


def _daemon_is_starting() -> bool:
    """Whether a daemon is there already, as when its package's init script started it. A pid file whose process is
    gone, dead and not yet reaped, or another program by now, would keep a new one from starting: it is removed."""
    try:
        process = Path("/proc") / str(int(PID_FILE.read_text()))
    except (OSError, ValueError):
        return False
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        if (process / "comm").read_text().strip() == "dockerd" and state not in "ZX":
            return True
    except (OSError, IndexError):
        pass
    PID_FILE.unlink(missing_ok=True)
    return False


def _last_error() -> str:
    try:
        lines = LOG.read_text("utf-8", "replace").strip().splitlines()
    except OSError:
        lines = []
    telling = [line for line in lines if "failed" in line.lower() or "error" in line.lower()]
    return (telling or lines or ["it said nothing"])[-1][-300:]
