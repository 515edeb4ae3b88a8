"""Problems as plain HTML for a notebook: no scripts, no ids, nothing fetched."""

from __future__ import annotations

from html import escape

from pipelinelab.reading.problems import Problem, Reading
from pipelinelab.reading.report import caret, cure, summary
from pipelinelab.reading.yaml_tree import Lines

COLOURS = {"error": "#c0392b", "warning": "#b7791f", "hint": "#2f6fab"}


def render_html(reading: Reading) -> str:
    """The summary, and each problem with its lines; hints are folded."""
    lines = Lines(reading.text, reading.file)
    out = [f"<div><b>{escape(reading.file)}</b>: {escape(summary(reading.problems))}</div>"]
    out += [_one(problem, lines) for problem in (*reading.errors, *reading.warnings)]
    if reading.hints:
        hints = "".join(_one(problem, lines) for problem in reading.hints)
        out.append(
            f"<details><summary>{len(reading.hints)} hint{'s' * (len(reading.hints) != 1)}</summary>{hints}</details>"
        )
    return "".join(out)


def _one(problem: Problem, lines: Lines) -> str:
    colour = COLOURS[problem.severity]
    rows = [
        (name, text) for name, text in (
            ("expected", problem.expected), ("found", problem.found), ("help", problem.suggestion),
            ("Bitbucket", problem.bitbucket_says),
        ) if text
    ]  # fmt: skip
    facts = "".join(f"<div><i>{name}</i> {escape(text)}</div>" for name, text in rows)
    changes = "\n".join(cure(problem, lines))
    diff = f"<pre style='margin:4px 0'>{escape(changes)}</pre>" if changes else ""
    shown = escape("\n".join(caret(problem, lines)))
    return (
        f"<div style='border-left:3px solid {colour};padding:2px 10px;margin:8px 0'>"
        f"<div><b style='color:{colour}'>{problem.severity} {problem.code}</b> line {problem.span.line}, column "
        f"{problem.span.column}: {escape(problem.message)}</div>"
        f"<pre style='margin:4px 0'>{shown}</pre>{facts}{diff}</div>"
    )
