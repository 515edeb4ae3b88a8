"""When tests began to fail, or ceased to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelinelab.charts import theme
from pipelinelab.charts.chart import Chart

if TYPE_CHECKING:
    import pandas as pd

_BAD = ("failed", "error", "timed_out", "killed")
_MOST_RUNS = 150


def onsets(tests: pd.DataFrame, ranking: pd.DataFrame) -> Chart:
    """The outcomes, run by run, of the tests whose failure rate changed, with the place where it did.

    Takes a ``tests`` frame and its ranking; shown are the regressions and whatever else has an onset below q 0.05."""
    changed = ranking[(ranking["verdict"] == "regression") | (ranking["onset_q"] < 0.05)].head(theme.MOST_ROWS)
    runs = [str(run) for run in tests["run_id"].unique()[-_MOST_RUNS:]]
    place = {run: at for at, run in enumerate(runs)}
    first = tests[tests["run_id"].isin(runs) & tests["test"].isin(changed["test"])]
    first = first.drop_duplicates(["run_id", "suite", "test"])
    commit_of = dict(zip(first["run_id"], first["commit"], strict=True))
    rows = []
    for row in changed.to_dict("records"):
        mine = first[(first["suite"] == row["suite"]) & (first["test"] == row["test"])]
        rows.append((row, [(place[run], str(outcome)) for run, outcome in
                           zip(mine["run_id"], mine["outcome"], strict=True)]))  # fmt: skip
    return Chart(_draw(rows, runs, commit_of), _sentence(changed, runs), "Onset")


def _draw(rows: list[Any], runs: list[str], commit_of: dict[Any, Any]) -> Any:
    with theme.style():
        figure, axes = theme.figure(len(rows) * 1.4, "When it began", extra=1.4)
        side = min(14.0, max(7.0, 400 / max(len(runs), 1)))
        for at, (row, outcomes) in enumerate(rows):
            for outcome in ("passed", "failed", "error", "skipped", "timed_out", "killed", "xfailed", "xpassed"):
                where = [x for x, seen in outcomes if seen == outcome]
                axes.scatter(where, [at] * len(where), s=side**2, marker="s", color=theme.cell(outcome), linewidth=0)
                if where and len(runs) <= 80:
                    theme.sign(axes, outcome, where, [at] * len(where), size=side - 1)
            split = next((x for x, _ in outcomes if str(commit_of.get(runs[x])) == str(row["first_after"])), None)
            if split is not None and str(row["first_after"]) != str(row["last_before"]):
                axes.plot([split - 0.5] * 2, [at - 0.45, at + 0.45], color=theme.INK, linewidth=1.6)
                said = f"{theme.short(str(row['last_before']), 10)} │ {theme.short(str(row['first_after']), 10)}"
                axes.text(split - 0.5, at - 0.48, said, ha="center", va="bottom", fontsize=7.5)
        axes.set_yticks(range(len(rows)), [theme.short(str(row["test"]), 44) for row, _ in rows])
        axes.set_ylim(max(len(rows), 1) - 0.4, -0.9)
        names = [str(commit_of.get(run) or run) for run in runs]
        ticks = [x for x, name in enumerate(names) if x == 0 or names[x - 1] != name]
        ticks = ticks[:: 1 + len(ticks) // 14]
        axes.set_xticks(ticks, [theme.short(names[x], 10) for x in ticks], rotation=30, ha="right")
        axes.set_xlabel("runs by commit, oldest first")
        theme.legend(axes, list(dict.fromkeys(seen for _, outcomes in rows for _, seen in outcomes)), ink=theme.cell)
        return figure


def _sentence(changed: pd.DataFrame, runs: list[str]) -> str:
    if not len(changed):
        return f"No test changed its ways over {theme.count(len(runs), 'run')}."
    said = [f"{row['test']} {row['reason']}" for row in changed.to_dict("records")]
    return f"{theme.count(len(changed), 'test')} changed over {theme.count(len(runs), 'run')}: {'; '.join(said[:4])}."
