"""What a database held before and after: collations, and rows in each table over the commands."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pipelinelab.charts import theme
from pipelinelab.charts.chart import Chart

if TYPE_CHECKING:
    import pandas as pd


def collations(before: Mapping[str, str], after: Mapping[str, str] | None = None) -> Chart:
    """The collation (or character set) of each thing asked, and what it became.

    ``before`` and ``after`` map a name (``server``, ``database``, ``connection``, ``library_book.title``) to a
    collation or character set; ``after`` may be left out. Names beyond the cap are those that stayed the same.
    """
    then = after if after is not None else before
    names = list(dict.fromkeys([*before, *then]))
    changed = [name for name in names if before.get(name) != then.get(name)]
    shown = [n for n in names if n in changed or len(names) <= theme.MOST_ROWS] or names
    return Chart(_draw_collations(shown[: theme.MOST_ROWS], before, after), _say_collations(names, before, after),
                 "Collations")  # fmt: skip


def _kind(collation: str | None) -> tuple[str, str]:
    word = (collation or "").lower()
    if word.startswith("utf8mb4"):
        return theme.SKY, "✓ every character"
    if word.startswith(("utf8", "ucs2")):
        return theme.YELLOW, "◐ none above U+FFFF"
    return (theme.ORANGE, "⚠ one byte a character") if word else (theme.GREY, "· unknown")


def _draw_collations(names: list[str], before: Mapping[str, str], after: Mapping[str, str] | None) -> Any:
    with theme.style():
        figure, axes = theme.figure(len(names), "Collations" + (" before and after" if after is not None else ""))
        sides = [("before", before)] if after is None else [("before", before), ("after", after)]
        for column, (title, values) in enumerate(sides):
            if after is not None:
                axes.text(column * 1.1, -0.75, title, weight="bold")
            for at, name in enumerate(names):
                fill, glyph = _kind(values.get(name))
                axes.barh(at, 1.0, left=column * 1.1, height=0.8, color=fill)
                moved = after is not None and before.get(name) != after.get(name)
                axes.text(column * 1.1 + 0.02, at, f"{glyph[0]}  {values.get(name) or 'unknown'}", va="center",
                          weight="bold" if moved else "normal")  # fmt: skip
        axes.set_yticks(range(len(names)), [theme.short(name, 40) for name in names])
        axes.set_xlim(0, 2.1)
        axes.set_ylim(len(names) - 0.4, -1.3)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        kinds = dict.fromkeys(_kind(values.get(name)) for _, values in sides for name in names)
        from matplotlib.patches import Patch

        figure.legend(handles=[Patch(facecolor=c, label=words) for c, words in kinds], loc="outside lower left",
                      ncols=4, handlelength=1.1)  # fmt: skip
        return figure


def _say_collations(names: list[str], before: Mapping[str, str], after: Mapping[str, str] | None) -> str:
    if after is None:
        kinds = list(dict.fromkeys(before.values()))
        said = [f"{kind}: {theme.listing([n for n in names if before[n] == kind])}" for kind in kinds]
        same = "one collation" if len(kinds) == 1 else f"{len(kinds)} collations side by side"
        return f"{same[0].upper()}{same[1:]}; {'; '.join(said)}."
    changed = [n for n in names if before.get(n) != after.get(n)]
    if not changed:
        return f"None of {theme.count(len(names), 'collation')} changed."
    moves: dict[tuple[str, str], list[str]] = {}
    for name in changed:
        moves.setdefault((before.get(name, "nothing"), after.get(name, "nothing")), []).append(name)
    said = [f"{theme.listing(where)} went from {old} to {new}" for (old, new), where in moves.items()]
    return f"{len(changed)} of {theme.count(len(names), 'collation')} changed: {'; '.join(said)}."


def row_counts(frame: pd.DataFrame) -> Chart:
    """Rows in each table after each command, the losses marked.

    ``frame`` has a row for each look: ``command`` (its text or number, in the order of the looks), ``table`` and
    ``rows``. Tables whose count never changed are left out where there are more than fit.
    """
    import pandas as pd

    order = list(dict.fromkeys(frame["command"]))
    grid = pd.pivot_table(frame, index="table", columns="command", values="rows", aggfunc="last", sort=False)
    grid = grid.reindex(columns=order)
    moving = grid.ffill(axis=1).diff(axis=1).fillna(0).abs().sum(axis=1)
    shown = grid if len(grid) <= theme.MOST_ROWS else grid.loc[moving.sort_values(ascending=False).index]
    return Chart(_draw_rows(shown.iloc[: theme.MOST_ROWS]), _say_rows(grid), "Rows in each table")


def _draw_rows(grid: pd.DataFrame) -> Any:
    import numpy as np

    with theme.style():
        figure, axes = theme.figure(len(grid) + 1, "Rows in each table after each command", extra=1.5)
        values = grid.to_numpy(dtype=float)
        sizes = np.log1p(np.where(np.isnan(values), 0, values)) if values.size else np.zeros((1, 1))
        top = max(float(sizes.max()), 1.0)
        axes.imshow(sizes, cmap=theme.SIZES, aspect="auto", vmin=0, vmax=top)
        for (row, column), value in np.ndenumerate(values):
            before = values[row, :column][~np.isnan(values[row, :column])]
            lost = len(before) > 0 and value < before[-1]
            label = "·" if np.isnan(value) else f"{value:,.0f}".replace(",", " ")
            dark = not np.isnan(value) and sizes[row, column] / top < 0.55
            ink = theme.PAPER if dark or np.isnan(value) else theme.INK
            axes.text(column, row, ("▼ " if lost else "") + label, ha="center", va="center", fontsize=8,
                      weight="bold" if lost else "normal", color=ink)  # fmt: skip
        axes.set_yticks(range(len(grid)), [theme.short(str(name), 40) for name in grid.index])
        labels = [theme.short(str(name), 26) for name in grid.columns]
        axes.set_xticks(range(len(labels)), labels, rotation=20, ha="right")
        axes.spines["bottom"].set_visible(False)
        return figure


def _say_rows(grid: pd.DataFrame) -> str:
    lost: list[str] = []
    won: list[str] = []
    for table, row in grid.iterrows():
        seen = row.dropna()
        for command, (old, new) in zip(seen.index[1:], itertools.pairwise(seen), strict=True):
            said = f"{table} {old:.0f} → {new:.0f} at `{theme.short(str(command), 50)}`"
            if new != old:
                (lost if new < old else won).append(said)
    parts = [f"{theme.count(len(grid), 'table')} over {theme.count(len(grid.columns), 'command')}"]
    if lost:
        parts.append(f"rows were lost: {theme.listing(lost, 5)}")
    if won:
        parts.append(f"rows came: {theme.listing(won, 5)}")
    return "; ".join(parts if lost or won else [*parts, "no count changed"]) + "."
