"""Each way in which a replay cannot be has one clear error, its exit code and no traceback."""

import json

import pytest
from support import git, pipelines, repository, step

from pipelinelab.cli import main

GREEN = pipelines(step(["echo on"]))


def called(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(left.value.code or 0)


@pytest.fixture
def says(capsys):
    def said() -> list[str]:
        out = capsys.readouterr()
        assert "Traceback" not in out.out + out.err
        return out.err.splitlines()

    return said


def test_no_engine_is_3_and_says_where_it_looked_and_what_to_do(tmp_path, monkeypatch, says):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    folder = repository(tmp_path, GREEN)
    assert called("replay", str(folder)) == 3
    error, hint = says()
    assert error.startswith("error: ")
    assert "127.0.0.1:1" in error
    assert hint.startswith("  → ")
    assert not (folder / ".pipelinelab").exists()


@pytest.mark.parametrize("command", [["replay"], ["runs"], ["clean"], ["show", "-C"], ["shell", "-C"]])
def test_what_is_no_repository_is_2(tmp_path, says, command):
    assert called(*command, str(tmp_path)) == 2
    assert "is not in a git repository" in says()[0]


def test_a_folder_that_is_not_there_is_2(tmp_path, says):
    assert called("replay", str(tmp_path / "nowhere")) == 2
    assert says()[0].endswith("does not exist")


def test_a_repository_without_a_commit_is_2(tmp_path, says):
    git(tmp_path, "init", "-q")
    assert called("replay", str(tmp_path)) == 2
    assert "has no commit yet" in says()[0]


def test_no_pipelines_file_is_2(tmp_path, says):
    folder = repository(tmp_path, GREEN)
    git(folder, "rm", "-q", "bitbucket-pipelines.yml")
    git(folder, "commit", "-q", "-m", "gone")
    assert called("replay", str(folder)) == 2
    assert "there is no bitbucket-pipelines.yml" in says()[0]


def test_an_unknown_pipeline_is_2_and_the_known_ones_are_named(tmp_path, says):
    assert called("replay", str(repository(tmp_path, GREEN)), "-p", "custom/nothing") == 2
    error, hint = says()
    assert "custom/nothing" in error
    assert "default" in hint


def test_a_file_that_bitbucket_would_refuse_is_2_with_the_whole_report(tmp_path, says):
    text = json.dumps({"pipelines": {"default": [{"step": {"scripts": ["echo on"]}}]}})
    assert called("replay", str(repository(tmp_path, text))) == 2
    lines = says()
    assert any(line.startswith("error[") for line in lines)
    assert "would refuse" in lines[-1]


@pytest.mark.parametrize("options", [["--var", "X"], ["--secret", "NOT_IN_THE_ENVIRONMENT"], ["--pull-request", "7"],
                                     ["--ssh-key", "/nowhere/id"], ["--stdin", "open"], ["--no-such-option"],
                                     ["--step", "nine"], ["--ref", "nowhere"]])  # fmt: skip
def test_a_wrong_option_is_2_and_named(tmp_path, says, options):
    assert called("replay", str(repository(tmp_path, GREEN)), *options) == 2
    assert any(part.lstrip("-") in line for line in says() for part in options)


def test_a_dry_run_is_0_and_runs_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    folder = repository(tmp_path, GREEN)
    assert called("replay", str(folder), "--dry-run") == 0
    assert "echo on" in capsys.readouterr().out
    assert not (folder / ".pipelinelab").exists()


def test_no_recorded_run_is_told(tmp_path, says):
    folder = repository(tmp_path, GREEN)
    assert called("show", "-C", str(folder)) == 2
    assert "there are no recorded runs" in says()[0]
    assert called("runs", str(folder)) == 0


@pytest.mark.live
def test_an_image_that_is_not_to_be_had_is_3_and_the_mapping_to_write_is_in_the_error(tmp_path, says):
    folder = repository(tmp_path, pipelines(step(["echo on"]), image="pipelinelab-test/not-there:1"))
    assert called("replay", str(folder), "-q") == 3
    lines = says()
    assert "pipelinelab-test/not-there:1 is not here and cannot be pulled" in lines[-2]
    assert '[images]  "pipelinelab-test/not-there:1" = "…"' in lines[-1]
    assert list((folder / ".pipelinelab" / "runs").iterdir()) == []


@pytest.mark.live
def test_green_is_0_and_red_is_1(tmp_path, capsys):
    assert called("replay", str(repository(tmp_path / "green", GREEN)), "-q", "--no-keep") == 0
    assert called("replay", str(repository(tmp_path / "red", pipelines(step(["exit 9"])))), "--json", "--no-keep") == 1
    out = capsys.readouterr().out
    assert json.loads(out[out.index("{") :])["commands"][0]["exit_code"] == 9
