"""A plan as an inline SVG: steps in columns from left to right, what runs at once above each other, stages framed.

Plain SVG without scripts, styles of its own or random ids, so that a notebook's output stays the same and is shown
wherever HTML is. Text has the page's own colour, so that it is read on light and dark pages alike; frames have
mid-tones that hold on both.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise

from pipelinelab.planning.tree import Branch

_WIDTH, _GAP, _LINE, _PAD = 264, 26, 15, 10
_SHOWN = {
    "image", "script", "service", "memory", "cache", "artifacts", "deployment", "condition", "max-time", "runs-on",
    "starts",
}  # fmt: skip
_COLOURS = {"step": "#3b82c4", "final": "#8b6fc4", "skipped": "#8a8a8a", "manual": "#c2842a", "stage": "#6b8e8d"}
_TEXT = 'fill="currentColor"'


@dataclass(frozen=True)
class _Column:
    """What runs at once: its steps, the stage they belong to, and what is to be said above a parallel group."""

    steps: tuple[Branch, ...]
    stage: Branch | None = None
    above: str = ""


def picture(root: Branch) -> str:
    """The SVG of a pipeline's tree."""
    columns = list(_columns(root))
    heights = [sum(_height(step) + 12 for step in column.steps) for column in columns]
    facts = "; ".join(f"{name}: {text}" for name, text in root.facts)
    above = any(column.stage or column.above for column in columns)
    top = 46 + (18 if facts else 0) + (22 if above else 0)
    width = max(260, len(columns) * (_WIDTH + _GAP) + _GAP)
    height = top + max(heights, default=20) + 16
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label="{escape(root.title, quote=True)}" font-family="sans-serif" font-size="12">',
        f'<text x="{_GAP}" y="26" font-size="15" font-weight="bold" {_TEXT}>{escape(root.title)}</text>',
        f'<text x="{_GAP}" y="46" {_TEXT}>{escape(_cut(facts, width // 7))}</text>' if facts else "",
    ]
    out += _frames(columns, top, heights)
    for index, (first, second) in enumerate(pairwise(columns)):
        if first.steps and second.steps:
            x = _GAP + index * (_WIDTH + _GAP) + _WIDTH
            out.append(f'<path d="M{x + 4} {top + 18} h{_GAP - 12} m-5 -4 l5 4 l-5 4" fill="none" stroke="#808080"/>')
    for index, column in enumerate(columns):
        y = top
        if column.above:
            out.append(
                f'<text x="{_GAP + index * (_WIDTH + _GAP)}" y="{top - 9}" {_TEXT}>{escape(column.above)}</text>'
            )
        for step in column.steps:
            out += _box(step, _GAP + index * (_WIDTH + _GAP), y, column.stage)
            y += _height(step) + 12
    return "".join([*out, "</svg>"])


def _columns(root: Branch, stage: Branch | None = None) -> list[_Column]:
    found: list[_Column] = []
    for one in root.children:
        if one.kind == "stage":
            found += _columns(one, one)
        elif one.kind == "parallel":
            notes = ["at once", *(text for name, text in one.facts if name == "fail-fast")]
            found.append(_Column(one.children, stage, "; ".join(notes)))
        else:
            found.append(_Column((one,), stage))
    return found


def _frames(columns: list[_Column], top: int, heights: list[int]) -> list[str]:
    out = []
    index = 0
    while index < len(columns):
        stage = columns[index].stage
        end = index
        while stage is not None and end + 1 < len(columns) and columns[end + 1].stage is stage:
            end += 1
        if stage is not None:
            x = _GAP // 2 + index * (_WIDTH + _GAP) + 3
            width = (end - index + 1) * (_WIDTH + _GAP) - 6
            note = " (waits for a person)" if stage.manual else ""
            height = 26 + max(heights[index : end + 1])
            out.append(
                f'<rect x="{x}" y="{top - 24}" width="{width}" height="{height}" rx="6" fill="none" '
                f'stroke="{_COLOURS["stage"]}" stroke-dasharray="5 3"/><text x="{x + 8}" y="{top - 9}" '
                f"{_TEXT}>{escape(_cut(f'stage {stage.title}{note}', width // 7))}</text>"
            )
        index = end + 1
    return out


def _texts(step: Branch) -> list[str]:
    texts = [f"{name}: {text}" for name, text in step.facts if name in _SHOWN]
    if step.manual:
        texts.insert(0, "waits for a person")
    if step.why:
        texts.insert(0, step.why)
    return texts[:9]


def _height(step: Branch) -> int:
    return 26 + _LINE * len(_texts(step)) + _PAD


def _box(step: Branch, x: int, y: int, stage: Branch | None) -> list[str]:
    skipped = step.met is False or (stage is not None and stage.met is False)
    colour = _COLOURS["skipped" if skipped else "manual" if step.manual else step.kind]
    dash = ' stroke-dasharray="4 3"' if skipped else ""
    facts = "\n".join(f"{name}: {text}" for name, text in step.facts)
    out = [
        f"<g><title>{escape(step.title)} (line {step.line})\n{escape(facts)}</title>"
        f'<rect x="{x}" y="{y}" width="{_WIDTH}" height="{_height(step)}" rx="5" fill="{colour}" fill-opacity="0.12" '
        f'stroke="{colour}"{dash}/>',
        f'<text x="{x + _PAD}" y="{y + 19}" font-weight="bold" {_TEXT}>{escape(_cut(step.title, 33))}</text>',
    ]
    for index, text in enumerate(_texts(step)):
        place = f'x="{x + _PAD}" y="{y + 37 + index * _LINE}"'
        out.append(f'<text {place} font-size="11" {_TEXT}>{escape(_cut(text, 39))}</text>')
    return [*out, "</g>"]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
