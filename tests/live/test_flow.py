"""What runs, in which order and beside what: stages, parallel groups, child pipelines, final steps, groups."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from support import item, pipelines, repository, run_of, said, standing, step

from pipelinelab.events.types import Note, StepEnded, StepStarted
from pipelinelab.planning.context import Options

pytestmark = pytest.mark.live


def results(run) -> dict[str, str]:
    return {one.name: one.result for one in run.recording.steps}


def why(run, name: str) -> str:
    return next(one.skipped_why for one in run.recording.steps if one.name == name)


def output(run, name: str) -> str:
    return said(next(one for one in run.recording.steps if one.name == name), 0)


def together(run, first: str, second: str) -> bool:
    """Whether two steps ran at the same time for a while."""
    one, two = (next(s for s in run.recording.steps if s.name == name) for name in (first, second))
    return one.started_at < two.started_at + two.seconds and two.started_at < one.started_at + one.seconds


WHOLE = {
    "definitions": {
        "caches": {"deps": "deps"},
        "services": {"db": {"image": "pipelinelab/mysql", "variables": {"MYSQL_ROOT_PASSWORD": "root"}}},
    },
}


def test_two_stages_and_a_group_of_three_with_services_caches_and_artifacts_run_right_and_leave_nothing(
    docker, tmp_path, mysql
):
    reach = "(exec 3<>/dev/tcp/127.0.0.1/3306) && echo reached"
    text = pipelines(
        {"stage": {"name": "Build", "steps": [
            step(["mkdir -p deps dist; echo dep > deps/x; echo built > dist/a.txt"], name="Make", caches=["deps"],
                 artifacts=["dist/**"]),
        ]}},
        {"stage": {"name": "Test", "steps": [
            {"parallel": [
                step([reach, "cat dist/a.txt; sleep 2"], name="With database", services=["db"]),
                step(["cat dist/a.txt; sleep 2"], name="With files", caches=["deps"]),
                step(["ls dist 2>&1 || true; sleep 2"], name="Without", artifacts={"download": False}),
            ]},
            step(["cat dist/a.txt"], name="Last"),
        ]}},
        **WHOLE,
    )  # fmt: skip
    folder = repository(tmp_path / "repository", text)
    volumes = {one["Name"] for one in docker.client.volumes()["Volumes"] or ()}
    run = run_of(folder, docker)
    assert set(results(run).values()) == {"passed"}, run.recording.steps
    assert output(run, "With database") == "reached\n"
    assert output(run, "With files") == output(run, "Last") == "built\n"
    assert "built" not in output(run, "Without")
    assert together(run, "With database", "With files")
    frame = run.steps.set_index("name")
    assert list(frame.stage) == ["Build", "Test", "Test", "Test", "Test"]
    assert list(frame.group.fillna(0)) == [0, 1, 1, 1, 0]
    assert frame.skipped_why.isna().all()
    assert {(one.step, one.action) for one in run.caches.itertuples()} >= {(1, "miss"), (1, "saved"), (3, "hit")}
    assert run.services.service.tolist() == ["db"]
    assert standing(docker, tmp_path) == []
    assert {one["Name"] for one in docker.client.volumes()["Volumes"] or ()} <= volumes
    assert not list((folder / ".pipelinelab" / "scratch").glob("*"))


def test_in_a_group_with_fail_fast_a_failure_stops_the_others_but_not_one_of_a_step_without_it(lab):
    group = {"fail-fast": True, "steps": [
        step(["exit 3"], name="Harmless", **{"fail-fast": False}), step(["sleep 3; exit 3"], name="Red"),
        step(["sleep 60"], name="Beside"),
    ]}  # fmt: skip
    began = time.monotonic()
    run = lab(pipelines({"parallel": group}, step(["true"], name="After")))
    assert time.monotonic() - began < 40
    assert run.result == "failed"
    assert results(run) == {"Harmless": "failed", "Red": "failed", "Beside": "stopped", "After": "skipped"}
    assert why(run, "After") == "an earlier step failed"


def test_without_fail_fast_the_others_of_the_group_end_by_themselves(lab):
    run = lab(pipelines({"parallel": [step(["exit 3"], name="Red"), step(["sleep 2"], name="Beside")]}))
    assert results(run) == {"Red": "failed", "Beside": "passed"}


def test_a_manual_stage_waits_with_all_of_its_steps_until_it_is_started(lab):
    text = pipelines(
        step(["echo built"], name="Build"),
        {"stage": {"name": "Later", "trigger": "manual", "steps": [
            step(["echo 1"], name="One"), step(["echo 2"], name="Two")]}},
    )  # fmt: skip
    run = lab(text)
    assert results(run) == {"Build": "passed", "One": "skipped", "Two": "skipped"}
    assert run.steps.skipped_why.tolist()[1:] == ["it waits for a manual trigger: give --manual to run it"] * 2
    assert set(results(lab(text, options=Options(manual=True))).values()) == {"passed"}


def test_a_stage_shares_its_condition_and_its_deployment_with_its_steps(lab):
    text = pipelines(
        {"stage": {"name": "Docs", "condition": {"changesets": {"includePaths": ["docs/**"]}},
                   "steps": [step(["echo 1"], name="One"), step(["echo 2"], name="Two")]}},
        {"stage": {"name": "Ship", "deployment": "test", "steps": [
            step(["echo $BITBUCKET_DEPLOYMENT_ENVIRONMENT"], name="Three"), step(["echo 4"], name="Four")]}},
    )  # fmt: skip
    run = lab(text)
    assert "docs/**" in why(run, "One")
    assert "docs/**" in why(run, "Two")
    assert "it deploys to test" in why(run, "Three")
    assert "it deploys to test" in why(run, "Four")
    assert output(lab(text, options=Options(deploy_for_real=True)), "Three") == "test\n"


def test_a_final_step_runs_though_an_earlier_one_failed_and_the_run_stays_red(lab):
    final = {"final": step(["echo clearing up"], name="Final")["step"]}
    run = lab(pipelines(step(["exit 3"], name="Red"), step(["true"], name="Not run"), final))
    assert run.result == "failed"
    assert results(run) == {"Red": "failed", "Not run": "skipped", "Final": "passed"}


CHILD = """
image: pipelinelab/base
pipelines:
  default:
    - step:
        name: Version
        script: ["echo VERSION=1.2 >> $BITBUCKET_PIPELINES_VARIABLES_PATH; mkdir dist; echo x > dist/x", "true"]
        output-variables: [VERSION]
        artifacts: [dist/**]
    - parallel:
        - step: {name: Scan, type: pipeline, custom: scan, input-variables: {OF: v$VERSION, LEVEL: $DEPTH}}
        - step: {name: Beside, script: ["sleep 4; echo of=$OF v=$VERSION"]}
    - step: {name: Last, script: ["echo of=$OF v=$VERSION inner=$INNER; ls dist"]}
  custom:
    scan:
      - variables: [{name: LEVEL, default: low}]
      - step:
          name: One
          script:
            - echo $LEVEL of=$OF v=$VERSION; ls dist 2>&1 || true; echo INNER=i >> $BITBUCKET_PIPELINES_VARIABLES_PATH
          output-variables: [INNER]
      - step: {name: Two, script: ["echo inner=$INNER of=$OF; sleep 1"]}
"""


def test_a_child_pipeline_gets_its_inputs_and_shares_nothing_else_with_its_parent(lab):
    run = lab(CHILD, variables={"DEPTH": "deep"})
    assert set(results(run).values()) == {"passed"}
    one = output(run, "One").splitlines()
    assert one[0] == "deep of=v1.2 v="
    assert "No such file" in one[1]
    assert output(run, "Two") == "inner=i of=v1.2\n"
    assert output(run, "Beside") == "of= v=1.2\n"
    assert output(run, "Last") == "of= v=1.2 inner=\nx\n"
    assert together(run, "One", "Beside")
    assert together(run, "Two", "Beside")
    assert not together(run, "One", "Two")
    assert run.steps.set_index("name").stage.fillna("").to_dict() == {
        "Version": "", "One": "Scan", "Two": "Scan", "Beside": "", "Last": "",
    }  # fmt: skip


def test_a_red_child_ends_at_its_red_step_and_its_parent_after_it(lab):
    run = lab(CHILD.replace("echo $LEVEL", "exit 4; echo $LEVEL"), variables={"DEPTH": "x"})
    assert results(run) == {
        "Version": "passed", "One": "failed", "Two": "skipped", "Beside": "passed", "Last": "skipped",
    }  # fmt: skip


def test_a_condition_on_what_an_earlier_step_left_is_held_against_that(lab):
    run = lab(pipelines(
        step(["echo CHANGED=api >> $BITBUCKET_PIPELINES_VARIABLES_PATH"], name="Look",
             **{"output-variables": ["CHANGED"]}),
        step(["true"], name="Web", condition={"state": "CHANGED == web"}),
        {"parallel": [step(["true"], name="Api", condition={"state": "CHANGED == api"}),
                      step(["true"], name="Deep", condition={"state": "glob(CHANGED, 'x*')"})]},
        step(["true"], name="Main", condition={"state": "BITBUCKET_BRANCH == main && LEVEL >= 3"}),
    ), variables={"LEVEL": "3"})  # fmt: skip
    assert run.ok
    assert results(run) == {"Look": "passed", "Web": "skipped", "Api": "passed", "Deep": "skipped", "Main": "passed"}
    assert why(run, "Web") == "its condition is not met: CHANGED == web"


def test_parallel_steps_of_one_concurrency_group_run_one_after_another_in_the_order_of_the_file(lab):
    group = {"concurrency-group": "port-$BITBUCKET_BRANCH"}
    run = lab(pipelines({"parallel": [
        step(["sleep 1"], name="One", **group), step(["sleep 1"], name="Two", **group), step(["sleep 3"], name="Free"),
    ]}))  # fmt: skip
    assert set(results(run).values()) == {"passed"}
    one, two, _ = run.recording.steps
    assert one.started_at + one.seconds <= two.started_at
    assert together(run, "Free", "One")


def test_two_replays_of_one_concurrency_group_wait_for_each_other_and_the_one_that_waits_says_so(docker, tmp_path):
    text = pipelines(step(["sleep 3"], name="Alone", **{"concurrency-group": "shop"}))
    folder = repository(tmp_path / "repository", text)
    busy, seen, runs = threading.Event(), [], []

    def first(event) -> None:
        if isinstance(event, StepStarted):
            busy.set()
        if isinstance(event, StepEnded):
            seen.append("first ended")

    def second(event) -> None:
        if isinstance(event, Note | StepStarted):
            seen.append(event.text if isinstance(event, Note) else "second began")

    thread = threading.Thread(target=lambda: runs.append(run_of(folder, docker, listeners=[first])))
    thread.start()
    assert busy.wait(60)
    runs.append(run_of(folder, docker, listeners=[second]))
    thread.join()
    assert [run.result for run in runs] == ["passed", "passed"]
    waits = "step 1 'Alone' waits: another step of the concurrency group 'shop' is running"
    assert seen == [waits, "first ended", "second began"]
    assert standing(docker, tmp_path) == []


def test_a_replay_that_waits_for_its_group_can_be_stopped(docker, tmp_path):
    from pipelinelab.session.homes import Home
    from pipelinelab.system.lock import Lock

    folder = repository(tmp_path / "repository", pipelines(step(["true"], **{"concurrency-group": "shop"})))
    command = [str(Path(sys.executable).with_name("pipelinelab")), "replay", str(folder)]
    assert subprocess.run(command, capture_output=True, timeout=120).returncode == 0
    (place,) = Home(folder).groups.iterdir()
    lock = Lock(place)
    try:
        waiting = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert waiting.stdout is not None
        while "waits: another step" not in (line := waiting.stdout.readline()):
            assert line, "it ended"
        waiting.terminate()
        waiting.communicate(timeout=60)
        assert waiting.returncode == 130
    finally:
        lock.release()
    assert standing(docker, tmp_path) == []


def test_the_red_step_is_the_one_that_the_run_is_told_by(lab):
    run = lab(pipelines({"parallel": [step(["true"], name="Green"), step(["exit 5"], name="Red")]}))
    assert run.failing is not None
    assert run.failing[0].name == "Red"
    assert item(run.failing[0], 0).exit_code == 5
