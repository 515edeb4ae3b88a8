"""Two runs of the same commands beside each other: red → green, or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelinelab.charts import theme
from pipelinelab.charts.chart import Chart
from pipelinelab.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

_ABSENT = "absent"
_GOOD = ("passed",)


@dataclass(frozen=True)
class _Pair:
    text: str
    before: str
    after: str
    before_s: float | None
    after_s: float | None


def before_after(commands: pd.DataFrame, *, exact: bool = True) -> Chart:
    """The commands of two runs, the earlier on the left, with what became of each.

    Takes a ``commands`` frame that holds two runs, before and then after (``pd.concat`` of two frames).
    Commands are matched by step, phase and text; one that the cure changed shows as gone and as new. ``exact=False``
    leaves seconds out of the sentence. Raises UsageError where the frame does not hold exactly two runs.
    """
    runs = list(dict.fromkeys(commands["run_id"].dropna()))
    if len(runs) != 2:
        raise UsageError(f"before_after needs the commands of two runs, and got {len(runs)}",
                         "give it pd.concat([before.commands, after.commands])")  # fmt: skip
    before, after = (commands[commands["run_id"] == run] for run in runs)
    pairs = _pairs(before, after)
    return Chart(_draw(pairs), _sentence(pairs, before, after, exact), "Before and after")


def _pairs(before: pd.DataFrame, after: pd.DataFrame) -> tuple[_Pair, ...]:
    import pandas as pd

    def keyed(frame: pd.DataFrame) -> dict[tuple[Any, ...], tuple[str, float | None]]:
        seen: dict[tuple[Any, ...], int] = {}
        found = {}
        for row in frame.to_dict("records"):
            base = (row["step"], row["phase"], row["command"])
            seen[base] = seen.get(base, 0) + 1
            result = "hidden" if row["hidden_failure"] is True and row["result"] == "passed" else str(row["result"])
            found[(*base, seen[base])] = (result, None if pd.isna(row["seconds"]) else float(row["seconds"]))
        return found

    left, right = keyed(before), keyed(after)
    order = list(right)
    for at, key in enumerate(left):
        if key not in right:
            previous = [k for k in list(left)[:at] if k in order]
            order.insert(order.index(previous[-1]) + 1 if previous else 0, key)
    absent: tuple[str, float | None] = (_ABSENT, None)
    return tuple(
        _Pair(str(key[2]), left.get(key, absent)[0], right.get(key, absent)[0],
              left.get(key, absent)[1], right.get(key, absent)[1])
        for key in order
    )  # fmt: skip


def _draw(pairs: tuple[_Pair, ...]) -> Any:
    with theme.style():
        shown = _shown(pairs)
        figure, axes = theme.figure(len(shown), "Before and after")
        longest = max((s for p in shown for s in (p.before_s, p.after_s) if s), default=1.0)
        for at, pair in enumerate(shown):
            for side, result, took in ((-1, pair.before, pair.before_s), (1, pair.after, pair.after_s)):
                if result == _ABSENT:
                    axes.text(side * 0.04, at, "—", va="center", ha="left" if side > 0 else "right",
                              color=theme.SOFT_INK)  # fmt: skip
                    continue
                length = max((took or 0.0) / longest, 0.015)
                axes.barh(at, side * length, left=side * 0.02, height=0.66, color=theme.colour(result))
                label = f"{theme.glyph(result)} {result.replace('_', ' ')}"
                if took is not None:
                    label += f"  {theme.seconds(took)}"
                axes.text(side * (length + 0.04), at, label, va="center", ha="left" if side > 0 else "right",
                          fontsize=8, weight="bold" if pair.before != pair.after else "normal")  # fmt: skip
        axes.set_yticks(range(len(shown)), [theme.short(pair.text, 46) for pair in shown])
        for tick in axes.get_yticklabels():
            tick.set_fontfamily("DejaVu Sans Mono")
        axes.set_xlim(-1.65, 1.55)
        axes.set_ylim(len(shown) - 0.4, -1.4)
        axes.axvline(0, color=theme.GRID, linewidth=1)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        axes.text(-0.04, -0.95, "before", ha="right", weight="bold")
        axes.text(0.04, -0.95, "after", ha="left", weight="bold")
        return figure


def _shown(pairs: tuple[_Pair, ...]) -> tuple[_Pair, ...]:
    if len(pairs) <= theme.MOST_ROWS:
        return pairs
    return tuple(pair for pair in pairs if pair.before != pair.after)[: theme.MOST_ROWS] or pairs[: theme.MOST_ROWS]


def _sentence(pairs: tuple[_Pair, ...], before: pd.DataFrame, after: pd.DataFrame, exact: bool) -> str:
    cured = [p for p in pairs if p.before not in (*_GOOD, "hidden", "not_run", _ABSENT) and p.after in _GOOD]
    broke = [p for p in pairs if p.before in _GOOD and p.after not in (*_GOOD, _ABSENT)]
    now = [p for p in pairs if p.before == "not_run" and p.after in _GOOD]
    new = [p for p in pairs if p.before == _ABSENT]
    gone = [p for p in pairs if p.after == _ABSENT]

    def names(some: list[_Pair]) -> str:
        return theme.listing([f"`{theme.short(p.text, 60)}`" for p in some], 3)

    parts = []
    if cured:
        parts.append(f"{names(cured)} went from red to green")
    if broke:
        parts.append(f"{names(broke)} went from green to red")
    if now:
        parts.append(f"{theme.count(len(now), 'command')} that had not run passed")
    if new:
        counts = {result: sum(p.after == result for p in new) for result in dict.fromkeys(p.after for p in new)}
        said = [f"{number} {result.replace('_', ' ')}" for result, number in counts.items()]
        verdict = theme.listing(said) if len(said) > 1 else said[0].partition(" ")[2]
        parts.append(f"{names(new)} {'is' if len(new) == 1 else 'are'} new ({verdict})")
    if gone:
        parts.append(f"{names(gone)} {'is' if len(gone) == 1 else 'are'} gone")
    still = [p for p in pairs if p.after not in (*_GOOD, "hidden", "not_run", _ABSENT)]
    parts.append(f"{theme.count(len(still), 'command')} still red: {names(still)}" if still else "nothing is red after")
    if exact:
        a, b = before["seconds"].sum(), after["seconds"].sum()
        parts.append(f"{theme.seconds(float(a))} before, {theme.seconds(float(b))} after")
    sentence = "; ".join(parts) + "."
    return sentence if sentence.startswith("`") else sentence[0].upper() + sentence[1:]
