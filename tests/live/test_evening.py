"""An evening with a red build, as its user types it: replay, diagnose, prove, fix, look around, clean."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import pipelinelab

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]


def lab(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelinelab", *words], cwd=folder, capture_output=True, text=True, timeout=200
    )


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return pipelinelab.sample("django-mysql", "socket", tmp_path / "shop")


def test_from_red_to_a_cure_in_the_working_tree(shop: Path):
    red = lab(shop, "replay")
    assert red.returncode == 1
    assert "2002" in red.stdout
    assert "migrate --noinput` (line 10) failed with exit code 1" in red.stdout
    assert "pipelinelab shell" in red.stdout

    inside = lab(shop, "shell", "-c", "echo $BITBUCKET_BRANCH; test -S /run/mysqld/mysqld.sock")
    assert inside.stdout.startswith("main")
    assert inside.returncode == 1

    found = lab(shop, "diagnose", "--format", "json")
    assert found.returncode == 0
    assert json.loads(found.stdout)["findings"][0]["rule"] == "mysql-socket"

    proven = lab(shop, "diagnose", "--prove")
    assert proven.returncode == 0
    assert "moved on" in proven.stdout
    assert "HOST': 'localhost'" in (shop / "shop/settings.py").read_text(), "a proof must not touch the user's files"

    written = lab(shop, "fix", "--yes")
    assert written.returncode == 0, written.stderr
    assert "HOST': '127.0.0.1'" in (shop / "shop/settings.py").read_text()

    listed = json.loads(lab(shop, "runs", "--json").stdout)
    assert [run["result"] for run in listed] == ["failed", "failed"]
    assert listed[1]["parent_run"] == listed[0]["run_id"]

    assert lab(shop, "clean").returncode == 0
    gone = lab(shop, "shell", "-c", "true")
    assert gone.returncode == 3
    assert "gone" in gone.stderr


def test_a_file_that_bitbucket_refuses_ends_with_two_before_anything_runs(tmp_path: Path):
    shop = pipelinelab.sample("django-mysql", "map", tmp_path / "shop")
    refused = lab(shop, "replay")
    assert refused.returncode == 2
    assert "bitbucket-pipelines.yml:31:37" in refused.stderr
    assert "must be a map" in refused.stderr
    assert not (shop / ".pipelinelab").exists()


def test_an_image_that_is_not_there_names_the_mapping_to_write(shop: Path):
    (shop / "pipelinelab.toml").unlink()
    missing = lab(shop, "replay", "--worktree")
    assert missing.returncode == 3
    assert '"python:2.7" = ' in missing.stderr
    assert len(missing.stderr.strip().splitlines()) <= 3


def test_a_custom_pipeline_wants_its_variables(tmp_path: Path):
    folder = tmp_path / "r"
    folder.mkdir()
    (folder / "bitbucket-pipelines.yml").write_text(
        "image: pipelinelab/base\npipelines:\n  custom:\n    go:\n      - variables:\n          - name: WHERE\n"
        "            allowed-values: [here, there]\n      - step:\n          script: [echo going $WHERE]\n"
    )
    me = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    for words in (["init", "-q"], ["add", "-A"], [*me, "commit", "-qm", "one"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    assert "WHERE" in lab(folder, "replay", "-p", "go").stderr
    wrong = lab(folder, "replay", "-p", "go", "--var", "WHERE=nowhere")
    assert wrong.returncode == 2
    assert "here, there" in wrong.stderr
    assert "going there" in lab(folder, "replay", "-p", "go", "--var", "WHERE=there").stdout
