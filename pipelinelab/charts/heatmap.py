"""Which test failed in which run, those that fail together side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelinelab.charts import theme
from pipelinelab.charts.chart import Chart
from pipelinelab.flaky.history import failed_as_a_whole

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_OUTCOMES = ("not_run", "passed", "xfailed", "skipped", "failed", "error", "xpassed", "timed_out", "killed")
_BAD = ("failed", "error", "timed_out", "killed")
_MOST_RUNS = 120
_GLYPHS_UP_TO = 1600


def heatmap(tests: pd.DataFrame) -> Chart:
    """The tests that ever failed × runs, oldest run on the left, tests that fail in the same runs side by side.

    Takes a ``tests`` frame. Where a test ran several times in a run, the first attempt is shown. At most 40 tests,
    those with the most failures, and the newest 120 runs; the sentence says what is left out. Runs that failed as a
    whole are shaded, and count for no test."""
    import numpy as np
    import pandas as pd

    first = tests[["run_id", "suite", "test", "outcome"]].drop_duplicates(["run_id", "suite", "test"])
    runs = [str(run) for run in tests["run_id"].unique()]
    whole = set(failed_as_a_whole(tests))
    bad = first["outcome"].isin(_BAD) & ~first["run_id"].isin(whole)
    counts = first[bad].groupby(["suite", "test"], sort=False).size().sort_values(ascending=False, kind="stable")
    names = list(counts.index[: theme.MOST_ROWS])
    shown = runs[-_MOST_RUNS:]
    code = {outcome: at for at, outcome in enumerate(_OUTCOMES)}
    index = pd.MultiIndex.from_tuples(names, names=["suite", "test"]) if names else None
    grid = np.zeros((len(names), len(shown)), dtype=np.int64)
    if index is not None:
        part = first[first["test"].isin([test for _, test in names])]
        part = part[part["run_id"].isin(shown)]
        rows = index.get_indexer(pd.MultiIndex.from_frame(part[["suite", "test"]]))
        columns = pd.Index(shown).get_indexer(pd.Index(part["run_id"]))
        values = part["outcome"].map(code).fillna(0).to_numpy(dtype=np.int64)
        grid[rows[rows >= 0], columns[rows >= 0]] = values[rows >= 0]
    shaded = [at for at, run in enumerate(shown) if run in whole]
    order, groups = _clustered(np.delete(grid, shaded, axis=1))
    return Chart(_draw([names[at] for at in order], shown, grid[order], shaded),
                 _sentence(tests, first, counts, runs, shown, groups, len(whole)), "Tests and runs")  # fmt: skip


def _clustered(grid: NDArray[np.int64]) -> tuple[list[int], list[int]]:
    """The rows in the order of a co-failure tree's leaves, and the sizes of clusters of more than one."""
    import numpy as np
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering

    from pipelinelab.flaky.clusters import clusters, distances

    if len(grid) < 2:
        return list(range(len(grid))), []
    failing = np.isin(grid, [_OUTCOMES.index(one) for one in _BAD])
    apart = distances(failing)
    tree = optimal_leaf_ordering(linkage(apart, method="average"), apart)
    sizes = np.bincount(clusters(failing))
    return [int(at) for at in leaves_list(tree)], [int(size) for size in sizes if size > 1]


def _draw(names: list[tuple[str, str]], runs: list[str], grid: NDArray[np.int64], shaded: list[int]) -> Any:
    from matplotlib.colors import BoundaryNorm, ListedColormap

    with theme.style():
        figure, axes = theme.figure(len(names), "Tests that failed, run by run", extra=1.3)
        if grid.size:
            colours = ListedColormap([theme.cell(one) for one in _OUTCOMES])
            axes.pcolormesh(grid, cmap=colours, norm=BoundaryNorm(range(len(_OUTCOMES) + 1), len(_OUTCOMES)),
                            edgecolors=theme.PAPER, linewidth=0.5 if len(runs) <= 80 else 0.0)  # fmt: skip
            for at in shaded:
                axes.axvspan(at, at + 1, facecolor=theme.PAPER, alpha=0.75, edgecolor=theme.SOFT_INK, hatch="////",
                             linewidth=0)  # fmt: skip
            if grid.size <= _GLYPHS_UP_TO:
                for value in set(grid.ravel().tolist()) - {_OUTCOMES.index("passed")}:
                    y, x = (grid == value).nonzero()
                    clear = [at not in shaded for at in x]
                    theme.sign(axes, _OUTCOMES[value], x[clear] + 0.5, y[clear] + 0.5)
        axes.set_ylim(max(len(names), 1), 0)
        axes.set_yticks([at + 0.5 for at in range(len(names))], [theme.short(test, 44) for _, test in names])
        step = max(1, len(runs) // 12)
        labels = [theme.short(str(run), 14, keep="end") for run in runs[::step]]
        axes.set_xticks([at + 0.5 for at in range(0, len(runs), step)], labels, rotation=30, ha="right")
        axes.set_xlabel("runs, oldest first" + ("; shaded: failed as a whole" if shaded else ""))
        seen = [_OUTCOMES[value] for value in sorted(set(grid.ravel().tolist()))]
        theme.legend(axes, seen, ink=theme.cell)
        return figure


def _sentence(tests: pd.DataFrame, first: pd.DataFrame, counts: pd.Series[int], runs: list[str], shown: list[str],
              groups: list[int], whole: int) -> str:  # fmt: skip
    total = len(first[["suite", "test"]].drop_duplicates())
    said = f"{len(counts)} of {theme.count(total, 'test')} failed in at least one of {theme.count(len(runs), 'run')}"
    if not len(counts):
        return said + "."
    worst = [f"{name[1]} in {count}" for name, count in zip(counts.index[:3], counts, strict=False)]
    parts = [said, f"most often {theme.listing(worst)}"]
    if groups:
        sizes = theme.listing([str(size) for size in groups], 6)
        parts.append(f"{theme.count(len(groups), 'group')} of tests that fail together, of {sizes}")
    if whole:
        parts.append(f"{theme.count(whole, 'run')} failed as a whole and {'is' if whole == 1 else 'are'} not counted")
    if len(counts) > theme.MOST_ROWS:
        parts.append(f"the {theme.MOST_ROWS} that failed most are shown")
    if len(runs) > len(shown):
        parts.append(f"the newest {len(shown)} runs are shown")
    return "; ".join(parts) + "."
