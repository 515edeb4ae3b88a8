"""What tests of faults share: the command line as a process of its own, and what it has left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from support import pipelines, step

from pipelinelab.engines.docker import DockerEngine
from pipelinelab.recording import folder as folders
from pipelinelab.recording.records import Recording
from pipelinelab.session.homes import Home

LAB = str(Path(sys.executable).with_name("pipelinelab"))
SLOW = pipelines(step(["echo before", "echo now; sleep 50", "echo never"], ["echo after $BITBUCKET_EXIT_CODE"]))


def started(folder: Path, *options: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """The command line, replaying."""
    return subprocess.Popen(
        [LAB, "replay", str(folder), *options], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip


def recorded(folder: Path, which: str = "last") -> Recording:
    runs = Home(folder).runs
    return folders.read(folders.find(runs, which))


def wait_until(true: Callable[[], object], limit: float = 60.0) -> None:
    """Poll until it is true."""
    until = time.monotonic() + limit
    while not true():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.05)


def printed(folder: Path, text: bytes, runs: int = 1) -> Callable[[], bool]:
    """Whether that many recorded logs of this repository hold the text."""
    return lambda: sum(text in log.read_bytes() for log in Home(folder).runs.glob("*/output/*.log")) >= runs


def build_of(docker: DockerEngine, folder: Path) -> str:
    wanted = ["pipelinelab=build"]
    found = docker.client.containers(filters={"label": wanted})
    return next(c["Id"] for c in found if c["Labels"]["pipelinelab.folder"].startswith(str(folder.resolve())))
