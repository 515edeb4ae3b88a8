"""A recording in a few lines of plain text. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from pipelinelab.recording.records import CommandRecord, Recording, StepRecord

GLYPHS = {
    "passed": "✔", "failed": "✘", "skipped": "–", "not_run": "·", "stopped": "■", "lost": "?", "timed_out": "⏱",
    "waiting_for_input": "⌨", "oom": "▲", "refused": "✘",
}  # fmt: skip
WORDS = {
    "failed": "failed", "stopped": "was stopped", "lost": "was lost", "timed_out": "ran out of time",
    "waiting_for_input": "waits for input", "oom": "ran out of memory", "passed": "passed",
}  # fmt: skip


def seconds(value: float | None) -> str:
    """A duration as people read it: 0.04 s, 12.3 s, 2 min 05 s."""
    if value is None:
        return ""
    if value < 60:
        return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"
    return f"{int(value // 60)} min {int(value % 60):02} s"


def first_line(command: str, width: int = 60) -> str:
    """A command's first line, shortened."""
    lines = [line for line in command.strip().splitlines() if line.strip()] or [""]
    text = lines[0].strip() + (" …" if len(lines) > 1 else "")
    return text if len(text) <= width else text[: width - 1] + "…"


def headline(recording: Recording) -> str:
    """What came out, in one line that names the failing command."""
    count = sum(step.result not in ("skipped", "not_run") for step in recording.steps)
    skipped = len(recording.steps) - count
    start = f"{GLYPHS.get(recording.result, '?')} {recording.pipeline or recording.source}: "
    if recording.result == "passed" and not count:
        return f"– {recording.pipeline or recording.source}: none of {skipped} steps was run"
    if recording.result == "passed":
        text = f"passed, {count} step{'s' * (count != 1)}"
        return start + text + (f", {skipped} not run" if skipped else "")
    step = recording.red_step
    if step is None:
        return start + WORDS.get(recording.result, recording.result)
    command = step.failing
    if command is None:
        return f"{start}step {step.index} {step.name!r} {WORDS.get(step.result, step.result)}"
    return f"{start}{failure(step, command)}"


def failure(step: StepRecord, command: CommandRecord) -> str:
    """Which command of which step came to what."""
    line = f" (line {command.yaml_line})" if command.yaml_line else ""
    code = f" with exit code {command.exit_code}" if command.result == "failed" and command.exit_code else ""
    verb = WORDS.get(command.result, command.result)
    return f"step {step.index} {step.name!r}: `{first_line(command.command)}`{line} {verb}{code}"


def lines(recording: Recording) -> Iterator[str]:
    """The summary: a line a step, the failing command's last words, what is worth knowing."""
    for step in recording.steps:
        glyph = GLYPHS.get(step.result, "?")
        ran = sum(command.result not in ("not_run",) for command in step.commands)
        told = (f"{ran} of {len(step.commands)} commands", seconds(step.seconds))
        detail = step.skipped_why or ", ".join(filter(None, told))
        yield f"{glyph} {step.index} {step.name}: {WORDS.get(step.result, step.result)} ({detail})"
        for command in step.commands:
            if command.hidden_failure:
                codes = " ".join(map(str, command.pipestatus)) if len(command.pipestatus) > 1 else command.exit_code
                yield f"  ! `{first_line(command.command)}` failed unnoticed (exit {codes}): the script went on"
        for note in step.notes:
            yield "  ! " + note.text.replace("\n", "\n    ")
        for wait in step.waits:
            yield f"  ⌨ {wait.process} waits for an answer to: {wait.prompt or 'nothing it printed'}"
    for note in recording.notes:
        yield "! " + note.text
    yield headline(recording)
