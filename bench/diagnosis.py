"""What it costs to diagnose a downloaded log, from the start of the process to its end, with the full rulebook.

Bitbucket cuts a step's log at 50 MB. Three kinds of them: what builds print, lines made of nothing but words that rules
look for, and thousands of small commands. Time must grow with the log, not faster."""

from __future__ import annotations

import random
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

MB = 1_000_000
LARGE, SMALL = 50, 5
LIMITS = {
    "diagnosis of 50 MB of builds, s": 5.0,
    "diagnosis of 50 MB of alarming words, s": 5.0,
    "diagnosis of 50 MB of commands, s": 5.0,
    "diagnosis, 50 MB against ten times 5 MB": 1.5,
}
CAUSE = (
    "+ python manage.py migrate\ndjango.db.utils.OperationalError: (2002, "
    "\"Can't connect to local MySQL server through socket '/run/mysqld/mysqld.sock' (2)\")\n"
)
PLAIN = (
    "[INFO] Downloaded: {n} com/example/artifact-{n}.jar (12 kB at 3.4 MB/s)\ncompiling src/module_{n}.c -O2 -Wall\n"
)
ALARMING = ["error", "failed", "not found", "denied", "refused", "timeout", "warning", "exception", "cannot", "could",
            "module", "package", "version", "connection", "server’s", "permission", "memory", "killed", "missing",
            "unknown", "invalid", "token", "login", "database", "table", "host"]  # fmt: skip


def builds() -> Iterator[str]:
    """Lines that a build prints."""
    n = 0
    while True:
        n += 1
        yield PLAIN.format(n=n)


def alarms() -> Iterator[str]:
    """Lines in which every word is one that rules look for."""
    chance = random.Random(1)
    while True:
        yield " ".join(chance.choices(ALARMING, k=12)) + "\n"


def commands() -> Iterator[str]:
    """Small commands with the output of small builds."""
    for n, line in enumerate(builds(), 1):
        yield f"\n+ make part-{n // 20}\n{line}" if n % 20 == 0 else line


KINDS: dict[str, Callable[[], Iterator[str]]] = {"builds": builds, "alarming words": alarms, "commands": commands}


def write(file: Path, lines: Iterator[str], size: int) -> Path:
    """A log of that many bytes, with the cause at its end."""
    with file.open("w", encoding="utf-8") as out:
        written = 0
        while written < size:
            line = next(lines)
            written += len(line.encode())
            out.write(line)
        out.write(CAUSE)
    return file


def seconds(log: Path) -> float:
    """Processor seconds that one diagnosis takes; it must find the cause, or the figure means nothing."""
    lab = Path(sys.executable).with_name("pipelinelab")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([lab, "diagnose", str(log)], check=True, capture_output=True, text=True, cwd=log.parent)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert "mysql-socket" in done.stdout, done.stdout
    return took


def main() -> dict[str, float]:
    """Figures by name: the best of three runs; the growth is of the kind that grows most, start-up taken off."""
    figures: dict[str, float] = {}
    growth = 0.0
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "pipelineLog.txt"
        start = min(seconds(write(log, builds(), 1)) for _ in range(3))
        for name, lines in KINDS.items():
            small = min(seconds(write(log, lines(), SMALL * MB)) for _ in range(3))
            large = min(seconds(write(log, lines(), LARGE * MB)) for _ in range(3))
            figures[f"diagnosis of 50 MB of {name}, s"] = large
            growth = max(growth, (large - start) / max(small - start, 0.05) * SMALL / LARGE)
            print(f"diagnosis of {name}: {start:.2f} s empty, {small:.2f} s for 5 MB, {large:.2f} s for 50 MB")
    return figures | {"diagnosis, 50 MB against ten times 5 MB": growth}


if __name__ == "__main__":
    print(main())
