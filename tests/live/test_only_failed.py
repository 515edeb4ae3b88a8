"""After a red replay, ``--only-failed`` runs the red steps and those that waited for them, with what the green ones
left."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support import git, repository, run_of, said, standing

from pipelinelab.errors import UsageError
from pipelinelab.planning.context import Options
from pipelinelab.session.homes import Home
from pipelinelab.session.unfinished import Unfinished

pytestmark = pytest.mark.live
LAB = str(Path(sys.executable).with_name("pipelinelab"))
AGAIN = Options(only_failed=True)
FILE = """
image: pipelinelab/base
pipelines:
  default:
    - step:
        name: Build
        script: ["date +%N > stamp; cp stamp dist.txt; cat stamp", "echo V=7 >> $BITBUCKET_PIPELINES_VARIABLES_PATH"]
        artifacts: [dist.txt]
        output-variables: [V]
    - step: {name: Test, script: ["cat dist.txt", "echo v=$V", "test -e fixed"], artifacts: [dist.txt]}
    - step: {name: Last, script: ["cat dist.txt", "test -e fixed-too"]}
"""


def results(run) -> dict[str, str]:
    return {one.name: one.result for one in run.recording.steps}


def change(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_text("new\n")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "fix")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return repository(tmp_path / "shop", FILE)


def test_green_steps_are_not_run_again_and_what_they_left_is_there_until_all_is_green(shop: Path, docker, tmp_path):
    first = run_of(shop, docker)
    assert results(first) == {"Build": "passed", "Test": "failed", "Last": "skipped"}
    stamp = said(first.recording.steps[0], 0)
    change(shop, "fixed")
    second = run_of(shop, docker, options=AGAIN)
    assert results(second) == {"Build": "skipped", "Test": "passed", "Last": "failed"}
    assert second.recording.steps[0].skipped_why == f"it passed in run {first.run_id}"
    assert said(second.recording.steps[1], 0) == stamp
    assert said(second.recording.steps[1], 1) == "v=7\n"
    assert any("that were green at" in note for note in second.recording.facts["notes"])
    change(shop, "fixed-too")
    third = run_of(shop, docker, options=AGAIN)
    assert third.ok
    assert third.steps.skipped_why.tolist()[:2] == [f"it passed in run {run.run_id}" for run in (first, second)]
    assert said(third.recording.steps[2], 0) == stamp
    assert not list(Home(shop).unfinished.glob("*/*"))
    assert standing(docker, tmp_path) == []
    assert git(shop, "status", "--porcelain") == ""
    with pytest.raises(UsageError, match="no step of default was red in run"):
        run_of(shop, docker, options=AGAIN)


def test_what_was_left_and_is_gone_is_told(shop: Path, docker):
    run_of(shop, docker)
    Unfinished(Home(shop).unfinished, "default").forget()
    again = run_of(shop, docker, options=AGAIN)
    assert any("is not here any more" in note.text for note in again.recording.notes)
    assert again.result == "failed"


def test_without_an_earlier_replay_the_command_line_says_so(shop: Path):
    done = subprocess.run([LAB, "replay", str(shop), "--only-failed"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "error: default was not replayed here yet" in done.stderr
    assert "→ replay it once without --only-failed" in done.stderr


def test_steps_that_changed_since_are_not_guessed_at(shop: Path, docker):
    run_of(shop, docker)
    (shop / "bitbucket-pipelines.yml").write_text(FILE.replace("name: Test", "name: Check"))
    change(shop)
    with pytest.raises(UsageError, match="step 2 was 'Test', and is 'Check' now") as refused:
        run_of(shop, docker, options=AGAIN)
    assert refused.value.hint == "replay it without --only-failed"


CHILD = """
image: pipelinelab/base
pipelines:
  default:
    - step: {name: Scan, type: pipeline, custom: scan}
  custom:
    scan:
      - step: {name: One, script: ["echo one > one.txt"], artifacts: [one.txt]}
      - step: {name: Two, script: ["cat one.txt", "test -e fixed"]}
"""


def test_a_child_pipeline_is_taken_up_at_its_red_step_too(docker, tmp_path):
    shop = repository(tmp_path / "shop", CHILD)
    assert results(run_of(shop, docker)) == {"One": "passed", "Two": "failed"}
    change(shop, "fixed")
    again = run_of(shop, docker, options=AGAIN)
    assert results(again) == {"One": "skipped", "Two": "passed"}
    assert said(again.recording.steps[1], 0) == "one\n"
