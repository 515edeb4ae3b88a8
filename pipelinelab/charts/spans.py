"""Rows of a chart that belong together: a band behind them, or a bracket with a name beside them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from pipelinelab.charts import theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Name = TypeVar("Name", bound=Hashable)


def spans(names: Sequence[Name | None]) -> Iterator[tuple[Name, int, int]]:
    """(name, first, last) of every stretch of rows of one name; rows without one belong to nobody."""
    for name, stretch in groupby(range(len(names)), key=lambda at: names[at]):
        rows = list(stretch)
        if name is not None:
            yield name, rows[0], rows[-1]


def band(axes: Axes, first: int, last: int, said: str) -> None:
    """A band behind the rows, with a few words in its upper right corner."""
    axes.axhspan(first - 0.5, last + 0.5, color=theme.BAND, linewidth=0, zorder=0)
    axes.text(0.995, first, said, transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=7.5,
              color=theme.SOFT_INK)  # fmt: skip


def bracket(axes: Axes, first: int, last: int, name: str) -> None:
    """A bracket to the right of the rows, and the name beside it."""
    beside = axes.get_yaxis_transform()
    axes.plot([1.0, 1.008, 1.008, 1.0], [first - 0.4, first - 0.4, last + 0.4, last + 0.4], transform=beside,
              color=theme.SOFT_INK, linewidth=0.9, clip_on=False)  # fmt: skip
    room = 3 + 3 * (last - first)
    axes.text(1.016, (first + last) / 2, theme.short(name, max(room, 12)), transform=beside, va="center", ha="left",
              rotation=270 if last > first else 0, fontsize=8, color=theme.SOFT_INK)  # fmt: skip
