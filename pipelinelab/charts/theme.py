"""The one theme of every chart: paper, ink, colours, glyphs and sizes.

A chart stands on its own light paper, so it reads the same in JupyterLab's light and dark themes and in print. The
colours are Okabe and Ito's (Color Universal Design, 2008), told apart by the colour-blind; a glyph stands beside each,
so that colour is never the only sign. Sizes use cividis (Nuñez, Anderton and Renslow, 2018).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PAPER = "#F8F8F5"
INK = "#22252A"
SOFT_INK = "#5C6168"
GRID = "#DADAD3"
GREY = "#C9CBCE"
BAND = "#EDEEE8"

ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"

SIZES = "cividis"
WIDTH = 9.0
ROW = 0.27
MOST_ROWS = 40
DPI = 144

_SIGNS = {
    "passed": (GREEN, "✓"),
    "xfailed": (SKY, "✓"),
    "failed": (VERMILLION, "✗"),
    "error": (PURPLE, "!"),
    "xpassed": (ORANGE, "‼"),
    "skipped": (YELLOW, "–"),
    "not_run": (GREY, "·"),
    "hidden": (ORANGE, "⚠"),
    "timed_out": (BLUE, "◷"),
    "waiting_for_input": (BLUE, "⌨"),
    "oom": (PURPLE, "▣"),
    "killed": (PURPLE, "†"),
    "refused": (VERMILLION, "⊘"),
    "stopped": (SOFT_INK, "■"),
    "lost": (SOFT_INK, "?"),
    "healthy": (GREEN, "✓"),
    "broken": (VERMILLION, "✗"),
    "regression": (VERMILLION, "↘"),
    "order-dependent": (BLUE, "⇅"),
    "non-idempotent": (PURPLE, "②"),
    "non-deterministic": (ORANGE, "≈"),
    "infrastructure": (SOFT_INK, "☁"),
    "crashes": (PURPLE, "†"),
    "hangs": (BLUE, "◷"),
    "unsettled": (GREY, "?"),
}

_STYLE: dict[str, Any] = {
    "figure.facecolor": PAPER, "axes.facecolor": PAPER, "savefig.facecolor": PAPER, "figure.edgecolor": PAPER,
    "savefig.edgecolor": PAPER, "text.color": INK, "axes.labelcolor": SOFT_INK, "xtick.color": SOFT_INK,
    "ytick.color": INK, "axes.edgecolor": GRID, "grid.color": GRID, "font.family": ["DejaVu Sans"], "font.size": 9.0,
    "axes.titlesize": 10.5, "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.spines.top": False,
    "axes.spines.right": False, "axes.spines.left": False, "xtick.labelsize": 8.0, "ytick.labelsize": 8.5,
    "ytick.major.size": 0.0, "ytick.minor.size": 0.0, "legend.frameon": False, "legend.fontsize": 8.0,
    "hatch.linewidth": 0.6, "text.parse_math": False, "svg.hashsalt": "pipelinelab", "svg.fonttype": "path",
    "axes.unicode_minus": True, "figure.constrained_layout.use": False,
}  # fmt: skip


@contextmanager
def style() -> Iterator[None]:
    """The theme for what is drawn inside: matplotlib's defaults with ours over them, whatever the reader has set.

    Characters that no installed font can show are drawn as boxes, without a warning."""
    import warnings

    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        warnings.filterwarnings("ignore", message=".*constrained_layout.*", category=UserWarning)
        mpl.rcdefaults()
        for name, value in _STYLE.items():
            mpl.rcParams[name] = value  # type: ignore[index]
        yield


def colour(result: str) -> str:
    """The colour of an outcome or a command's result; the colour of "lost" for one never heard of."""
    return _SIGNS.get(result, _SIGNS["lost"])[0]


def glyph(result: str) -> str:
    """The sign that stands beside the colour of an outcome."""
    return _SIGNS.get(result, _SIGNS["lost"])[1]


def cell(result: str) -> str:
    """The colour of an outcome as one of many cells: what passed is pale and a killed process dark, so that cells too
    narrow for a glyph are told apart in grey print as well."""
    return {"passed": "#CDE6DC", "xfailed": "#CFE7F6", "killed": INK}.get(result, colour(result))


def sign(axes: Axes, result: str, x: Any, y: Any, size: float = 7) -> None:
    """The glyph of a result on each of many cells, ``size`` in points: one mark drawn often, not a text a place."""
    import numpy as np
    from matplotlib.path import Path
    from matplotlib.textpath import TextPath

    drawn = TextPath((0, 0), glyph(result), size=1)
    middle = drawn.get_extents().get_points().mean(axis=0)
    # A marker is scaled to its own extent: a point that draws nothing keeps the full stop smaller than the cross.
    outline = Path(np.vstack([drawn.vertices - middle, [[0.5, 0.5]]]), [*drawn.codes, Path.MOVETO])
    axes.scatter(x, y, marker=outline, s=size**2, color=PAPER if cell(result) == INK else INK, linewidth=0)


def figure(rows: float, title: str = "", *, width: float = WIDTH, extra: float = 0.9) -> tuple[Figure, Axes]:
    """A figure with one set of axes, tall enough for this many rows and never for more than ``MOST_ROWS``.

    ``extra`` is the height in inches of what is not rows. No pyplot: nothing global is touched."""
    from matplotlib.figure import Figure

    made = Figure(figsize=(width, extra + ROW * min(max(rows, 1.0), MOST_ROWS + 2.0)), dpi=DPI, layout="constrained")
    axes = made.add_subplot()
    if title:
        axes.set_title(short(title, 110), loc="left", pad=9)
    return made, axes


def legend(
    axes: Axes, results: list[str], names: dict[str, str] | None = None, ink: Callable[[str], str] = colour
) -> None:
    """One line under the axes that says which colour (``ink`` of it) and glyph is which result."""
    from matplotlib.patches import Patch

    words = names or {}
    handles = [
        Patch(facecolor=ink(one), label=f"{glyph(one)} {words.get(one, one.replace('_', ' '))}") for one in results
    ]
    if handles:
        axes.get_figure(root=True).legend(  # type: ignore[union-attr]
            handles=handles, loc="outside lower left", ncols=min(len(handles), 7), handlelength=1.1, columnspacing=1.4
        )


def short(text: str, most: int, *, keep: str = "start") -> str:
    """The text on one line, at most this many characters; ``keep`` "start" or "end" says which part stays."""
    line = " ".join("".join(c if unicodedata.category(c)[0] != "C" or c in "\n\t " else "�" for c in text).split())
    if len(line) <= most:
        return line
    return line[: most - 1] + "…" if keep == "start" else "…" + line[-(most - 1) :]


def seconds(value: float) -> str:
    """Seconds as a reader says them: 0.4 s, 12 s, 3 min 20 s, 1 h 5 min."""
    if value < 9.95:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min {whole % 60} s" if whole % 60 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def listing(words: list[str], most: int = 4) -> str:
    """Words as prose: "a, b and c"; beyond ``most`` "a, b, c and 5 more"."""
    if len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1} more"]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + f" and {words[-1]}" if words else ""


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: "1 test", "3 tests"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}".replace(",", " ")
