"""A cure is proven on what the run was: its pipeline, file, ref and variables; through the command line alone."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from support import BASE, repository

import pipelinelab
from pipelinelab.cli import group
from pipelinelab.engines.docker import DockerEngine

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

FILE = f"""\
image: {BASE}
pipelines:
  default:
    - step:
        script:
          - echo push
  custom:
    nightly:
      - step:
          script:
            - test "$STAGE" = qa
            - test -n "$TOKEN"
            - ./night.sh
            - ./last.sh
"""


@pytest.fixture
def shop(tmp_path: Path, docker: DockerEngine) -> Path:
    return repository(tmp_path / "shop", FILE, {"night.sh": "echo night\n", "last.sh": "exit 7\n", "other.yml": ""})


def lab(*arguments: str) -> tuple[int, str]:
    done = CliRunner(env={"TOKEN": "for-the-tests-only"}).invoke(group, list(arguments), standalone_mode=False)
    return done.return_value if done.exception is None else 99, done.output


def test_the_same_pipeline_with_the_same_variables_is_replayed(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    assert lab("replay", "-q", "-p", "custom/nightly", "--var", "STAGE=qa", "--secret", "TOKEN")[0] == 1
    code, told = lab("diagnose", "--prove", "--until-green", "--secret", "TOKEN")
    assert code == 1, told
    assert told.count("moved on") == 2 and "./last.sh" in told
    assert "exit code 7" in told
    assert len(list(shop.glob(".pipelinelab/runs/*"))) == 3, "the red run is not replayed once more"
    red = min(shop.glob(".pipelinelab/runs/*"))
    assert pipelinelab.load(red).kept().run("true").exit_code == 0, "the red step stands, whatever was tried"
    assert "for-the-tests-only" not in "".join(path.read_text() for path in shop.glob(".pipelinelab/runs/*/*.jsonl"))


def test_a_secret_that_is_not_given_again_is_asked_for(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    lab("replay", "-q", "-p", "custom/nightly", "--var", "STAGE=qa", "--secret", "TOKEN")
    done = CliRunner(env={"TOKEN": None}).invoke(group, ["diagnose", "--prove"], standalone_mode=False)
    assert "TOKEN" in str(done.exception)


def test_the_file_that_was_given_is_the_one_that_is_cured(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    Path("other.yml").write_text(f"image: {BASE}\npipelines:\n  default:\n    - step:\n        script:\n"
                                 "          - ./night.sh\n")  # fmt: skip
    assert lab("replay", "-q", "--file", "other.yml")[0] == 1
    code, told = lab("diagnose", "--prove", "--until-green")
    assert code == 0 and "+++ b/other.yml" in told, told
    assert lab("fix", "--yes")[0] == 0
    assert "chmod +x ./night.sh" in Path("other.yml").read_text()
    assert lab("fix", "--yes")[0] == 99, "written twice"


def test_a_run_of_another_branch_is_cured_there(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    for command in ("switch -qc feature", "mv night.sh day.sh", "-c user.name=a -c user.email=a@b commit -qam day"):
        subprocess.run(["git", *command.split()], check=True)
    text = Path("bitbucket-pipelines.yml").read_text().replace("echo push", "./day.sh")
    Path("bitbucket-pipelines.yml").write_text(text)
    subprocess.run("git -c user.name=a -c user.email=a@b commit -qam call && git switch -q -", shell=True, check=True)
    assert lab("replay", "-q", "--ref", "feature")[0] == 1
    code, told = lab("diagnose", "--prove")
    assert code == 0 and "proven" in told and "chmod +x ./day.sh" in told, told
    assert lab("fix", "--yes")[0] == 99
    assert "day.sh" not in Path("bitbucket-pipelines.yml").read_text()
