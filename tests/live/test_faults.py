"""What may go wrong from outside goes wrong here for real. After each: a readable recording up to the fault, a true
result and exit code, and nothing left standing once the next replay or ``pipelinelab clean`` has run."""

from __future__ import annotations

import signal
import subprocess
import time

import pytest
from faults import LAB, SLOW, build_of, printed, recorded, started, wait_until
from support import pipelines, repository, results, said, standing, step

from pipelinelab.session.homes import Home
from pipelinelab.session.run import Run

pytestmark = pytest.mark.live


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_replay_runs_its_after_script_and_leaves_nothing(docker, tmp_path, number):
    folder = repository(tmp_path / "r", SLOW)
    lab = started(folder)
    wait_until(printed(folder, b"now\n"))
    lab.send_signal(number)
    output, _ = lab.communicate(timeout=30)
    assert lab.returncode == 130, output
    found = recorded(folder)
    assert (found.result, found.exit_code, found.complete) == ("stopped", 130, True)
    assert results(found.steps[0]) == ["passed", "stopped", "not_run"]
    assert said(found.steps[0], 0, "after-script") == "after 137\n"
    assert standing(docker, folder) == []
    assert "Traceback" not in output


def test_a_second_ctrl_c_does_not_wait_for_the_after_script(docker, tmp_path):
    folder = repository(tmp_path / "r", pipelines(step(["echo now; sleep 50"], ["echo after; sleep 50"])))
    lab = started(folder)
    wait_until(printed(folder, b"now\n"))
    lab.send_signal(signal.SIGINT)
    wait_until(printed(folder, b"after\n"))
    began = time.monotonic()
    lab.send_signal(signal.SIGINT)
    lab.communicate(timeout=30)
    assert time.monotonic() - began < 8
    assert lab.returncode == 130
    assert standing(docker, folder) == []


def test_who_stops_a_replay_does_not_wait_until_a_cache_is_saved(docker, tmp_path):
    script = ["mkdir deps", "truncate -s 20G deps/zeros"]  # no disk space, but minutes of the engine's time
    text = pipelines(step(script, caches=["deps"]), definitions={"caches": {"deps": "deps"}})
    folder = repository(tmp_path / "r", text)
    lab = started(folder)
    wait_until(lambda: list(Home(folder).caches.glob("deps*")))
    lab.send_signal(signal.SIGINT)
    output, _ = lab.communicate(timeout=30)
    assert lab.returncode == 130, output
    saved = Run(Home(folder).runs / recorded(folder).run_id).caches.iloc[-1]
    assert (saved.action, saved.why) == ("refused", "the replay was stopped")
    assert list(Home(folder).caches.iterdir()) == []
    assert standing(docker, folder) == []


def test_a_lab_that_is_killed_leaves_a_readable_recording_and_the_next_replay_clears_up(docker, tmp_path):
    folder = repository(tmp_path / "r", SLOW)
    lab = started(folder)
    wait_until(printed(folder, b"now\n"))
    lab.kill()
    lab.communicate()
    found = recorded(folder)
    assert (found.result, found.complete) == ("lost", False)
    assert results(found.steps[0]) == ["passed", "lost", "not_run"]
    assert said(found.steps[0], 1) == "now\n"
    # Nobody listens any more: the script is ended, not left running.
    wait_until(lambda: not docker.client.containers(filters={"label": f"pipelinelab.run={found.run_id}"}))
    assert subprocess.run([LAB, "clean", str(folder)], check=False).returncode == 0
    assert standing(docker, folder) == []
    assert list(Home(folder).scratch.glob("*")) == []


def test_a_build_container_that_is_killed_is_told_and_the_lab_says_that_it_failed(docker, tmp_path):
    folder = repository(tmp_path / "r", SLOW)
    lab = started(folder)
    wait_until(printed(folder, b"now\n"))
    docker.client.kill(build_of(docker, folder))
    output, _ = lab.communicate(timeout=40)
    assert lab.returncode == 3, output
    found = recorded(folder)
    assert (found.result, found.complete) == ("lost", True)
    assert results(found.steps[0]) == ["passed", "lost", "not_run"]
    assert standing(docker, folder) == []
