"""A pipe is a container of its own beside the step, with the step's clone, network and variables."""

import io
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipelinelab
from pipelinelab.session.engine import live

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]
IMAGE = "pipelinelab/sender"
DOCKERFILE = """FROM pipelinelab/base
ENTRYPOINT ["sh", "-c", "echo pipe $WHAT $ARGS_COUNT $ARGS_0 $TOKEN; cat f.txt; echo made > made.txt; exit ${CODE:-0}"]
"""
FILE = """
image: pipelinelab/base
pipelines:
  default:
    - step:
        script:
          - echo from the step > f.txt
          - pipe: docker://pipelinelab/sender
            variables: {WHAT: "$BITBUCKET_BRANCH", ARGS: ["a b", "c"], TOKEN: $TOKEN}
          - cat made.txt
          - pipe: docker://pipelinelab/sender
            variables: {CODE: "3"}
          - echo never
"""


def repository(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "bitbucket-pipelines.yml").write_text(text)
    me = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], [*me, "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


@pytest.fixture
def image() -> Iterator[str]:
    client = live().client  # type: ignore[attr-defined]
    for line in client.build(fileobj=io.BytesIO(DOCKERFILE.encode()), tag=IMAGE, rm=True, decode=True):
        assert "error" not in line, line
    yield IMAGE
    client.remove_image(IMAGE, force=True)


def test_a_pipe_sees_the_clone_and_its_variables_and_its_exit_code_is_the_commands(tmp_path: Path, image: str):
    run = pipelinelab.replay(
        repository(tmp_path / "r", FILE), engine=live(), secrets={"TOKEN": "very-secret"}, deploy_for_real=True
    )
    assert [(c.result, c.exit_code) for c in run.recording.steps[0].commands] == [
        ("passed", 0), ("passed", 0), ("passed", 0), ("failed", 3), ("not_run", None),
    ]  # fmt: skip
    said = "\n".join(run.output.text)
    assert "pipe main 2 a b $TOKEN" in said
    assert "from the step" in said
    assert "made" in said
    assert "very-secret" not in said


def test_a_pipe_that_may_deploy_is_not_run_without_leave(tmp_path: Path, image: str):
    run = pipelinelab.replay(repository(tmp_path / "r", FILE), engine=live())
    assert run.recording.steps[0].result == "skipped"
    assert "--deploy-for-real" in run.recording.steps[0].skipped_why
    assert repr(run).startswith("–")
