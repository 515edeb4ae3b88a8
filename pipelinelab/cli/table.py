"""Plain-text tables of plans and recordings."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence

from pipelinelab.planning.plan import Plan
from pipelinelab.recording.records import Recording
from pipelinelab.recording.summary import GLYPHS, first_line, seconds


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> str:
    """Columns as wide as their widest cell; the columns in ``right`` are right-aligned."""
    every = [list(head), *map(list, rows)]
    widths = [max(len(row[column]) for row in every) for column in range(len(head))]
    lines = []
    for row in every:
        cells = [c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def commands_table(recording: Recording) -> str:
    """A row for every command: step, phase, result, exit code, seconds, lines of output."""
    width = max(30, shutil.get_terminal_size((110, 24)).columns - 58)
    rows = []
    for step, command in recording.commands():
        code = "" if command.exit_code is None else str(command.exit_code)
        mark = "!" if command.hidden_failure else GLYPHS.get(command.result, "?")
        count = "" if command.result == "not_run" else str(step.output_of(command).count(b"\n"))
        rows.append((str(step.index), command.phase, str(command.yaml_line or ""),
                     first_line(command.command, width), f"{mark} {command.result}", code,
                     seconds(command.seconds), count))  # fmt: skip
    return table(
        ("step", "phase", "line", "command", "result", "exit", "took", "output"), rows, frozenset({0, 2, 5, 6, 7})
    )


def plan_lines(plan: Plan) -> Iterator[str]:
    """A plan, step by step: what would run, with which services and memory, and what would not and why."""
    yield f"pipeline {plan.pipeline} at {plan.commit[:12]} ({plan.branch or 'no branch'})"
    for step in plan.steps():
        beside = f" ∥ group {step.group}" if step.group is not None else ""
        stage = f"{step.stage} › " if step.stage else ""
        yield f"{step.index} {stage}{step.name}{beside}: {step.image.name}, {step.memory_mib} MiB"
        if why := step.skipped or step.guarded:
            yield f"    not run: {why}" + ("" if step.skipped else " (--deploy-for-real runs it)")
        if step.state:
            yield f"    only if {step.state}"
        if step.concurrency_group:
            yield f"    one at a time in the concurrency group {step.concurrency_group}"
        for service in step.services:
            yield f"    service {service.name}: {service.image.name}, {service.memory_mib} MiB"
        for item in step.items:
            yield f"    {'+' if item.phase == 'script' else '+ (after)'} {first_line(item.text, 90)}"
