"""A file with its safe cures in it."""

from __future__ import annotations

from pipelinelab.reading.edits import apply, safe_edits
from pipelinelab.reading.problems import Reading
from pipelinelab.reading.read import read_text

_ROUNDS = 10


def cured(reading: Reading) -> Reading:
    """The reading of the text that the safe cures give, taken until none is left; the same reading where there is
    none. A cure that brings errors the text did not have is not taken."""
    for _ in range(_ROUNDS):
        edits = safe_edits(reading.text, reading.problems)
        if not edits:
            return reading
        after = read_text(apply(reading.text, edits), reading.file)
        if len(after.errors) > len(reading.errors) or after.text == reading.text:
            return reading
        if reading.pipelines is not None and after.pipelines is None:
            return reading
        reading = after
    return reading
