"""A recording as HTML: no JavaScript, no ids, readable untrusted, in light and in dark; red and green never by colour
alone. Durations are the only thing in it that differs between two replays of the same."""

from __future__ import annotations

import html
from collections.abc import Iterator

from pipelinelab.recording.records import CommandRecord, Recording, StepRecord
from pipelinelab.recording.summary import GLYPHS, WORDS, first_line, headline, seconds

# Mid-tones that hold 4.5:1 against both of JupyterLab's backgrounds would be grey; these come close and never stand
# without a glyph and a word.
COLOURS = {"passed": "#2e8540", "failed": "#c9302c", "skipped": "#777777", "not_run": "#777777"}
LAST = 30
"""Lines of a failing command's output that are shown at once."""


def colour(result: str) -> str:
    return COLOURS.get(result, COLOURS["failed"])


def esc(text: object) -> str:
    return html.escape(str(text), quote=True)


def mark(result: str) -> str:
    """Glyph and word of a result, coloured."""
    word = WORDS.get(result, result.replace("_", " "))
    style = f"color:{colour(result)};font-weight:600;white-space:nowrap"
    return f'<span style="{style}">{GLYPHS.get(result, "?")} {esc(word)}</span>'


def recording_html(recording: Recording) -> str:
    """A run: its headline, each step collapsed unless red, the failing command's last lines."""
    parts = [f"<div><strong>{esc(headline(recording))}</strong>"]
    parts += [step_html(step) for step in recording.steps]
    parts += [f"<div>! {esc(note.text)}</div>" for note in recording.notes]
    return "".join([*parts, "</div>"])


def step_html(step: StepRecord) -> str:
    """One step: a row for every command, its services, what is worth knowing."""
    stage = f"{step.stage} › " if step.stage else ""
    took = f", {seconds(step.seconds)}" if step.seconds is not None else ""
    head = f"{mark(step.result)} step {step.index}: {esc(stage + step.name)}{took}"
    if step.skipped_why:
        return f"<details><summary>{head}</summary>{esc(step.skipped_why)}</details>"
    rows = "".join(_row(step, command) for command in step.commands)
    table = (
        "<table><thead><tr><th></th><th style='text-align:left'>command</th><th>line</th><th>exit</th>"
        f"<th>took</th></tr></thead><tbody>{rows}</tbody></table>"
    )
    return f"<details{' open' if step.red else ''}><summary>{head}</summary>{table}{''.join(_beside(step))}</details>"


def _row(step: StepRecord, command: CommandRecord) -> str:
    text = first_line(command.command, 80)
    hidden = " <em>failed unnoticed</em>" if command.hidden_failure else ""
    code = "" if command.exit_code is None else str(command.exit_code)
    after = " (after-script)" if command.phase == "after-script" else ""
    return (
        f"<tr><td style='text-align:left'>{mark(command.result)}</td>"
        f"<td style='text-align:left'><code>{esc(text)}</code>{after}{hidden}</td>"
        f"<td>{command.yaml_line or ''}</td><td>{code}</td>"
        f"<td style='white-space:nowrap'>{seconds(command.seconds)}</td></tr>"
    )


def _beside(step: StepRecord) -> Iterator[str]:
    for service in step.services:
        ready = f"listens after {seconds(service.port_open_after_s)}" if service.port_open_after_s is not None else ""
        gone = f"ended early with exit code {service.exit_code}" if service.early else ""
        yield f"<div>service <code>{esc(service.name)}</code> {esc(gone or ready or 'never listened')}</div>"
    for wait in step.waits:
        yield f"<div>⌨ {esc(wait.process)} waits for an answer to: <code>{esc(wait.prompt)}</code></div>"
    for note in step.notes:
        yield f"<div>! {esc(note.text.splitlines()[0])}</div>"
    if (command := step.failing) is not None:
        lines = step.text_of(command).splitlines()
        shown = "\n".join(lines[-LAST:])
        more = f"the last {LAST} of {len(lines)} lines" if len(lines) > LAST else f"{len(lines)} lines"
        yield f"<details><summary>what it said ({more})</summary><pre>{esc(shown)}</pre></details>"
