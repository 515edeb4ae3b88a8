"""What is chosen to run, and with what: conditions, deployment variables, imports, a hundred steps."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support import git, pipelines, repository, run_of, said, standing, step

from pipelinelab.errors import FileRefused
from pipelinelab.planning.context import Given, Options
from pipelinelab.session.replay import Asked, plan, replay
from pipelinelab.session.settings import Settings

pytestmark = pytest.mark.live
LAB = str(Path(sys.executable).with_name("pipelinelab"))


def results(run) -> dict[str, str]:
    return {one.name: one.result for one in run.recording.steps}


CONDITIONS = pipelines(
    step(["true"], name="Docs", condition={"changesets": {"includePaths": ["docs/**"]}}),
    step(["true"], name="Code", condition={"changesets": {"includePaths": ["src/**"]}}),
    step(["true"], name="Not docs", condition={"changesets": {"excludePaths": ["docs/**"]}}),
)


@pytest.fixture
def topic(tmp_path: Path) -> Path:
    """main, and a branch from it that changes src/ first and docs/ last."""
    file = json.loads(CONDITIONS)
    file["pipelines"]["pull-requests"] = {"**": file["pipelines"]["default"]}
    root = repository(tmp_path / "origin", json.dumps(file))
    git(root, "checkout", "-q", "-b", "topic")
    for path in ("src/a.py", "docs/a.md"):
        (root / path).parent.mkdir()
        (root / path).write_text("new\n")
        git(root, "add", "-A")
        git(root, "commit", "-qm", path)
    return root


def test_a_condition_on_a_branch_looks_at_its_last_commit_and_in_a_pull_request_at_all_of_it(topic: Path, docker):
    branch = run_of(topic, docker)
    assert results(branch) == {"Docs": "passed", "Code": "skipped", "Not docs": "skipped"}
    assert branch.steps.skipped_why[1] == "its condition is not met: no changed file matches src/**"
    assert branch.steps.skipped_why[2] == "its condition is not met: only docs/** changed"
    request = run_of(topic, docker, options=Options(pull_request=("7", "main")))
    assert results(request) == {"Docs": "passed", "Code": "passed", "Not docs": "passed"}


def test_a_condition_that_a_shallow_clone_cannot_answer_is_told_and_recorded(topic: Path, docker, tmp_path: Path):
    git(tmp_path, "clone", "-q", "--depth", "1", topic.as_uri(), "shallow")
    run = run_of(tmp_path / "shallow", docker)
    assert set(results(run).values()) == {"passed"}
    told = [note.text for one in run.recording.steps for note in one.notes if note.kind == "condition"]
    assert len(told) == 3
    assert "step 1 'Docs' cannot be tried, so it runs: this clone is shallow, and the parent of" in told[0]
    shown = subprocess.run([LAB, "replay", str(tmp_path / "shallow"), "--dry-run"], capture_output=True, text=True)
    assert shown.stdout.count("this clone is shallow") == 3


def test_a_deployment_variable_beats_a_repository_variable_and_that_a_workspace_one(docker, tmp_path: Path):
    script = ["echo $WHERE $REPO $SPACE"]
    text = pipelines(
        step(script, name="Nowhere"),
        step(script, name="Staging", deployment="staging"),
        {"stage": {"name": "Live", "deployment": "production", "steps": [step(script, name="Production")]}},
        step(script, name="Settings alone", environment="staging"),
    )
    given = Given(
        workspace={"WHERE": "workspace", "REPO": "workspace", "SPACE": "workspace"},
        repository={"WHERE": "repository", "REPO": "repository"},
        deployments={"staging": {"WHERE": "staging"}, "production": {"WHERE": "production"}},
    )
    asked = Asked(given=given, options=Options(deploy_for_real=True), settings=Settings(keep=False))
    run = replay(repository(tmp_path / "r", text), asked, docker)
    assert {one.name: said(one, 0).split() for one in run.recording.steps} == {
        "Nowhere": ["repository", "repository", "workspace"],
        "Staging": ["staging", "repository", "workspace"],
        "Production": ["production", "repository", "workspace"],
        "Settings alone": ["staging", "repository", "workspace"],
    }


def test_what_a_step_exports_beats_all_and_ends_with_it(lab):
    run = lab(pipelines(step(["export A=own; echo $A"]), step(["echo $A"])), variables={"A": "given"})
    assert [said(one, 0) for one in run.recording.steps] == ["own\n", "given\n"]


SHARED = """
export: true
image: pipelinelab/base
definitions:
  services: {db: {image: pipelinelab/mysql, variables: {MYSQL_ROOT_PASSWORD: root}}}
  pipelines:
    build:
      - variables: [{name: LEVEL, default: low}]
      - step: {name: Build, script: ["echo $LEVEL in $BITBUCKET_REPO_SLUG; cat ours.txt"]}
      - step: {name: Test, script: ["(exec 3<>/dev/tcp/127.0.0.1/3306) && echo reached"], services: [db]}
"""


def test_an_imported_pipeline_runs_on_our_clone_with_the_definitions_of_its_own_file(docker, tmp_path: Path, mysql):
    repository(tmp_path / "ci", SHARED)
    ours = repository(
        tmp_path / "ours",
        "image: nowhere/none\npipelines: {default: {import: 'ci:main:build'}}\n",
        {"ours.txt": "ours\n"},
    )
    run = run_of(ours, docker)
    assert results(run) == {"Build": "passed", "Test": "passed"}
    assert said(run.recording.steps[0], 0) == "low in ours\nours\n"
    assert any("ci:main:build is imported from" in note for note in run.recording.facts["notes"])


def test_a_hundred_steps_run_and_one_more_is_refused_as_bitbucket_does(docker, tmp_path: Path):
    def steps(count: int) -> str:
        return pipelines(*(step([f"echo {number}"]) for number in range(count)))

    run = run_of(repository(tmp_path / "hundred", steps(100)), docker)
    assert run.ok
    assert [said(one, 0) for one in run.recording.steps] == [f"{number}\n" for number in range(100)]
    assert standing(docker, tmp_path) == []
    with pytest.raises(FileRefused) as refused:
        plan(repository(tmp_path / "more", steps(101)), Asked())
    assert "default has 101 steps" in refused.value.report
