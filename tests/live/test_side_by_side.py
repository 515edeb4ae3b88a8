"""Replays beside one another, and beside a clock that jumps."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from faults import printed, recorded, started, wait_until
from support import pipelines, repository, run_of, standing, step

from pipelinelab.recording import folder as folders
from pipelinelab.session import perform
from pipelinelab.session.homes import Home
from pipelinelab.session.sweep import sweep

pytestmark = pytest.mark.live


def test_two_replays_of_one_repository_at_once_do_not_disturb_each_other(docker, tmp_path):
    folder = repository(tmp_path / "r", pipelines(step(["echo one; sleep 2"]), step(["echo two"])))
    both = [started(folder), started(folder)]
    for lab in both:
        output, _ = lab.communicate(timeout=60)
        assert lab.returncode == 0, output
    ids = folders.run_ids(Home(folder).runs)
    assert len(ids) == 2
    assert [recorded(folder, one).result for one in ids] == ["passed", "passed"]
    assert standing(docker, folder) == []


def test_a_clean_beside_a_running_replay_leaves_that_alone(docker, tmp_path):
    folder = repository(tmp_path / "r", pipelines(step(["echo now; sleep 4"])))
    lab = started(folder)
    wait_until(printed(folder, b"now\n"))
    sweep(docker, Home(folder))
    lab.communicate(timeout=60)
    assert lab.returncode == 0


def test_a_clock_that_jumps_changes_no_duration_and_no_order(docker, tmp_path, monkeypatch):
    class Jumping(datetime):
        hours = 0

        @classmethod
        def now(cls, tz=None):
            cls.hours -= 5
            return datetime.now(UTC) + timedelta(hours=cls.hours)

    monkeypatch.setattr(perform, "datetime", Jumping)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    folder = repository(tmp_path / "r", pipelines(step(["sleep 1", "echo on"])))
    runs = [run_of(folder, docker) for _ in range(3)]
    for run in runs:
        assert 0.9 < run.commands.seconds[0] < 5
        assert run.runs.seconds[0] < 30
        assert run.output.elapsed.is_monotonic_increasing
    assert folders.find(Home(folder).runs, "last") == runs[-1].folder
