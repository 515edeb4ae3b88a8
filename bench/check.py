"""What it costs to check a file at every save: from the start of the process to its end, ShellCheck included."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

LIMITS = {"check of 100 lines, s": 0.25}
LINES = "image: python:3.11\npipelines:\n  default:\n    - step:\n        script:\n" + "          - make test\n" * 95


def seconds(file: Path) -> float:
    """Seconds that one check of the file takes."""
    began = time.perf_counter()
    lab = Path(sys.executable).with_name("pipelinelab")
    subprocess.run([lab, "check", str(file)], check=True, capture_output=True)
    return time.perf_counter() - began


def main() -> dict[str, float]:
    """Figures by name: the best of a few runs, as the machine may have other work."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "bitbucket-pipelines.yml"
        file.write_text(LINES)
        return {"check of 100 lines, s": min(seconds(file) for _ in range(7))}


if __name__ == "__main__":
    print(main())
