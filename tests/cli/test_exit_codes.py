"""Each way in which a replay cannot be has one clear error, its exit code and no traceback."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

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


def lab(*arguments: str, shell: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line as a process of its own; ``shell`` is what stands behind it."""
    command = f"{shlex.join([sys.executable, '-m', 'pipelinelab', *arguments])} {shell}"
    return subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False,
                          env={**os.environ, **environment})  # fmt: skip


def test_who_reads_no_more_gets_no_complaint_and_141():
    done = lab("rules", shell="| true")
    assert (done.returncode, done.stderr) == (141, "")


def test_a_full_device_is_told_in_a_sentence():
    done = lab("rules", shell="> /dev/full")
    assert done.returncode == 3
    assert done.stderr == "error: No space left on device\n"


@pytest.mark.parametrize("option", ["--jobs=0", "--max-time=0", "--log-cap=0", "--service-wait=-1"])
def test_a_number_that_no_replay_can_have_is_2_before_anything_starts(tmp_path, says, option):
    folder = repository(tmp_path, GREEN)
    assert called("replay", str(folder), option) == 2
    assert "is not in the range" in says()[-1]
    assert not (folder / ".pipelinelab").exists()


def test_a_place_that_cannot_be_written_is_told_in_a_sentence(tmp_path):
    (tmp_path / "file").touch()
    recorded = Path(__file__).parents[2] / "data" / "recordings"
    folder = repository(tmp_path / "r", GREEN)
    shutil.copytree(recorded, folder / ".pipelinelab" / "runs")
    done = lab("show", "-C", str(folder), "--export", str(tmp_path / "file" / "frames"))
    assert done.returncode == 3
    assert done.stderr == f"error: {tmp_path}/file/frames: Not a directory\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_closed_stream_is_no_failure(closed):
    done = lab("rules", shell=closed)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_without_a_letter_gets_another_one(tmp_path):
    done = lab("list", str(repository(tmp_path, GREEN)), PYTHONIOENCODING="latin-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "?" in done.stdout


def test_a_bare_repository_is_2(tmp_path, says):
    git(tmp_path, "init", "-q", "--bare")
    assert called("replay", str(tmp_path)) == 2
    assert says()[0].endswith("is a bare repository")


def test_a_repository_of_another_user_is_2_and_says_how_to_trust_it(tmp_path, says):
    folder = repository(tmp_path / "theirs", GREEN)
    try:
        os.chown(folder, 12345, 12345)
    except PermissionError:
        pytest.skip("only root can give a folder away")
    assert called("replay", str(folder)) == 2
    error, hint = says()
    assert "belongs to another user" in error
    assert f"git config --global --add safe.directory {folder}" in hint


def test_a_folder_that_is_gone_is_2(tmp_path, monkeypatch, says):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert called("replay") == 2
    assert says() == ["error: the folder you are in is gone"]


def test_what_is_neither_a_log_nor_a_run_is_2(tmp_path, says, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert called("diagnose", "build") == 2
    assert says()[0].startswith("error: build is no file")
