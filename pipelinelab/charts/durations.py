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

    inks = (theme.BLUE, theme.VERMILLION, theme.GREEN, theme.PURPLE, theme.ORANGE, theme.SKY)
    marks = "osv^DX"
    with theme.style():
        figure, axes = theme.figure(12, "Duration: median, and the middle half", extra=1.2)
        for number, (test, at, took) in enumerate(parts):
            edges = np.linspace(0, max(runs, 1), min(_BINS, max(len(np.unique(at)) // 3, 1)) + 1)
            which = np.clip(np.digitize(at, edges) - 1, 0, len(edges) - 2)
            kept = [one for one in range(len(edges) - 1) if (which == one).any()]
            middle = [(edges[one] + edges[one + 1]) / 2 for one in kept]
            quarters = np.array([np.percentile(took[which == one], [25, 50, 75]) for one in kept])
            ink = inks[number % len(inks)]
            axes.fill_between(middle, quarters[:, 0], quarters[:, 2], color=ink, alpha=0.22, linewidth=0)
            axes.plot(middle, quarters[:, 1], color=ink, marker=marks[number % len(marks)], markersize=4.5,
                      linewidth=1.6, label=theme.short(test, 48))  # fmt: skip
        axes.set_ylim(bottom=0)
        axes.set_xlim(0, max(runs, 1))
        axes.set_xlabel("runs, oldest first")
        axes.set_ylabel("seconds")
        axes.grid(axis="y", linewidth=0.6)
        axes.set_axisbelow(True)
        if parts:
            figure.legend(loc="outside lower left", ncols=2)
        return figure


def _sentence(drifts: pd.DataFrame, runs: int, exact: bool) -> str:
    if not len(drifts):
        return f"No test has durations in {_FEWEST} runs or more."
    if not exact:
        return f"Median and interquartile range of {theme.count(len(drifts), 'test')} over {theme.count(runs, 'run')}."
    said = []
    for row in drifts.head(3).to_dict("records"):
        word = "slower" if row["factor"] > 1 else "faster"
        times = row["factor"] if row["factor"] > 1 else 1 / row["factor"]
        said.append(f"{row['test']} became {times:.1f} × {word} ({row['early']:.3g} s, then {row['late']:.3g} s)")
    return f"Over {theme.count(runs, 'run')}: {'; '.join(said)}."
