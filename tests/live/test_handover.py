"""Artifacts, caches, output variables and test reports, from step to step and from replay to replay."""

import subprocess
from pathlib import Path

import pytest

import pipelinelab
from pipelinelab.session.engine import live

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

FILE = """
image: pipelinelab/base
definitions:
  caches:
    deps: {key: {files: [lock.txt]}, path: deps}
pipelines:
  default:
    - step:
        name: Build
        caches: [deps]
        script:
          - if [ -f deps/x ]; then echo from the cache; else mkdir -p deps && echo x > deps/x; fi
          - mkdir dist && echo built > dist/a.txt && ln -s /etc/passwd dist/evil && ln -s a.txt dist/good
          - |
            mkdir test-results && cat > test-results/r.xml <<'XML'
            <testsuite><testcase classname="c" name="ok"/>
            <testcase classname="c" name="no"><failure/></testcase></testsuite>
            XML
          - echo VERSION=1.2 >> $BITBUCKET_PIPELINES_VARIABLES_PATH
        output-variables: [VERSION]
        artifacts: ["dist/**"]
    - parallel:
        - step: {name: Takes, script: ["cat dist/good; echo v=$VERSION; test ! -e dist/evil", sleep 2]}
        - step: {name: Leaves, artifacts: {download: false}, script: ["test ! -e dist", sleep 2]}
    - step: {name: Ships, deployment: production, script: ["./ship.sh"]}
"""


def repository(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "bitbucket-pipelines.yml").write_text(text)
    (folder / "lock.txt").write_text("1\n")
    me = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*me, "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def test_what_a_step_leaves_reaches_the_steps_that_want_it_and_nothing_else_does(tmp_path: Path):
    shop = repository(tmp_path / "r", FILE)
    first = pipelinelab.replay(shop, engine=live())
    assert first.result == "passed"
    said = "\n".join(first.output.query("step == 2").text)
    assert "built" in said
    assert "v=1.2" in said
    assert list(first.artifacts.query("action == 'refused'").why) == [
        "dist/evil: the link leads outside the clone, to /etc/passwd"
    ]
    assert first.caches.action.tolist() == ["miss", "saved"]
    assert first.tests.outcome.tolist() == ["passed", "failed"]
    second = pipelinelab.replay(shop, engine=live())
    assert second.caches.action.tolist() == ["hit"]
    assert "from the cache" in "\n".join(second.output.text)
    (shop / "lock.txt").write_text("2\n")
    subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qam", "two"], cwd=shop)
    assert pipelinelab.replay(shop, engine=live()).caches.action.tolist() == ["miss", "saved"]


def test_parallel_steps_run_at_the_same_time_and_a_deployment_is_not_run(tmp_path: Path):
    run = pipelinelab.replay(repository(tmp_path / "r", FILE), engine=live())
    steps = run.recording.steps
    assert steps[1].started_at is not None
    assert steps[2].started_at is not None
    assert abs(steps[1].started_at - steps[2].started_at) < 1.5
    assert steps[3].result == "skipped"
    assert "deploys to production" in steps[3].skipped_why


def test_a_condition_is_held_against_what_the_commit_changed(tmp_path: Path):
    text = """
image: pipelinelab/base
pipelines:
  default:
    - step: {name: Docs, condition: {changesets: {includePaths: ["docs/**"]}}, script: ["true"]}
    - step: {name: Code, condition: {changesets: {includePaths: ["src/**"]}}, script: ["true"]}
"""
    shop = repository(tmp_path / "r", text)
    (shop / "src").mkdir()
    (shop / "src" / "a").write_text("a")
    for words in (["add", "-A"], ["-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "two"]):
        subprocess.run(["git", *words], cwd=shop, check=True)
    run = pipelinelab.replay(shop, engine=live())
    assert [step.result for step in run.recording.steps] == ["skipped", "passed"]
    assert "docs/**" in run.recording.steps[0].skipped_why
