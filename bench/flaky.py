"""What flaky tests cost to read, rank and chart: a JUnit file against lxml's own parse of it, and a million outcomes.

lxml and the lab read the same file in turns, each time in a new process, so that neither uses memory again that is
already there; in processor time, so that a busy machine is busy for both."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

LIMITS = {
    "JUnit, 100,000 cases, against lxml": 1.5,
    "a million outcomes, s": 5.0,
    "a million outcomes, MiB": 1024.0,
}
CASES = 100_000


def junit(cases: int = CASES) -> bytes:
    """A report as pytest writes it, every fiftieth test red."""
    out = [f'<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" tests="{cases}">']
    for at in range(cases):
        name = f'classname="tests.unit.test_{at // 100}.TestIt" name="test_{at}[x-{at % 7}]"'
        red = f'><failure message="assert {at} == 0">def test():\n    assert {at} == 0</failure></testcase>'
        out.append(f'<testcase {name} time="0.{at % 1000:03}"' + (red if at % 50 == 0 else " />"))
    return "".join([*out, "</testsuite></testsuites>"]).encode()


LXML = "from lxml import etree; read = lambda data: etree.fromstring(data)"
OURS = "from pipelinelab.reports import read as ours; read = lambda data: ours('r.xml', data)"
TIMED = """
import sys, time; from pathlib import Path
data = Path(sys.argv[1]).read_bytes()
read(b'<testsuite><testcase name="a"/></testsuite>')
began = time.process_time(); made = read(data); print(time.process_time() - began)
"""


def seconds(setup: str, file: Path) -> float:
    """Processor seconds that reading the file takes in a process of its own, imports apart."""
    done = subprocess.run([sys.executable, "-c", setup + TIMED, str(file)], check=True, capture_output=True, text=True)
    return float(done.stdout)


def read(rounds: int = 9) -> float:
    """How many times lxml's parse the whole reading takes: the median of pairs."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "r.xml"
        file.write_bytes(junit())
        pairs = [(seconds(LXML, file), seconds(OURS, file)) for _ in range(rounds)]
    theirs, mine = (median(one) * 1000 for one in zip(*pairs, strict=True))
    print(f"JUnit, {CASES:,} cases: lxml parses in {theirs:.0f} ms, read in {mine:.0f} ms")
    return median(mine / theirs for theirs, mine in pairs)


def ranked(tests: int = 2000, runs: int = 500) -> float:
    """Processor seconds from the frame of tests × runs outcomes to the ranking and all its charts."""
    import numpy as np
    import pandas as pd

    from pipelinelab import charts
    from pipelinelab.flaky.ranking import rank

    random = np.random.default_rng(6)
    places = np.stack([random.permutation(tests) for _ in range(runs)])
    failed = random.random((runs, tests)) < np.where(np.arange(tests) % 40 == 0, 0.2, 0.0)
    failed[:, 7] = places[:, 7] > places[:, 11]  # a victim
    failed[runs // 5 * 3 :, 3] = True  # a regression
    failed[::97] = True  # infrastructure
    run, test = (one.ravel() for one in np.indices((runs, tests)))
    frame = pd.DataFrame({
        "run_id": pd.Categorical.from_codes(run, [f"run-{n:04}" for n in range(runs)]).astype("string"),
        "suite": "tests.unit",
        "test": pd.Categorical.from_codes(test, [f"test_{n}" for n in range(tests)]).astype("string"),
        "outcome": np.where(failed.ravel(), "failed", "passed"), "seconds": random.random(runs * tests) / 10,
        "position": places.ravel(), "order_hash": np.array([f"{n:012x}" for n in range(runs)]).repeat(tests),
        "commit": np.array([f"c{n * 5 // runs}" for n in range(runs)]).repeat(tests), "environment": "python",
        "message": np.where(failed.ravel(), "AssertionError", ""), "seed": pd.array(run, dtype="Int64"),
    })  # fmt: skip
    from pipelinelab.events.columns import TESTS

    frame = frame.astype({name: kind for name, kind in TESTS.items() if name in frame})
    began, wall = time.process_time(), time.perf_counter()
    ranking = rank(frame)
    made = [
        charts.heatmap(frame), charts.ranked(ranking), charts.onsets(frame, ranking),
        charts.by_position(frame, "test_7"), charts.ran_after(frame, "test_7"), charts.durations(frame),
    ]  # fmt: skip
    drawn = sum(len(chart.bytes()) for chart in made)
    took, wall = time.process_time() - began, time.perf_counter() - wall
    verdicts = ", ".join(f"{count} {word}" for word, count in ranking["verdict"].value_counts().items())
    print(f"{len(frame):,} outcomes ranked, {drawn // 1024} KiB of charts drawn in {took:.1f} s ({wall:.1f} elapsed)")
    print(f"  {verdicts}")
    return took


def main() -> dict[str, float]:
    """Figures by name. The million is measured in a process of its own, for its memory's sake."""
    names = list(LIMITS)
    figures = {names[0]: read()}
    code = "from bench.flaky import ranked; print(ranked())"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.splitlines()
    print(*told[:-1], sep="\n")
    figures[names[1]] = float(told[-1])
    figures[names[2]] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return figures


if __name__ == "__main__":
    for name, value in main().items():
        print(f"{'✘' if value > LIMITS[name] else '✔'} {name:<36}{value:8.2f}   at most {LIMITS[name]:g}")
