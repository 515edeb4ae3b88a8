"""What is gathered from past reports: runs of several reports, quiet outputs, names that several tests share."""

from pathlib import Path

import pytest

from pipelinelab.errors import UsageError
from pipelinelab.recording.frames import frame
from pipelinelab.session import past

RED = '<testcase classname="s" name="a"><failure message="boom"/></testcase>'
GREEN = '<testcase classname="s" name="a"/>'


def written(path: Path, *cases: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'<testsuite tests="{len(cases)}">{"".join(cases)}</testsuite>')
    return path


def names(folder: Path, **how: object) -> list[tuple[str, str, str]]:
    return [(row["run_id"], row["test"], row["outcome"]) for row in past.gather(folder, [], **how)]


def test_a_quiet_log_beside_a_report_of_its_run_is_left_out(tmp_path):
    written(tmp_path / "1" / "a.xml", RED)
    (tmp_path / "1" / "console.log").write_text(
        "=== short test summary info ===\nFAILED s.py::a\n1 failed, 3 passed in 1.0s\n"
    )
    assert names(tmp_path) == [("1", "a", "failed")]


def test_quiet_logs_are_refused_unless_the_failures_will_do(tmp_path):
    for number in "12":
        log = "=== short test summary info ===\nFAILED s.py::a\n1 failed, 3 passed in 1.0s\n"
        (tmp_path / f"{number}.log").write_text(log)
    with pytest.raises(UsageError, match=r"1\.log: it only counts 3 tests .* \(and 1 more like it\)"):
        names(tmp_path)
    assert names(tmp_path, failures_do=True) == [("1", "a", "failed"), ("2", "a", "failed")]


def test_one_report_that_shows_two_tests_of_a_name_tells_them_apart_in_all(tmp_path):
    written(tmp_path / "1.xml", RED, GREEN)
    written(tmp_path / "2.xml", GREEN, RED)
    assert names(tmp_path) == [("1", "a", "failed"), ("1", "a #2", "passed"), ("2", "a", "passed"),
                               ("2", "a #2", "failed")]  # fmt: skip
    history = frame("tests", past.gather(tmp_path, []))
    again = written(tmp_path / "later" / "3.xml", RED, GREEN)
    assert names(again, apart=past.apart(history)) == [("3", "a", "failed"), ("3", "a #2", "passed")]


def test_a_test_that_was_run_again_until_it_passed_keeps_its_name(tmp_path):
    written(tmp_path / "1.xml", RED, GREEN)
    written(tmp_path / "2.xml", GREEN)
    assert [test for _, test, _ in names(tmp_path)] == ["a", "a", "a"]


def test_reports_of_one_run_may_each_tell_of_the_same_test(tmp_path):
    written(tmp_path / "1" / "first.xml", GREEN)
    written(tmp_path / "1" / "second.xml", GREEN)
    assert [test for _, test, _ in names(tmp_path)] == ["a", "a"]
