"""What the lab promises, measured here: `make bench`. Each line is the best of a few runs, beside what is promised."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

LAB = str(Path(sys.executable).with_name("pipelinelab"))


def lab(*arguments: str) -> float:
    """The seconds that one call of the command line takes."""
    began = time.perf_counter()
    subprocess.run([LAB, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def service_ready() -> float:
    """The seconds from the creation of a mysql service until it greets a client."""
    from pipelinelab.setup.connect import connect

    with connect() as client:
        began = time.perf_counter()
        environ = {"MYSQL_ROOT_PASSWORD": "root", "MYSQL_DATABASE": "pipelines"}
        container = client.create_container("pipelinelab/mysql", environment=environ, labels=["pipelinelab.bench"])
        try:
            client.start(container)
            address = client.inspect_container(container)["NetworkSettings"]["Networks"]["bridge"]["IPAddress"]
            deadline = time.monotonic() + 60
            while time.monotonic() < deadline:
                try:
                    with socket.create_connection((address, 3306), timeout=1) as connection:
                        if connection.recv(1):
                            return time.perf_counter() - began
                except OSError:
                    time.sleep(0.005)
            raise SystemExit("the mysql service did not come up within a minute")
        finally:
            client.remove_container(container, force=True, v=True)


MEASURED: tuple[tuple[str, str, Callable[[], float], int], ...] = (
    ("pipelinelab --help", "about 0.1 s", lambda: lab("--help"), 5),
    ("pipelinelab images build, nothing to do", "under 2 s", lambda: lab("images", "build"), 3),
    ("mysql service ready", "1.5 s", service_ready, 5),
)

if __name__ == "__main__":
    for name, promised, action, times in MEASURED:
        print(f"{name:<44}{min(action() for _ in range(times)):7.2f} s   (promised: {promised})", flush=True)
