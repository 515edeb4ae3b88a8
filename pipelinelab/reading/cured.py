"""A file with its safe cures in it."""

from __future__ import annotations

from pipelinelab.reading.edits import apply, safe_edits
from pipelinelab.reading.problems import Reading
from pipelinelab.reading.read import read_text

_ROUNDS = 10


def cured(reading: Reading) -> Reading:
    """The reading of the text that the safe cures give, taken until none is left; the same reading where there is
    none. A cure that brings errors the text did not have is not taken, and none that leaves what it should cure."""
    for _ in range(_ROUNDS):
        edits = safe_edits(reading.text, reading.problems)
        if not edits:
            return reading
        text = apply(reading.text, edits)
        after = read_text(text, reading.file)
        if len(after.errors) > len(reading.errors) or after.text != text or _curable(after) == _curable(reading):
            return reading
        if reading.pipelines is not None and after.pipelines is None:
            return reading
        reading = after
    return reading


def _curable(reading: Reading) -> set[tuple[str, str, int]]:
    """What the safe cures are for, and in which line: the same before and after a cure that cures nothing."""
    return {(one.code, one.message, one.span.line) for one in reading.problems if one.fix and one.fix.safe}
