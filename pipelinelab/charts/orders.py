"""What the order of the tests has to do with one test's failing: its own place, and who ran before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelinelab.charts import theme
from pipelinelab.charts.chart import Chart
from pipelinelab.errors import UsageError
from pipelinelab.flaky.history import failed_as_a_whole

if TYPE_CHECKING:
    import pandas as pd

_BAD = ("failed", "error")
_GOOD = ("passed", "xfailed", "xpassed")


def by_position(tests: pd.DataFrame, test: str) -> Chart:
    """Where in the order ``test`` ("suite::test", or its name alone) stood, in the runs it failed and those it passed.

    Runs that failed as a whole are left out. Raises UsageError where the frame has no such test, or more than one."""
    mine, label = _one(tests, test)
    mine = mine[mine["position"].notna()]
    places = {"failed": mine[mine["outcome"].isin(_BAD)]["position"].astype(int).tolist(),
              "passed": mine[mine["outcome"].isin(_GOOD)]["position"].astype(int).tolist()}  # fmt: skip
    return Chart(_draw_places(places, label), _say_places(places, label), "Position and failure")


def _one(tests: pd.DataFrame, test: str) -> tuple[pd.DataFrame, str]:
    suite, _, name = test.rpartition("::")
    tests = tests[~tests["run_id"].isin(failed_as_a_whole(tests))]
    mine = tests[(tests["test"] == name) & ((tests["suite"] == suite) if suite else True)]
    found = mine[["suite", "test"]].drop_duplicates()
    if len(found) != 1:
        said = "no test" if found.empty else f"{len(found)} tests"
        raise UsageError(f"{said} of this history is called {test!r}", "name it as suite::test")
    return mine.drop_duplicates("run_id"), name


def _draw_places(places: dict[str, list[int]], label: str) -> Any:
    import numpy as np

    with theme.style():
        figure, axes = theme.figure(5, f"Position in the run: {label}", extra=1.0)
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

    mine, label = _one(tests, test)
    mine = mine[mine["outcome"].isin((*_BAD, *_GOOD)) & mine["position"].notna()].set_index("run_id")
    first = tests[tests["run_id"].isin(mine.index)].drop_duplicates(["run_id", "suite", "test"])
    place = mine["position"].astype(float)
    failed = mine["outcome"].isin(_BAD)
    others = (
        first[~((first["suite"] == mine["suite"].iloc[0]) & (first["test"] == mine["test"].iloc[0]))]
        if len(mine)
        else first
    )
    before = others["position"].astype(float).to_numpy() < others["run_id"].map(place).to_numpy(dtype=float)
    table = others.assign(before=before, failed=others["run_id"].map(failed).astype(bool))
    made = table.groupby(["suite", "test", "before"], sort=False)["failed"].agg(["sum", "count"]).unstack("before")
    made = made.dropna()
    rows: list[dict[str, Any]] = []
    for (suite, name), row in made.iterrows():  # type: ignore[misc]
        k = np.array([row[("sum", True)], row[("sum", False)]], dtype=float)
        n = np.array([row[("count", True)], row[("count", False)]], dtype=float)
        low, high = wilson(k, n)
        rows.append({"name": name, "suite": suite, "k": k, "n": n, "low": low, "high": high,
                     "tells": abs(k[0] / n[0] - k[1] / n[1]) * np.sqrt(n[0] * n[1])})  # fmt: skip
    rows.sort(key=lambda row: -row["tells"])
    return Chart(_draw_after(rows[:most], label), _say_after(rows[:most], label), "Ran after")


def _draw_after(rows: list[dict[str, Any]], label: str) -> Any:
    with theme.style():
        figure, axes = theme.figure(len(rows) * 2, f"Failure rate by what ran before: {label}", extra=1.2)
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
