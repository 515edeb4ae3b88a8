"""What helps where no rule fits: the failing command, its last words, its errors, and what a green run lacks. Pure."""

from __future__ import annotations

import re

from pipelinelab.diagnosis.compare import unseen_lines
from pipelinelab.diagnosis.errors import errors_in
from pipelinelab.diagnosis.nature import nature_of
from pipelinelab.diagnosis.regions import failing_of
from pipelinelab.diagnosis.values import Unexplained
from pipelinelab.recording.log_text import readable
from pipelinelab.recording.records import Recording, StepRecord

_IDLE = re.compile(
    r"# exit=|[0-9a-f]{12}: (?:Pull|Waiting|Download|Verifying|Extracting)"
)  # a recorder's end mark, the layers of an image


def unexplained_of(recording: Recording, step: StepRecord | None, green: Recording | None) -> Unexplained:
    """The evidence of a step that no rule explains; ``green`` is a run of the same commands that passed."""
    if step is None:
        return Unexplained()
    _number, failing = failing_of(step)
    output = step.output_of(failing) if failing else step.log
    plain = readable(output[-400_000:])
    words = [line for line in plain[-20_000:].split("\n") if line.strip() and not _IDLE.match(line)][-15:]
    unseen: tuple[tuple[int, str], ...] = ()
    if green is not None and green.steps:
        match = next((s for s in green.steps if s.name == step.name), green.steps[0])
        unseen = unseen_lines(step.log, match.log)[:40]
    code = failing.exit_code if failing else step.exit_code
    return Unexplained(
        step.index, failing.command if failing else "", code, tuple(line[:500] for line in words),
        errors_in(recording, step.index, reach=1_000_000)[-20:], unseen, nature_of(plain),
    )  # fmt: skip
