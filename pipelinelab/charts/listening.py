"""Two containers, one network, two file systems: where the client looks and where the server listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipelinelab.charts import theme
from pipelinelab.charts.chart import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def where_it_listens(
    *, wanted: str, there: bool | None, socket: str = "", port: int | None = None, reached: bool | None = None,
    host: str = "localhost", service: str = "mysql", build: str = "build",
) -> Chart:  # fmt: skip
    """The build container and a service container with what they share (the network) and what they do not (files).

    ``wanted`` is the socket file that the client asks for in the build container and ``there`` whether it is there;
    ``socket`` is the file that the server made in its own container; ``port`` the TCP port it listens on and
    ``reached`` whether the build container reaches it. None means that nobody looked.
    """
    with theme.style():
        figure = _draw(wanted, there, socket, port, reached, host, service, build)
    return Chart(figure, _sentence(wanted, there, socket, port, reached, service), "Where it listens")


_ANSWERS = {True: ("✓", theme.GREEN), False: ("✗", theme.VERMILLION), None: ("?", theme.SOFT_INK)}


def _draw(wanted: str, there: bool | None, socket: str, port: int | None, reached: bool | None, host: str,
          service: str, build: str) -> Any:  # fmt: skip
    figure, axes = theme.figure(9.2, "What the two containers share, and what they do not")
    axes.axis("off")
    axes.set_xlim(0, 10)
    axes.set_ylim(0, 6.2)
    _box(axes, 0.1, 1.9, 4.6, 4.2, f"{build} container")
    _box(axes, 5.3, 1.9, 4.6, 4.2, f"{service} container")
    _box(axes, 0.35, 3.2, 4.1, 2.3, "its own files", soft=True)
    _box(axes, 5.55, 3.2, 4.1, 2.3, "its own files", soft=True)
    _box(axes, 0.1, 0.15, 9.8, 1.4, "", soft=True)
    axes.text(5, 1.42, "one network for both: 127.0.0.1 is the same place in each", ha="center", va="top",
              fontsize=8.5, color=theme.SOFT_INK)  # fmt: skip
    sign, ink = _ANSWERS[there]
    axes.text(0.55, 4.55, f"the client looks for\n{theme.short(wanted, 34, keep='end')}", va="center")
    axes.text(0.55, 3.65, f"{sign} {'it is there' if there else 'nobody looked' if there is None else 'no such file'}",
              va="center", weight="bold", color=ink)  # fmt: skip
    if socket:
        axes.text(5.75, 4.55, f"the server made\n{theme.short(socket, 34, keep='end')}", va="center")
        axes.text(5.75, 3.65, "✓ but only here", va="center", weight="bold", color=theme.GREEN)
    else:
        axes.text(5.75, 4.4, "no socket file was seen", va="center", color=theme.SOFT_INK)
    axes.text(5, 4.35, "╳", ha="center", va="center", fontsize=15, color=theme.VERMILLION)
    axes.text(0.35, 2.45, f"$ client, host “{theme.short(host, 20)}”", va="center", family="DejaVu Sans Mono")
    axes.text(9.65, 2.45, f"{theme.short(service, 16)} server", va="center", ha="right", family="DejaVu Sans Mono")
    if port is not None:
        sign, ink = _ANSWERS[reached]
        arrow = {"arrowstyle": "<->", "color": ink, "linewidth": 1.6}
        axes.annotate("", xy=(8.6, 0.55), xytext=(1.4, 0.55), arrowprops=arrow)
        axes.text(5, 0.62, f"{sign} TCP 127.0.0.1:{port}", ha="center", va="center", weight="bold", color=ink,
                  bbox={"facecolor": theme.PAPER, "edgecolor": "none", "pad": 2})  # fmt: skip
        for x in (1.4, 8.6):
            axes.plot([x, x], [0.55, 2.2], color=ink, linewidth=1.6)
    return figure


def _box(axes: Axes, x: float, y: float, width: float, height: float, title: str, *, soft: bool = False) -> None:
    from matplotlib.patches import FancyBboxPatch

    axes.add_patch(FancyBboxPatch((x, y), width, height, boxstyle="round,pad=0,rounding_size=0.12",
                                  facecolor="#EFEFEA" if soft else "none",
                                  edgecolor=theme.GRID if soft else theme.SOFT_INK, linewidth=1.0))  # fmt: skip
    axes.text(x + 0.15, y + height - 0.12, title, va="top", fontsize=8.5, weight="normal" if soft else "bold",
              color=theme.SOFT_INK if soft else theme.INK)  # fmt: skip


def _sentence(wanted: str, there: bool | None, socket: str, port: int | None, reached: bool | None,
              service: str) -> str:  # fmt: skip
    seen = {True: "is in the build container", False: "is not in the build container",
            None: "may or may not be in the build container: nobody looked"}[there]  # fmt: skip
    parts = [f"{wanted} {seen}"]
    if socket:
        parts.append(f"the {service} server made {socket} in its own container, whose files the build cannot see")
    if port is not None:
        how = {True: "answers", False: "does not answer", None: "was not tried"}[reached]
        parts.append(f"127.0.0.1:{port}, which both share, {how}")
    return "; ".join(parts) + "."
