"""Frames have their declared columns and dtypes, whatever is in them."""

import pytest

from pipelinelab.events import columns
from pipelinelab.recording.frames import frame, frames
from pipelinelab.recording.records import CommandRecord, Recording, StepRecord

EMPTY = Recording(run_id="r")
FULL = Recording(
    run_id="r", started_at="2026-01-01T10:00:00+00:00",
    steps=(
        StepRecord(
            index=1, name="One", log=b"\x1d+ a\none\ntwo", marks=((0, 0.5), (9, 0.75)),
            commands=(
                CommandRecord(phase="script", index=0, command="a", result="passed", started_at=0.5, begin=5, end=12),
                CommandRecord(phase="script", index=1, command="b"),
            ),
        ),
    ),
)  # fmt: skip


@pytest.mark.parametrize("recording", [EMPTY, FULL], ids=["empty", "full"])
@pytest.mark.parametrize("name", list(columns.FRAMES))
def test_columns_and_dtypes_are_those_declared(recording, name):
    found = frames(recording).get(name, frame(name, []))
    assert {column: str(dtype) for column, dtype in found.dtypes.items()} == columns.FRAMES[name]


def test_each_line_has_its_time_and_its_command():
    output = frames(FULL)["output"]
    assert list(output.text) == ["one", "two"]
    assert list(output.elapsed) == [0.5, 0.75]
    assert list(output.command) == [0, 0]


def test_a_command_that_did_not_run_has_neither_time_nor_exit_code():
    row = frames(FULL)["commands"].iloc[1]
    assert row.result == "not_run"
    assert frames(FULL)["commands"].exit_code.isna()[1]
    assert frames(FULL)["commands"].started_at.isna()[1]
    assert str(frames(FULL)["commands"].started_at[0]) == "2026-01-01 10:00:00.500000+00:00"
