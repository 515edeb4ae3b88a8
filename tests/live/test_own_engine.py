"""Faults of the engine itself, and of many replays in a row."""

from __future__ import annotations

import gc
import os
import threading
from pathlib import Path

import pytest
from faults import printed, recorded, started, wait_until
from own_engine import own_engine  # noqa: F401 - a fixture
from support import pipelines, repository, results, run_of, standing, step

from pipelinelab.recording import folder as folders
from pipelinelab.session.homes import Home

pytestmark = pytest.mark.live


@pytest.mark.full
def test_an_engine_that_dies_in_mid_step_is_told_and_cleared_up_once_it_is_back(own_engine, tmp_path):  # noqa: F811
    text = pipelines(step(["echo before", "echo now; sleep 3", "echo done"]), image="pipelinelab-test/busybox")
    folder = repository(tmp_path / "r", text)
    environment = {"DOCKER_HOST": own_engine.address}
    lab = started(folder, environment=environment)
    wait_until(printed(folder, b"now\n"))
    own_engine.kill()
    output, _ = lab.communicate(timeout=60)
    assert lab.returncode == 3, output
    assert "Traceback" not in output
    found = recorded(folder)
    assert (found.result, found.complete) == ("lost", True)
    assert results(found.steps[0]) == ["passed", "lost", "not_run"]
    own_engine.start()
    again = started(folder, environment=environment)
    output, _ = again.communicate(timeout=90)
    assert again.returncode == 0, output
    assert own_engine.docker("ps", "-aq").stdout == b""
    assert own_engine.docker("volume", "ls", "-q").stdout == b""


@pytest.mark.full
@pytest.mark.timeout(900)
def test_fifty_replays_in_a_row_leave_nothing_and_do_not_grow(docker, tmp_path):
    folder = repository(tmp_path / "r", pipelines(step(["echo one"]), step(["echo two"])))

    def size() -> tuple[int, int, float]:
        gc.collect()
        memory = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count(), memory

    sizes = []
    for _ in range(50):
        assert run_of(folder, docker, runs_kept=5).ok
        sizes.append(size())
    first, last = sizes[9], sizes[-1]
    assert last[0] <= first[0] + 2, sizes
    assert last[1] <= first[1], sizes
    assert last[2] <= first[2] + 12, sizes
    assert standing(docker, folder) == []
    assert len(folders.run_ids(Home(folder).runs)) == 5
