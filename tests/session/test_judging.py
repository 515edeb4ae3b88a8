"""What came of a cure, from the recordings before and after it."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from pipelinelab.diagnosis import Diagnosis, Evidence, Finding
from pipelinelab.recording.records import CommandRecord, Recording, StepRecord
from pipelinelab.session.judging import all_green, outcome, within
from pipelinelab.session.run import Run

DENIED = b"./run.sh: Permission denied\n"


def finding(rule: str = "permission-denied", title: str = "The script may not be run") -> Finding:
    said = Evidence("log", "step 1", DENIED.decode().strip(), 1, 1)
    return Finding(rule=rule, title=title, category="shell", severity="error", confidence=0.9, cause="", cure="",
                   evidence=(said,))  # fmt: skip


def run(code: int, said: bytes, *, command: str = "./run.sh", result: str = "failed", why: str = "") -> Run:
    failing = CommandRecord(phase="script", index=0, command=command, exit_code=code, result=result, end=len(said))
    step = StepRecord(index=1, name="Test", result=result, commands=(failing,), log=said, skipped_why=why)
    passed = result in ("passed", "skipped")
    recording = Recording(run_id="1", result="passed" if passed else "failed", steps=(step,))
    failed = None if passed else (step, failing)
    return cast(Run, SimpleNamespace(recording=recording, ok=passed, failing=failed))


def judged(after: Run, *rules: str) -> tuple[str, str]:
    following = None if after.ok else Diagnosis("red", tuple(finding(rule, "The next one") for rule in rules))
    return outcome(run(126, DENIED), after, finding(), following)


def test_a_green_run_proves() -> None:
    assert judged(run(0, b"", result="passed")) == ("proven", "")


def test_a_green_run_that_left_the_failed_step_out_proves_nothing() -> None:
    what, came = judged(run(0, b"", result="skipped", why="it deploys"))
    assert what == "no change" and "it deploys" in came


def test_the_same_words_of_the_same_command_are_no_change() -> None:
    assert judged(run(126, DENIED), "permission-denied")[0] == "no change"
    assert judged(run(126, DENIED), "told-denied", "permission-denied")[0] == "no change"
    assert judged(run(126, DENIED))[0] == "no change"


def test_another_failure_of_the_same_command_is_progress_though_no_rule_knows_it() -> None:
    assert judged(run(9, b"no such mode\n"))[0] == "moved on"


def test_another_rule_or_command_is_progress() -> None:
    assert judged(run(1, b"x\n"), "python-syntax") == ("moved on", "the next one")
    assert judged(run(7, b"", command="exit 7"))[0] == "moved on"


def test_what_passed_before_and_fails_now_is_harm() -> None:
    before = run(126, DENIED)
    first = CommandRecord(phase="script", index=0, command="npm ci", exit_code=0, result="passed")
    step = before.recording.steps[0]
    steps = (replace(step, commands=(first, *step.commands)),)
    before = cast(Run, SimpleNamespace(recording=replace(before.recording, steps=steps), ok=False, failing=None))
    after = run(1, b"", command="npm ci")
    assert outcome(before, after, finding(), Diagnosis("red"))[0] == "harmful"


def test_what_was_not_run_is_told_beside_what_is_green() -> None:
    step = StepRecord(index=2, name="Deploy", result="skipped", skipped_why="it waits for a person")
    after: Any = SimpleNamespace(recording=Recording(run_id="1", result="passed", steps=(step,)))
    assert all_green(after) == "all that was run is green (not run: Deploy – it waits for a person)"
    assert all_green(run(0, b"", result="passed")) == "all is green"


@pytest.mark.parametrize(
    ("title", "inside"),
    [
        ("The step has no git", "the step has no git"),
        ("MySQL is not ready", "MySQL is not ready"),
        ("Django", "Django"),
    ],
)
def test_a_title_in_a_sentence_keeps_the_capital_of_a_name(title: str, inside: str) -> None:
    assert within(title) == inside
