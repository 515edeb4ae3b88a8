"""Every figure that the lab promises of a replay, measured in one run: ``python -m bench``. Ends with 1 where one is
missed."""

from __future__ import annotations

import sys
from pathlib import Path

from bench import caches, check, diagnosis, flaky, flow, output, peers, steps

LIMITS = {
    "step, recycled lane": 0.5,
    "step, fresh lane": 0.75,
    "one more command, ms": 0.5,
    "seq 1 5000000, recorded": 1.5,
    "70-byte lines, recorded": 2.0,
    "memory, MiB": 250.0,
    "--version, against bb-run's": 1.0,
    **check.LIMITS,
    **diagnosis.LIMITS,
    **flow.LIMITS,
    **caches.LIMITS,
    **flaky.LIMITS,
}


def main() -> int:
    figures = (
        steps.main() | check.main() | diagnosis.main() | flow.main() | caches.main() | output.main() | flaky.main()
    )
    ours = Path(sys.executable).with_name("pipelinelab")
    for peer in peers.PEERS:
        if command := peers.installed(peer):
            mine, theirs = peers.starts(ours, command)
            print(f"--version: {mine * 1000:.0f} ms, {peer.package}'s {theirs * 1000:.0f} ms")
            if peer.package == "bb-run":
                figures["--version, against bb-run's"] = mine / theirs
    for package, ratio in peers.step_costs(figures.pop("docker run, s")):
        print(f"one more step in {package}: " + ("not measured" if ratio is None else f"{ratio:.2f} of a docker run"))
    missed = 0
    for name, limit in LIMITS.items():
        value = figures.get(name)
        missed += value is not None and value > limit
        mark = "–" if value is None else "✘" if value > limit else "✔"
        print(f"{mark} {name:<32}{'not measured' if value is None else f'{value:8.2f}'}   at most {limit:g}")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
