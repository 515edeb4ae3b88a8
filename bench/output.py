"""What recording costs: a whole replay that records, masks and times its output, against ``docker run`` printing it."""

from __future__ import annotations

import resource
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from bench.steps import IMAGE, repository
from pipelinelab.planning.context import Given
from pipelinelab.session.engine import live
from pipelinelab.session.replay import Asked, replay
from pipelinelab.session.settings import Settings

SEQ = "seq 1 5000000"
LINES = f"yes '{'x' * 69}' | head -n 700000"
SECRETS = {"TOKEN": "not-in-the-output/1234", "KEY": "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\n-----END KEY-----"}


def printed(command: str) -> float:
    """Seconds of a bare ``docker run`` that prints it."""
    options = ["--rm", "--log-driver", "none"]
    with tempfile.TemporaryFile() as out:
        began = time.perf_counter()
        subprocess.run(["docker", "run", *options, IMAGE, "sh", "-c", command], check=True, stdout=out)
        return time.perf_counter() - began


def recorded(folder: Path) -> float:
    """Seconds of a whole replay, clone and clearing up included, with secrets to mask."""
    engine = live()
    given = Given(repository=SECRETS, secrets=frozenset(SECRETS))
    began = time.perf_counter()
    run = replay(folder, Asked(given=given, settings=Settings(log_cap_bytes=10**9)), engine)
    took = time.perf_counter() - began
    assert run.ok, run
    assert len(run.recording.steps[0].log) > 30_000_000
    return took


def main(rounds: int = 3) -> dict[str, float]:
    """Ratios by name, and the most memory that this process has had, in MiB, what it has read back not excluded."""
    figures = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, command in (("seq 1 5000000", SEQ), ("70-byte lines", LINES)):
            folder = repository(Path(scratch) / name.replace(" ", "-"), 1, (command,))
            pairs = [(printed(command), recorded(folder)) for _ in range(rounds)]
            figures[f"{name}, recorded"] = median(ours / bare for bare, ours in pairs)
            print(f"{name}: {median(p[0] for p in pairs):.2f} s printed, {median(p[1] for p in pairs):.2f} s recorded")
    figures["memory, MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return figures


if __name__ == "__main__":
    print(main())
