"""What is printed while a run goes on."""

from __future__ import annotations

import io

from pipelinelab.cli.live import Live
from pipelinelab.events.types import Note, Output, StepEnded, StepSkipped, StepStarted


def printed(*events) -> list[str]:
    out = io.StringIO()
    live = Live(out, colour=False)
    for event in events:
        live(event)
    return out.getvalue().splitlines()


def test_lines_of_steps_that_run_at_the_same_time_carry_their_names_and_others_do_not():
    lines = printed(
        StepStarted(at=0, step=1, name="First", image_asked="x"),
        Output(step=1, at=0, data=b"alone\n"),
        StepEnded(at=1, step=1, result="passed", exit_code=0),
        StepStarted(at=1, step=2, name="Child", stage="Scan", image_asked="x"),
        StepStarted(at=1, step=3, name="Beside", image_asked="x"),
        Output(step=2, at=1, data=b"two\nthree\n"),
        StepEnded(at=2, step=2, result="passed", exit_code=0),
        StepEnded(at=3, step=3, result="failed", exit_code=1),
        StepStarted(at=3, step=4, name="Last", image_asked="x"),
        Output(step=4, at=3, data=b"alone again\n"),
    )
    assert "alone" in lines
    assert lines[lines.index("Child │ two") + 1] == "Child │ three"
    assert "Child │ ✔ step 2 passed, 1.00 s" in lines
    assert "Beside │ ✘ step 3 failed, 2.00 s" in lines
    assert "alone again" in lines


def test_why_a_step_waits_or_does_not_run_is_said_at_once():
    waits = "step 1 'A' waits: another step of the concurrency group 'g' is running"
    assert printed(Note(at=0, kind="concurrency", text=waits, step=1),
                   StepSkipped(at=0, step=2, name="B", why="an earlier step failed")) == [
        f"! {waits}", "– step 2: B: not run: an earlier step failed",
    ]  # fmt: skip
