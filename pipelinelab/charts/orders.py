"""What the order of the tests has to do with one test's failing: its own place, and who ran before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelinelab.charts import theme
from pipelinelab.charts.chart import Chart
from pipelinelab.errors import UsageError
from pipelinelab.flaky.history import History, failed_as_a_whole, history

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def by_position(tests: pd.DataFrame, test: str) -> Chart:
    """Where in the order ``test`` ("suite::test", or its name alone) stood, in the runs it failed and those it passed.

    Runs that failed as a whole are left out. Raises UsageError where the frame has no such test, or more than one."""
    own = tests[(tests["test"] == test.rpartition("::")[2]).to_numpy(dtype=bool)]
    past, _, mine, label = _one(own[~own["run_id"].isin(failed_as_a_whole(tests))], test)
    failed = past.failed[mine]
    places = {"failed": past.position[mine][failed].tolist(), "passed": past.position[mine][~failed].tolist()}
    return Chart(_draw_places(places, label), _say_places(places, label), "Position and failure")


def _one(tests: pd.DataFrame, test: str) -> tuple[History, int, NDArray[np.int64], str]:
    """The history, the code of the test, the rows of its first attempts whose place is known, and its name."""
    import numpy as np

    past = history(tests)
    suite, _, name = test.rpartition("::")
    found = np.flatnonzero((past.names["test"] == name) & ((past.names["suite"] == suite) if suite else True))
    if len(found) != 1:
        said = "no test" if not len(found) else f"{len(found)} tests"
        raise UsageError(f"{said} of this history is called {test!r}", "name it as suite::test")
    rows = past.good & (past.attempt == 0) & (past.position >= 0) & (past.test == found[0])
    return past, int(found[0]), np.flatnonzero(rows), name


def _draw_places(places: dict[str, list[int]], label: str) -> Any:
    import numpy as np

    with theme.style():
        figure, axes = theme.figure(5, f"Position in the run: {theme.short(label, 60)}", extra=1.0)
        for at, (outcome, where) in enumerate(places.items()):
            spread = (np.arange(len(where)) * 0.618 % 1 - 0.5) * 0.5
            axes.scatter(where, at + spread, s=42, color=theme.colour(outcome), edgecolor=theme.PAPER, linewidth=0.5,
                         marker="X" if outcome == "failed" else "o")  # fmt: skip
            if where:
                axes.plot([np.median(where)] * 2, [at - 0.4, at + 0.4], color=theme.INK, linewidth=1.6)
        axes.set_yticks([0, 1], [f"{theme.glyph(o)} {o}, {len(where)} runs" for o, where in places.items()])
        axes.set_ylim(1.6, -0.6)
        axes.set_xlabel("tests that ran before it (line: median)")
        axes.grid(axis="x", linewidth=0.6)
        axes.set_axisbelow(True)
        return figure


def _say_places(places: dict[str, list[int]], label: str) -> str:
    from statistics import median

    said = [f"{outcome} in {theme.count(len(where), 'run')}" + (f" (median place {median(where):g}, from {min(where)} to {max(where)})" if where else "")  # noqa: E501
            for outcome, where in places.items()]  # fmt: skip
    return f"{label} {theme.listing(said)}."


def ran_after(tests: pd.DataFrame, test: str, most: int = 8) -> Chart:
    """How often ``test`` fails when another test ran before it and when it did not, for the tests that tell most.

    With Wilson intervals. Raises UsageError as ``by_position`` does."""
    import numpy as np

    from pipelinelab.flaky.intervals import wilson

    past, code, mine, label = _one(tests, test)
    places = past.places()[past.run[mine]]
    ran = places >= 0
    before = ran & (places < past.position[mine][:, None])
    failed = past.failed[mine][:, None]
    k = np.array([(before & failed).sum(axis=0), (ran & ~before & failed).sum(axis=0)])
    n = np.array([before.sum(axis=0), (ran & ~before).sum(axis=0)])
    both = (n.min(axis=0) > 0) & (np.arange(len(past.names)) != code)
    low, high = wilson(k, n)
    tells = np.where(both, np.abs(np.diff(k / np.maximum(n, 1), axis=0)[0]) * np.sqrt(n.prod(axis=0)), -1.0)
    told = [at for at in np.argsort(-tells, kind="stable")[:most] if both[at]]
    rows = [{"name": past.names["test"][at], "k": k[:, at], "n": n[:, at], "low": low[:, at], "high": high[:, at]}
            for at in told]  # fmt: skip
    return Chart(_draw_after(rows, label), _say_after(rows, label), "Ran after")


def _draw_after(rows: list[dict[str, Any]], label: str) -> Any:
    with theme.style():
        figure, axes = theme.figure(
            len(rows) * 2, f"Failure rate by what ran before: {theme.short(label, 32)}", extra=1.2
        )
        for at, row in enumerate(rows):
            for side, (ink, marker, shift) in enumerate(((theme.VERMILLION, "v", -0.17), (theme.BLUE, "o", 0.17))):
                rate = row["k"][side] / row["n"][side]
                axes.plot([row["low"][side], row["high"][side]], [at + shift] * 2, color=ink, linewidth=5, alpha=0.4)
                axes.plot([rate], [at + shift], marker=marker, color=ink, markeredgecolor=theme.INK)
                axes.text(1.03, at + shift, f"{row['k'][side]:.0f} of {row['n'][side]:.0f}", va="center", fontsize=7.5)
        axes.set_yticks(range(len(rows)), [theme.short(str(row["name"]), 44) for row in rows])
        axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
        axes.set_xlim(-0.02, 1.2)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.grid(axis="x", linewidth=0.6)
        axes.set_axisbelow(True)
        from matplotlib.lines import Line2D

        handles = [Line2D([], [], marker="v", color=theme.VERMILLION, label="▼ it ran before"),
                   Line2D([], [], marker="o", color=theme.BLUE, label="● it did not")]  # fmt: skip
        figure.legend(handles=handles, loc="outside lower left", ncols=2)
        return figure


def _say_after(rows: list[dict[str, Any]], label: str) -> str:
    if not rows:
        return f"No other test ran now before and now after {label}."
    said = [f"{row['name']} ran before: failed {row['k'][0]:.0f} of {row['n'][0]:.0f}, else {row['k'][1]:.0f} of "
            f"{row['n'][1]:.0f}" for row in rows[:3]]  # fmt: skip
    return f"{label}: {'; '.join(said)}."
