"""Which characters of a text an encoding can hold."""

from __future__ import annotations

import unicodedata
from typing import Any

from pipelinelab.charts import theme
from pipelinelab.charts.chart import Chart
from pipelinelab.errors import UsageError

_ACROSS = 24
_MOST = 24 * 12


def characters(text: str, encoding: str = "latin-1") -> Chart:
    """Each character of ``text`` in a cell, marked where ``encoding`` (a Python codec's name) cannot hold it.

    ``encoding="utf8mb3"`` is MySQL's old utf8, which holds no character above U+FFFF. Raises UsageError for an
    encoding that Python does not know.
    """
    lost = [c for c in text if not _holds(c, encoding)]
    return Chart(_draw(text, encoding), _sentence(text, lost, encoding), f"What {encoding} cannot hold")


def _holds(character: str, encoding: str) -> bool:
    if encoding.replace("_", "").lower() in ("utf8mb3", "utf8mysql"):
        return ord(character) <= 0xFFFF
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    except LookupError:
        raise UsageError(f"there is no encoding {encoding!r}", "try latin-1, ascii, cp1252 or utf8mb3") from None
    return True


def _draw(text: str, encoding: str) -> Any:
    from matplotlib.patches import Rectangle

    cells = text[:_MOST] or " "
    with theme.style():
        down = -(-len(cells) // _ACROSS)
        figure, axes = theme.figure(down * 2.1, f"What {encoding} can hold", extra=1.0)
        for at, character in enumerate(cells):
            x, y = at % _ACROSS, at // _ACROSS
            good = _holds(character, encoding)
            axes.add_patch(Rectangle((x + 0.04, y + 0.04), 0.92, 0.92, linewidth=0 if good else 1.2,
                                     facecolor=theme.PAPER if good else theme.ORANGE, edgecolor=theme.INK))  # fmt: skip
            shown = character if unicodedata.category(character)[0] not in "CZ" else "␣"
            axes.text(x + 0.5, y + 0.44, shown, ha="center", va="center", fontsize=12)
            under = f"{ord(character):X}" if not good else "✓"
            axes.text(x + 0.5, y + 0.84, under, ha="center", va="center", fontsize=5.5, color=theme.INK)
        axes.set_xlim(0, _ACROSS)
        axes.set_ylim(down, 0)
        axes.axis("off")
        legend = "✓ held      ▢ orange, with its code point: cannot be held"
        axes.text(0, down + 0.12, legend, va="top", fontsize=8, color=theme.SOFT_INK)
        axes.set_ylim(down + 0.5, 0)
        return figure


def _sentence(text: str, lost: list[str], encoding: str) -> str:
    total = theme.count(len(text), "character")
    if not lost:
        return f"{encoding} can hold all of the {total}."
    kinds = list(dict.fromkeys(lost))
    named = [f"“{c}” (U+{ord(c):04X} {unicodedata.name(c, 'unnamed')})" for c in kinds]
    return f"{encoding} cannot hold {len(lost)} of the {total}: {theme.listing(named, 5)}."
