"""The ranking as a picture: each test's failure rate with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelinelab.charts import theme
from pipelinelab.charts.chart import Chart

if TYPE_CHECKING:
    import pandas as pd


def ranked(ranking: pd.DataFrame) -> Chart:
    """The tests that are not healthy, each with its failure rate and the Wilson interval around it.

    Takes what ``flaky.ranking.rank`` returns, in its order. At most 40 rows; the sentence counts all."""
    sick = ranking[(ranking["verdict"] != "healthy") & ((ranking["failures"] > 0) | (ranking["more_runs"] == 0))]
    shown = sick.head(theme.MOST_ROWS)
    return Chart(_draw(shown), _sentence(ranking, sick, shown), "Ranking")


def _draw(shown: pd.DataFrame) -> Any:
    with theme.style():
        figure, axes = theme.figure(len(shown), "Failure rate, with the 95 % Wilson interval", extra=1.2)
        rows = shown.to_dict("records")
        verdicts = [str(row["verdict"]) for row in rows]
        inks = [theme.colour(one) if one != "unsettled" else theme.SOFT_INK for one in verdicts]
        places = range(len(rows))
        axes.hlines(places, shown["low"], shown["high"], colors=inks, linewidth=6, alpha=0.45)
        axes.scatter(shown["rate"].fillna(0.0), places, s=36, color=inks, edgecolor=theme.INK, zorder=3)
        labels = []
        for at, row in enumerate(rows):
            said = f"{theme.glyph(verdicts[at])} {verdicts[at]}"
            if isinstance(row["kind"], str) and row["kind"]:
                said += f" ({row['kind']})"
            labels.append(f"{said}, {row['failures']} of {row['runs']}")
            axes.text(1.03, at, labels[-1], va="center", fontsize=8, in_layout=False)
        axes.set_yticks(places, [theme.short(str(row["test"]), 44) for row in rows])
        axes.set_ylim(len(shown) - 0.4, -0.6)
        taken = min(0.55, 0.0107 * max(map(len, labels), default=0))  # of the width, by the longest of the labels
        axes.set_xlim(-0.02, 1.03 + 1.05 * taken / (1 - taken))
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1.0], ["0 %", "25 %", "50 %", "75 %", "100 %"])
        axes.grid(axis="x", linewidth=0.6)
        axes.set_axisbelow(True)
        theme.legend(axes, list(dict.fromkeys(verdicts)))
        return figure


def _sentence(ranking: pd.DataFrame, sick: pd.DataFrame, shown: pd.DataFrame) -> str:
    counts = ranking["verdict"].value_counts()
    order = list(ranking["verdict"].unique())
    said = [f"{theme.count(len(ranking), 'test')}: {theme.listing([f'{counts[v]} {v}' for v in order], 10)}"]
    for row in shown.head(2).to_dict("records"):
        said.append(f"{row['test']} failed {row['failures']} of {row['runs']} "
                    f"({100 * row['low']:.0f} to {100 * row['high']:.0f} %)")  # fmt: skip
    if len(sick) > len(shown):
        said.append(f"the first {len(shown)} are shown")
    return "; ".join(said) + "."
