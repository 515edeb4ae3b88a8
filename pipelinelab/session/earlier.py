"""The last replay of a pipeline: which of its steps were green, and what those left for the steps after them."""

from __future__ import annotations

from pipelinelab.errors import UsageError
from pipelinelab.planning.narrow import Past
from pipelinelab.recording.folder import read, run_ids
from pipelinelab.recording.records import PASSED, Recording
from pipelinelab.session.flow import BESIDE, EARLIER, STOPPED
from pipelinelab.session.homes import Home

GREEN = "green"
"""The fact of a run that holds, by number, in which earlier run each step passed that this one did not run again."""


def last(home: Home, pipeline: str) -> Past:
    """What came of the steps when this pipeline was last replayed; replays that proved a cure are no such. Raises
    UsageError where it never was."""
    for run_id in reversed(run_ids(home.runs)):
        recording = read(home.runs / run_id)
        if recording.pipeline == pipeline and recording.parent_run is None and recording.source == "replay":
            return past(recording)
    raise UsageError(f"{pipeline} was not replayed here yet", "replay it once without --only-failed")


def past(recording: Recording) -> Past:
    """A recording as ``--only-failed`` looks at it."""
    known = {step.index: step for step in recording.steps}
    before = {int(index): run for index, run in recording.facts.get(GREEN, {}).items()}
    held_up = {EARLIER, BESIDE, STOPPED}
    return Past(
        run_id=recording.run_id,
        steps={index: (step.name, step.stage, step.group) for index, step in known.items()},
        green={index: recording.run_id for index, step in known.items() if step.result == PASSED}
        | {index: run for index, run in before.items() if index in known and known[index].result == "skipped"},
        red=frozenset(index for index, step in known.items() if step.red or step.skipped_why in held_up),
        left=any(one.action in ("captured", "downloaded") for step in known.values() for one in step.artifacts),
        commit=recording.commit,
    )
