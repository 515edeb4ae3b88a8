"""A run folder that is full, cannot be written or cannot be read: it is told, and what is there stays readable."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from faults import LAB, SLOW, recorded, started
from support import item, pipelines, repository, run_of, standing, step

pytestmark = pytest.mark.live


@contextmanager
def small_disk(folder: Path, size: str, *flags: str) -> Iterator[None]:
    """A file system of this size at ``folder``."""
    folder.mkdir(parents=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join([f"size={size}", *flags]), "tmpfs", str(folder)],
                          capture_output=True, check=False)  # fmt: skip
    if made.returncode:
        pytest.skip("no file system may be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_in_the_run_folder_ends_the_replay_with_what_fitted(docker, tmp_path):
    folder = repository(tmp_path / "r", pipelines(step(["echo before", "seq 1 2000000", "echo never"])))
    with small_disk(folder / ".pipelinelab", "1500k"):
        lab = started(folder, "-q")
        output, _ = lab.communicate(timeout=60)
        assert lab.returncode == 3, output
        assert "full" in output
        assert "Traceback" not in output
        found = recorded(folder)
        assert found.steps[0].text.startswith("\x1d+ echo before\nbefore\n")
        assert "1\n2\n3\n" in found.steps[0].text
        assert item(found.steps[0], 1).result == "lost"
    assert standing(docker, folder) == []


def test_a_run_folder_that_cannot_be_written_is_told_before_anything_starts(docker, tmp_path):
    folder = repository(tmp_path / "r", SLOW)
    with small_disk(folder / ".pipelinelab", "1m", "ro"):
        lab = started(folder)
        output, _ = lab.communicate(timeout=60)
    assert lab.returncode == 3
    assert "cannot be written" in output
    assert "Traceback" not in output
    assert standing(docker, folder) == []


def test_a_run_folder_that_cannot_be_read_is_told_and_the_others_are_still_shown(docker, tmp_path):
    folder = repository(tmp_path / "r", pipelines(step(["echo on"])))
    first, second = run_of(folder, docker), run_of(folder, docker)
    (first.folder / "events.jsonl").unlink()
    (first.folder / "events.jsonl").mkdir()
    (second.folder / "output" / "01.log").unlink()
    (second.folder / "output" / "01.log").mkdir()
    shown = subprocess.run([LAB, "show", "-C", str(folder)], capture_output=True, text=True, check=False)
    assert shown.returncode == 3
    assert shown.stderr.startswith("error: the recording in")
    listed = subprocess.run([LAB, "runs", str(folder)], capture_output=True, text=True, check=False)
    assert listed.returncode == 0
    assert "cannot be read" in listed.stderr
