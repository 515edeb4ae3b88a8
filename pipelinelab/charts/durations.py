"""How long tests take, over the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelinelab.charts import theme
from pipelinelab.charts.chart import Chart

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_BINS = 24
_FEWEST = 6
_WORTH = 0.05


def durations(tests: pd.DataFrame, most: int = 6, *, exact: bool = True) -> Chart:
    """The tests whose duration drifted most: median and interquartile range over the runs, oldest first.

    Drift is the median of the last third of a test's runs over that of its first third. ``exact=False`` keeps
    seconds out of the sentence, for outputs that are compared."""
    import numpy as np

    timed = tests[["run_id", "suite", "test", "seconds"]][
        (tests["seconds"].notna() & tests["outcome"].isin(("passed", "failed", "xfailed", "error"))).to_numpy()
    ]
    runs = {run: at for at, run in enumerate(tests["run_id"].unique())}
    code = timed.groupby(["suite", "test"], sort=False).ngroup().to_numpy().astype(np.int64)
    drifts = _drifts(timed, code)
    parts = []
    for number in drifts.index[:most]:
        mine = timed[code == number]
        parts.append((str(mine["test"].iloc[0]), mine["run_id"].map(runs).to_numpy(dtype=float),
                      mine["seconds"].to_numpy(dtype=float)))  # fmt: skip
    drifts = drifts.head(most).assign(test=[test for test, _, _ in parts])
    return Chart(_draw(parts, len(runs)), _sentence(drifts, len(runs), exact), "Durations")


def _drifts(timed: pd.DataFrame, code: NDArray[np.int64]) -> pd.DataFrame:
    """By code, the median seconds of a test's first and last third of runs, sorted by how far they are apart."""
    import numpy as np
    import pandas as pd

    took = timed["seconds"].reset_index(drop=True)
    size = np.bincount(code)[code]
    share = (took.groupby(code).cumcount().to_numpy() + 1) / size
    early, late = ((size >= _FEWEST) & (share <= 1 / 3)), ((size >= _FEWEST) & (share > 2 / 3))
    medians = [took[part].groupby(code[part]).median() for part in (early, late)]
    made = pd.DataFrame({"early": medians[0], "late": medians[1]}).dropna()
    floor = 0.01  # below a hundredth of a second nobody waits for a test
    made["factor"] = (made["late"] + floor) / (made["early"] + floor)
    return made.iloc[np.argsort(-np.abs(np.log(made["factor"].to_numpy(dtype=float))), kind="stable")]


def _draw(parts: list[tuple[str, NDArray[np.float64], NDArray[np.float64]]], runs: int) -> Any:
    import numpy as np
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    with theme.style():
        rows = max(1, (len(parts) + 1) // 2)
        figure = Figure(figsize=(theme.WIDTH, 0.7 + 1.5 * rows), dpi=theme.DPI, layout="constrained")
        figure.suptitle("Duration in seconds: median, and the middle half", x=0.01, ha="left", weight="bold",
                        size=10.5)  # fmt: skip
        panels = figure.subplots(rows, 2, squeeze=False, sharex=True).ravel()
        for axes in panels[len(parts) :]:
            axes.set_visible(False)
        if len(parts) > 2 and len(parts) % 2:
            panels[len(parts) - 2].tick_params(labelbottom=True)
        for axes, (test, at, took) in zip(panels, parts, strict=False):
            edges = np.linspace(0, max(runs, 1), min(_BINS, max(len(np.unique(at)) // 3, 1)) + 1)
            which = np.clip(np.digitize(at, edges) - 1, 0, len(edges) - 2)
            kept = [one for one in range(len(edges) - 1) if (which == one).any()]
            middle = [(edges[one] + edges[one + 1]) / 2 for one in kept]
            quarters = np.array([np.percentile(took[which == one], [25, 50, 75]) for one in kept])
            axes.fill_between(middle, quarters[:, 0], quarters[:, 2], color=theme.BLUE, alpha=0.22, linewidth=0)
            axes.plot(middle, quarters[:, 1], color=theme.BLUE, marker="o", markersize=3.5, linewidth=1.6)
            axes.set_title(theme.short(test, 56), loc="left", weight="normal", size=8.5)
            axes.set_ylim(bottom=0)
            axes.set_xlim(0, max(runs, 1))
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            axes.yaxis.set_major_locator(MaxNLocator(4))
            axes.grid(axis="y", linewidth=0.6)
            axes.set_axisbelow(True)
        figure.supxlabel("runs, oldest first", size=9, color=theme.SOFT_INK)
        return figure


def _sentence(drifts: pd.DataFrame, runs: int, exact: bool) -> str:
    if not len(drifts):
        return f"No test has durations in {_FEWEST} runs or more."
    if not exact:
        return f"Median and interquartile range of {theme.count(len(drifts), 'test')} over {theme.count(runs, 'run')}."
    said = []
    moved = drifts[(drifts["factor"] - 1).abs() > _WORTH]
    if not len(moved):
        return f"Over {theme.count(runs, 'run')} the duration of no test changed by {100 * _WORTH:g} % or more."
    for row in moved.head(3).to_dict("records"):
        word = "slower" if row["factor"] > 1 else "faster"
        times = row["factor"] if row["factor"] > 1 else 1 / row["factor"]
        said.append(f"{row['test']} became {times:.1f} × {word} ({row['early']:.3g} s, then {row['late']:.3g} s)")
    return f"Over {theme.count(runs, 'run')}: {'; '.join(said)}."
