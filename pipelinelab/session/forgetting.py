"""Scratch repositories end with the process that made them, their kept containers too, in whatever way it ends.

A child of its own session waits for the end of its input, which comes when its parent exits, is killed, or is given
five seconds to shut down and takes longer, as a notebook's kernel does with many steps kept.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pipelinelab
from pipelinelab.errors import PipelinelabError
from pipelinelab.session import engine as engines
from pipelinelab.session.homes import Home
from pipelinelab.session.sweep import sweep

_waiting: dict[int, subprocess.Popen[str]] = {}


def forget_at_end(folder: Path) -> None:
    """Remove the repository at ``folder`` and what its replays keep, once this process has ended."""
    child = _waiting.get(os.getpid())
    if child is None or child.poll() is not None:
        home = str(Path(pipelinelab.__file__).parents[1])
        path = os.pathsep.join(one for one in (home, os.environ.get("PYTHONPATH", "")) if one)
        child = _waiting[os.getpid()] = subprocess.Popen(
            [sys.executable, "-m", "pipelinelab.session.forgetting"], stdin=subprocess.PIPE, text=True, cwd="/",
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
    if child.stdin is not None:
        child.stdin.write(f"{folder}\n")
        child.stdin.flush()


def _main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    folders = [Path(line.rstrip("\n")) for line in sys.stdin]
    with suppress(PipelinelabError):
        if engines.mode() == "live":
            for folder in folders:
                sweep(engines.available(), Home(folder))
    for folder in folders:
        shutil.rmtree(folder.parent, ignore_errors=True)


if __name__ == "__main__":
    _main()
