"""What steps cost that run at the same time: a parallel group takes as long as its longest step, and little more."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from bench.steps import IMAGE, committed, replayed

LIMITS = {"three parallel 5 s steps, s": 7.0}


def main(rounds: int = 3) -> dict[str, float]:
    """Seconds of a whole replay by name, from reading the file to the last container's removal."""
    with tempfile.TemporaryDirectory() as scratch:
        one = "        - step: {script: [sleep 5]}\n"
        folder = committed(Path(scratch), f"image: {IMAGE}\npipelines:\n  default:\n    - parallel:\n{one * 3}")
        began = time.perf_counter()
        took = [replayed(folder) for _ in range(rounds)]
        print(f"three parallel steps of 5 s: {', '.join(f'{one:.2f}' for one in took)} s"
              f" ({time.perf_counter() - began:.0f} s in all)")  # fmt: skip
    return {"three parallel 5 s steps, s": median(took)}


if __name__ == "__main__":
    print(main())
