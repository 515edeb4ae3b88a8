"""When each command of each step ran, how long, and which one failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelinelab.charts import theme
from pipelinelab.charts.chart import Chart
from pipelinelab.charts.spans import band, bracket, spans

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

_BAD = ("failed", "timed_out", "waiting_for_input", "oom", "stopped", "lost", "refused")
_WORDS = {
    "passed": "passed", "failed": "failed", "timed_out": "ran out of time", "oom": "ran out of memory",
    "waiting_for_input": "waited for input", "stopped": "was stopped", "lost": "was lost", "not_run": "did not run",
    "refused": "was refused", "skipped": "was skipped",
}  # fmt: skip


@dataclass(frozen=True)
class _Bar:
    text: str
    result: str
    begin: float
    seconds: float | None
    exit_code: int | None
    phase: str
    number: int
    hidden: bool


@dataclass(frozen=True)
class _Lane:
    name: str
    result: str
    group: int | None
    bars: tuple[_Bar, ...]
    parts: tuple[tuple[str, float], ...]
    why: str = ""
    stage: str = ""

    @property
    def failing(self) -> _Bar | None:
        return next((b for b in self.bars if b.phase != "after-script" and b.result in _BAD), None)


def timeline(steps: pd.DataFrame, commands: pd.DataFrame, *, exact: bool = True) -> Chart:
    """The steps of a run as lanes, their commands as bars, the failing command marked.

    Takes the frames ``steps`` and ``commands``, of one run (of several, the first is drawn). Steps that ran at the
    same time stand over each other on the same stretch of the axis. Where no times are known the bars show the order
    alone. ``exact=False`` words the sentence by order, without seconds, so that it is the same each time a notebook
    runs; the figure is the same.
    """
    lanes, timed = _lanes(steps, commands)
    return Chart(_draw(lanes, timed), _sentence(lanes, timed and exact), "Timeline")


def _lanes(steps: pd.DataFrame, commands: pd.DataFrame) -> tuple[tuple[_Lane, ...], bool]:
    import pandas as pd

    if len(steps):
        run = steps["run_id"].iloc[0]
        steps = steps[steps["run_id"] == run]
        commands = commands[commands["run_id"] == run]
    timed = bool(commands["started_at"].notna().any())
    began = commands["started_at"].min() if timed else None
    lanes: list[_Lane] = []
    cursor = 0.0
    for step in steps.sort_values("step").to_dict("records"):
        bars: list[_Bar] = []
        own = 0.0  # where the step's own last command ended: those that did not run stand there
        for row in commands[commands["step"] == step["step"]].to_dict("records"):
            took = None if pd.isna(row["seconds"]) else float(row["seconds"])
            ran = row["result"] != "not_run"
            if timed:
                start = own if pd.isna(row["started_at"]) else (row["started_at"] - began).total_seconds()
            else:
                start, took = cursor, 1.0 if ran else None
            own = start + (took or 0.0) if ran else own
            cursor = max(cursor, own)
            bars.append(_bar(row, start, took if ran else None, len(bars) + 1))
        lanes.append(_lane(step, tuple(bars)))
    return tuple(lanes), timed


def _bar(row: dict[Any, Any], begin: float, took: float | None, number: int) -> _Bar:
    import pandas as pd

    hidden = row["hidden_failure"]
    return _Bar(
        text=str(row["command"]),
        result=str(row["result"]),
        begin=begin,
        seconds=took,
        exit_code=None if pd.isna(row["exit_code"]) else int(row["exit_code"]),
        phase=str(row["phase"]),
        number=number,
        hidden=bool(hidden) if not pd.isna(hidden) else False,
    )


def _lane(step: dict[Any, Any], bars: tuple[_Bar, ...]) -> _Lane:
    import pandas as pd

    parts = [(name, step.get(f"{name}_s")) for name in ("image", "clone", "services")]
    why = step.get("skipped_why")
    return _Lane(
        name=str(step["name"]) or f"step {step['step']}",
        result=str(step["result"]),
        group=None if pd.isna(step["group"]) else int(step["group"]),
        bars=bars,
        parts=tuple((name, float(s)) for name, s in parts if s is not None and not pd.isna(s) and s > 0),
        why="" if why is None or pd.isna(why) else str(why),
        stage="" if pd.isna(step.get("stage")) else str(step["stage"]),
    )


def _rows(lanes: tuple[_Lane, ...]) -> list[tuple[_Lane, _Bar | None]]:
    """One row for each step and one for each command, or only those of the failing steps where all would be too many;
    what is left out is said in the sentence of the row above."""
    everything = [(lane, bar) for lane in lanes for bar in (None, *lane.bars)]
    if len(everything) <= theme.MOST_ROWS:
        return everything
    rows: list[tuple[_Lane, _Bar | None]] = []
    room = theme.MOST_ROWS - len(lanes)
    for lane in lanes:
        rows.append((lane, None))
        bad = lane.failing
        if bad is not None and room > 0:
            shown = [bar for bar in lane.bars if abs(bar.number - bad.number) <= 5][:room]
            room -= len(shown)
            rows += [(lane, bar) for bar in shown]
    return rows[: theme.MOST_ROWS]


def _draw(lanes: tuple[_Lane, ...], timed: bool) -> Any:
    with theme.style():
        rows = _rows(lanes)
        figure, axes = theme.figure(len(rows), "Steps and commands, in the order they ran")
        ends = [bar.begin + (bar.seconds or 0.0) for lane in lanes for bar in lane.bars]
        width = max(ends, default=0.0) or 1.0
        labels = [_draw_row(axes, at, lane, bar, width, timed) for at, (lane, bar) in enumerate(rows)]
        for group, first, last in spans([lane.group for lane, _ in rows]):
            band(axes, first, last, f"{sum(lane.group == group for lane in lanes)} steps at once")
        for stage, first, last in spans([lane.stage or None for lane, _ in rows]):
            bracket(axes, first, last, stage)
        axes.set_yticks(range(len(rows)), labels)
        for tick, (_, bar) in zip(axes.get_yticklabels(), rows, strict=True):
            tick.set_fontfamily("DejaVu Sans Mono" if bar else "DejaVu Sans")
            tick.set_fontweight("normal" if bar else "bold")
            tick.set_color(theme.INK if bar is None or bar.result != "not_run" else theme.SOFT_INK)
        early = min((_begin(lane) - timed * sum(s for _, s in lane.parts) for lane in lanes if lane.bars), default=0.0)
        axes.set_xlim(min(early, 0.0), width * 1.3)
        axes.set_ylim(len(rows) - 0.4, -0.8)
        axes.grid(axis="x", linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel("seconds since the first command" if timed else "order (no times are known)")
        axes.set_xticks([tick for tick in axes.get_xticks() if timed and 0 <= tick <= width * 1.3])
        seen = {bar.result for _, bar in rows if bar} | {lane.result for lane, _ in rows}
        theme.legend(axes, [one for one in ("passed", *_BAD, "not_run", "skipped") if one in seen])
        return figure


def _begin(lane: _Lane) -> float:
    return min(bar.begin for bar in lane.bars)


def _draw_row(axes: Axes, at: int, lane: _Lane, bar: _Bar | None, width: float, timed: bool) -> str:
    if bar is None:
        if lane.bars:
            ran = [one for one in lane.bars if one.seconds is not None]
            end = max((one.begin + (one.seconds or 0.0) for one in ran), default=_begin(lane))
            if ran:
                axes.barh(at, end - _begin(lane), left=_begin(lane), height=0.22, color=theme.colour(lane.result))
            edge = _begin(lane)
            for _, took in reversed(lane.parts if timed else ()):
                edge -= took
                axes.barh(at, took, left=edge, height=0.22, color=theme.GREY, edgecolor=theme.PAPER, hatch="////")
            if timed and lane.parts:
                axes.text(edge, at - 0.16, "getting ready", va="bottom", fontsize=7, color=theme.SOFT_INK)
            note = f"{theme.glyph(lane.result)} {lane.result.replace('_', ' ')}"
            axes.text(end + width * 0.01, at, note, va="center", fontsize=8, weight="bold")
        else:
            why = f"{theme.glyph(lane.result)} {theme.short(lane.why or 'not run', 90)}"
            axes.text(0, at, why, va="center", fontsize=8, color=theme.SOFT_INK)
        return theme.short(lane.name, 40)
    end = bar.begin + (bar.seconds or 0.0)
    if bar.seconds is not None:
        bad = bar.result in _BAD
        axes.barh(at, max(bar.seconds, width * 0.003), left=bar.begin, height=0.66, color=theme.colour(bar.result),
                  edgecolor=theme.INK if bad else "none", linewidth=1.1 if bad else 0)  # fmt: skip
    said = [theme.glyph("hidden" if bar.hidden else bar.result)]
    if bar.result == "not_run":
        said.append("not run")
    elif timed and bar.seconds is not None:
        said.append(theme.seconds(bar.seconds))
    if bar.result in _BAD or bar.hidden:
        said.append("a part failed" if bar.hidden else "◀ exit " + str(bar.exit_code) if bar.exit_code is not None
                    else "◀ " + _WORDS.get(bar.result, bar.result))  # fmt: skip
    axes.text(end + width * 0.01, at, "  ".join(said), va="center", fontsize=8,
              weight="bold" if bar.result in _BAD else "normal",
              color=theme.SOFT_INK if bar.result == "not_run" else theme.INK)  # fmt: skip
    mark = "" if bar.phase == "script" else f"[{bar.phase}] "
    return theme.short(mark + bar.text, 46)


def _sentence(lanes: tuple[_Lane, ...], timed: bool) -> str:
    if not lanes:
        return "No step was run."
    bars = [bar for lane in lanes for bar in lane.bars]
    ran = [bar for bar in bars if bar.result != "not_run"]
    said = f"{theme.count(len(lanes), 'step')}, {theme.count(len(bars), 'command')}"
    total = max((b.begin + (b.seconds or 0.0) for b in ran), default=0.0) - min((b.begin for b in ran), default=0.0)
    if timed:
        said += f", {theme.seconds(total)}"
    together = sum(lane.group is not None for lane in lanes)
    parts = [said + (f" ({together} steps in parallel)" if together > 1 else "")]
    red = [lane for lane in lanes if lane.result in _BAD]
    for lane in red[:2]:
        parts.append(_red(lane, timed))
    if not red:
        skipped = [f"“{theme.short(lane.name, 40)}”" for lane in lanes if not lane.bars]
        parts.append("all passed" if not skipped else f"all that ran passed; {theme.listing(skipped)} did not run")
    elif len(red) > 2:
        parts.append(f"{len(red) - 2} more steps are red")
    if (hidden := [bar for bar in bars if bar.hidden]) and (first := hidden[0]):
        more = f" (and {len(hidden) - 1} more)" if len(hidden) > 1 else ""
        parts.append(f"`{theme.short(first.text, 60)}` passed though a part of it failed{more}")
    longest = max(ran, key=lambda bar: bar.seconds or 0.0, default=None)
    if timed and longest is not None and longest.seconds and len(ran) > 1 and total:
        share = f"{100 * longest.seconds / total:.0f} %"
        parts.append(f"the longest, `{theme.short(longest.text, 60)}`, took {theme.seconds(longest.seconds)} ({share})")
    return "; ".join(parts) + "."


def _red(lane: _Lane, timed: bool) -> str:
    bad = lane.failing
    if bad is None:
        return f"“{theme.short(lane.name, 40)}” {_WORDS.get(lane.result, lane.result)}"
    code = f" (exit {bad.exit_code})" if bad.exit_code is not None else ""
    after = f" after {theme.seconds(bad.seconds)}" if timed and bad.seconds is not None else ""
    how = _WORDS.get(bad.result, bad.result)
    said = f"“{theme.short(lane.name, 40)}”: command {bad.number} of {len(lane.bars)}, "
    said += f"`{theme.short(bad.text, 80)}`, {how}{after}{code}"
    left = sum(bar.result == "not_run" for bar in lane.bars)
    return said + (f", and {theme.count(left, 'command')} after it did not run" if left else "")
