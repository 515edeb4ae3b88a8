"""What helps where no rule fits: the failing command, its last words, its errors, and what a green run lacks. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipelinelab.diagnosis.compare import unseen_lines
from pipelinelab.diagnosis.errors import MAVEN_ADVICE, errors_in
from pipelinelab.diagnosis.nature import nature_of
from pipelinelab.diagnosis.regions import failing_of
from pipelinelab.diagnosis.values import Unexplained
from pipelinelab.recording.log_text import readable, strip_ansi, strip_prefixes
from pipelinelab.recording.records import Recording, StepRecord

_IDLE = re.compile(
    rf"# exit=|[0-9a-f]{{12}}: (?:Pull|Waiting|Download|Verifying|Extracting)|\[ERROR\] *(?:$|{MAVEN_ADVICE})"
)  # a recorder's end mark, the layers of an image, Maven's advice
_FRAME = re.compile(r"\s+at |\s+\.\.\. \d+ more")
_WORDS = 15


def unexplained_of(recording: Recording, step: StepRecord | None, green: Recording | None) -> Unexplained:
    """The evidence of a step that no rule explains; ``green`` is a run of the same commands that passed."""
    if step is None:
        return Unexplained()
    number, failing = failing_of(step)
    output = step.output_of(failing) if failing else step.log
    plain = readable(strip_prefixes(strip_ansi(output[-400_000:])))
    words = _without_frames(line for line in plain[-20_000:].split("\n") if line.strip() and not _IDLE.match(line))
    unseen: tuple[tuple[int, str], ...] = ()
    if green is not None and green.steps:
        match = next((s for s in green.steps if s.name == step.name), green.steps[0])
        unseen = unseen_lines(step.log, match.log)[:40]
    code = failing.exit_code if failing else step.exit_code
    errors = errors_in(recording, step.index, reach=1_000_000)
    own = tuple(error for error in errors if error.command == number)
    return Unexplained(
        step.index, failing.command if failing else "", code, tuple(line[:500] for line in words[-_WORDS:]),
        (own or errors)[-20:], unseen, nature_of(plain),
    )  # fmt: skip


def _without_frames(lines: Iterable[str]) -> list[str]:
    """Of the frames of a stack, which would crowd out what was said, the first two."""
    kept: list[str] = []
    frames = 0
    for line in lines:
        frames = frames + 1 if _FRAME.match(line) else 0
        if frames <= 2:
            kept.append(line)
    return kept
