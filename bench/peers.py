"""The other local runners, each from PyPI in an environment of its own: how fast they start, what a step costs."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.steps import repository

HOME = Path(__file__).parent / ".peers"


@dataclass(frozen=True)
class Peer:
    """A runner: its package and command, how it replays the default pipeline, and the Pythons that it runs on."""

    package: str
    command: str
    replay: tuple[str, ...]
    pythons: tuple[str, ...]


PEERS = (
    Peer("bitbucket-pipeline-runner", "pipeline-runner", ("run", "default"), ("",)),
    Peer("bb-run", "bb-run", ("--mode", "docker", "--target", "default"), ("python3.13", "python3.12", "")),
)


def installed(peer: Peer) -> Path | None:
    """Its command, installed where it is not yet, by the Python that PEER_PYTHON names or one that it runs on; None
    where it cannot be had."""
    folder = HOME / peer.package
    command = folder / "bin" / peer.command
    own = os.environ.get("PEER_PYTHON", "")
    for python in () if command.exists() else (own,) if own else peer.pythons:
        shutil.rmtree(folder, ignore_errors=True)
        made = shutil.which(python) if python else None
        if made and subprocess.run([made, "-m", "venv", folder], capture_output=True, check=False).returncode:
            continue
        if not python:
            venv.create(folder, with_pip=True)
        if folder.exists():
            done = subprocess.run(
                [folder / "bin" / "pip", "install", "-q", peer.package], capture_output=True, check=False
            )
            if done.returncode == 0:
                break
    return command if command.exists() else None


def seconds(*command: str | Path, folder: Path | None = None) -> float:
    """What one call takes. Raises CalledProcessError where it fails."""
    began = time.perf_counter()
    subprocess.run(list(command), cwd=folder, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - began


def starts(ours: Path, peer: Path, rounds: int = 7) -> tuple[float, float]:
    """Seconds that ``--version`` takes, ours and the peer's, in turns."""
    pairs = [(seconds(ours, "--version"), seconds(peer, "--version")) for _ in range(rounds)]
    return median(a for a, _ in pairs), median(b for _, b in pairs)


def step_costs(unit: float, many: int = 4) -> Iterator[tuple[str, float | None]]:
    """What one more step costs in each peer, as a ratio to a bare ``docker run`` of ``unit`` seconds."""
    with tempfile.TemporaryDirectory() as scratch:
        one, more = repository(Path(scratch) / "one", 1), repository(Path(scratch) / "more", many + 1)
        for peer in PEERS:
            command = installed(peer)
            try:
                if command is None:
                    raise FileNotFoundError
                base = min(seconds(command, *peer.replay, folder=one) for _ in range(2))
                cost = (min(seconds(command, *peer.replay, folder=more) for _ in range(2)) - base) / many
                yield peer.package, cost / unit
            except (subprocess.CalledProcessError, FileNotFoundError):
                yield peer.package, None
