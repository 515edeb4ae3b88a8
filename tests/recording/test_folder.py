"""The run folder: written as the run happens, readable after a crash at any byte."""

import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelinelab.errors import DiskFull, RecordingError, UsageError
from pipelinelab.events import types as e
from pipelinelab.recording import folder as folders

EVENTS = (
    e.RunStarted(at=0.0, run_id="r1", pipeline="default", started_at="2026-01-01T00:00:00+00:00"),
    e.StepStarted(at=0.1, step=1, name="One", items=(("script", 0, "echo a", 4), ("script", 1, "false", 5))),
    e.Output(at=0.2, step=1, data=b"\x1d+ echo a\n"),
    e.CommandStarted(at=0.2, step=1, phase="script", index=0, offset=10),
    e.Output(at=0.3, step=1, data=b"a\n"),
    e.CommandEnded(at=0.4, step=1, phase="script", index=0, offset=12, exit_code=0, result="passed"),
    e.Output(at=0.4, step=1, data=b"\n\x1d+ false\n"),
    e.CommandStarted(at=0.5, step=1, phase="script", index=1, offset=22),
    e.ServiceOutput(at=0.5, step=1, service="my db", data=b"ready\n"),
    e.CommandEnded(at=0.6, step=1, phase="script", index=1, offset=22, exit_code=1, result="failed"),
    e.StepEnded(at=0.7, step=1, result="failed", exit_code=1),
    e.RunEnded(at=0.8, result="failed", exit_code=1),
)


@pytest.fixture
def run(tmp_path):
    return written(tmp_path / "r1")


def written(folder, events=EVENTS, cap=10**6):
    writer = folders.Writer(folder, cap)
    for event in events:
        writer(event)
    writer.close()
    return folder


def test_what_was_written_is_read(run):
    found = folders.read(run)
    assert (found.run_id, found.result, found.complete) == ("r1", "failed", True)
    first, second = found.steps[0].commands
    assert found.steps[0].text_of(first) == "a\n"
    assert (second.result, second.exit_code, second.yaml_line) == ("failed", 1, 5)
    assert found.steps[0].elapsed_at(10) == pytest.approx(0.3)
    assert found.steps[0].services[0].log == b"ready\n"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_run_folder_cut_off_at_any_byte_is_still_read(run, tmp_path, data):
    cut = tmp_path / "cut"
    shutil.rmtree(cut, ignore_errors=True)
    shutil.copytree(run, cut)
    for path in sorted(cut.rglob("*.*")):
        if path.is_file():
            content = path.read_bytes()
            path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    whole = (cut / "events.jsonl").read_bytes().count(b"\n")
    if not whole:
        return
    found = folders.read(cut)
    assert found.run_id == "r1"
    assert found.complete == (found.result == "failed")
    for step, command in found.commands():
        assert command.index == 1 or b"a\n\n\x1d+ false\n".startswith(step.output_of(command))
        assert command.result in ("passed", "failed", "not_run", "lost")


def test_after_each_event_what_came_before_is_on_disk(tmp_path):
    writer = folders.Writer(tmp_path / "r1", 10**6)
    for number, event in enumerate(EVENTS):
        writer(event)
        found = folders.read(tmp_path / "r1")
        assert found.complete == (number == len(EVENTS) - 1)
    writer.close()


def test_the_cap_is_told_once_and_keeps_to_the_byte(tmp_path):
    writer = folders.Writer(tmp_path / "r1", 25)
    told = [writer(e.Output(at=1.0, step=1, data=b"x" * 10)) for _ in range(6)]
    writer.close()
    assert [type(one).__name__ for one in told] == [
        "NoneType",
        "NoneType",
        "LogCapped",
        "NoneType",
        "NoneType",
        "NoneType",
    ]
    assert (tmp_path / "r1/output/01.log").stat().st_size == 25


def test_a_folder_without_a_recording_and_one_cut_off_at_its_first_line_are_told(tmp_path):
    with pytest.raises(RecordingError, match="holds no recording"):
        folders.read(tmp_path)
    (tmp_path / "events.jsonl").write_bytes(b'{"event":"run_st')
    with pytest.raises(RecordingError, match="cut off before it began"):
        folders.read(tmp_path)


def test_a_run_is_found_by_a_part_of_its_name_that_no_other_has(tmp_path):
    for name in ("20260101-000000-0001", "20260101-000000-0002", "20260102-000000-0003"):
        written(tmp_path / name, EVENTS[:1])
    assert folders.find(tmp_path, "last").name.endswith("0003")
    assert folders.find(tmp_path, "0001").name.endswith("0001")
    for wanted, says in (("2026", "more than one"), ("x", "no run is called")):
        with pytest.raises(UsageError, match=says):
            folders.find(tmp_path, wanted)
    folders.prune(tmp_path, 1)
    assert folders.run_ids(tmp_path) == ["20260102-000000-0003"]


def test_a_full_disk_has_its_own_error(tmp_path):
    writer = folders.Writer(tmp_path / "r1", 10**6)
    writer._open["events.jsonl"] = open("/dev/full", "wb", buffering=0)  # noqa: SIM115, PTH123
    with pytest.raises(DiskFull, match="full"):
        writer(EVENTS[0])
    writer.close()


def test_a_run_folder_is_made_once(tmp_path):
    assert folders.create(tmp_path / "runs" / "r1")
    assert not folders.create(tmp_path / "runs" / "r1")
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError, match="cannot be written"):
        folders.create(tmp_path / "file" / "r1")
