"""An engine of a test's own, that it may kill."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import wait_until
from support import SHELLS, built

from pipelinelab.engines.docker import DockerEngine


class OwnEngine:
    """A dockerd of the test's own: its own network, mounts and processes, data root, socket and pid file. What it
    started dies with the namespace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = f"unix://{folder}/docker.sock"
        new = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        # The first process of a namespace inherits its orphans, and has to reap them.
        self._holder = subprocess.Popen([*new, "sh", "-c", "while sleep 1; do :; done"])
        children = Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children")
        wait_until(lambda: children.read_text().strip())
        self._inside = children.read_text().strip()
        time.sleep(0.3)  # until it has become sleep, its /proc mounted
        self._dockerd: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        (self._folder / "docker.pid").unlink(missing_ok=True)
        with (self._folder / "log").open("ab") as log:
            self._dockerd = subprocess.Popen(
                ["nsenter", "--target", self._inside, "--net", "--mount", "--pid", "--", "dockerd",
                 f"--host={self.address}", f"--data-root={self._folder}/data", f"--exec-root={self._folder}/exec",
                 f"--pidfile={self._folder}/docker.pid"],
                stdout=log, stderr=log,
            )  # fmt: skip
        wait_until(lambda: self.docker("version").returncode == 0 or self._dockerd.poll() is not None)
        assert self._dockerd.poll() is None, (self._folder / "log").read_text()[-3000:]

    def docker(self, *arguments: str, data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["docker", "-H", self.address, *arguments], input=data, capture_output=True, check=False)

    def kill(self) -> None:
        children = Path(f"/proc/{self._dockerd.pid}/task/{self._dockerd.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)  # nsenter forks into the new process namespace
        self._dockerd.wait(30)

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait(60)
        if self._dockerd is not None:
            self._dockerd.wait(60)


@pytest.fixture
def own_engine(docker: DockerEngine) -> Iterator[OwnEngine]:
    if os.geteuid() or not all(map(shutil.which, ("dockerd", "unshare", "nsenter", "docker"))):
        pytest.skip("an engine of the test's own needs dockerd and root")
    image = built(docker, "pipelinelab-test/busybox", SHELLS["busybox"])
    with tempfile.TemporaryDirectory(prefix="pipelinelab-engine-") as folder:
        engine = OwnEngine(Path(folder))
        try:
            engine.start()
            saved = subprocess.run(["docker", "save", image], capture_output=True, check=True).stdout
            assert engine.docker("load", data=saved).returncode == 0
            yield engine
        finally:
            engine.close()
