"""What may go wrong from outside goes wrong here for real. After each: a readable recording up to the fault, a true
result and exit code, and nothing left standing once the next replay or ``pipelinelab clean`` has run."""

from __future__ import annotations

import gc
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support import SHELLS, built, item, pipelines, repository, results, run_of, said, standing, step

from pipelinelab.engines.docker import DockerEngine
from pipelinelab.recording import folder as folders
from pipelinelab.recording.records import Recording
from pipelinelab.session import perform
from pipelinelab.session.homes import Home
from pipelinelab.session.sweep import sweep

pytestmark = pytest.mark.live
LAB = str(Path(sys.executable).with_name("pipelinelab"))
SLOW = pipelines(step(["echo before", "echo now; sleep 50", "echo never"], ["echo after $BITBUCKET_EXIT_CODE"]))


def started(folder: Path, *options: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """The command line, replaying."""
    return subprocess.Popen(
        [LAB, "replay", str(folder), *options], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip


def recorded(folder: Path, which: str = "last") -> Recording:
    runs = Home(folder).runs
    return folders.read(folders.find(runs, which))


def wait_until(true: Callable[[], object], limit: float = 60.0) -> None:
    """Poll until it is true."""
    until = time.monotonic() + limit
    while not true():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.05)


def printed(folder: Path, text: bytes, runs: int = 1) -> Callable[[], bool]:
    """Whether that many recorded logs of this repository hold the text."""
    return lambda: sum(text in log.read_bytes() for log in Home(folder).runs.glob("*/output/*.log")) >= runs


def build_of(docker: DockerEngine, folder: Path) -> str:
    wanted = ["pipelinelab=build"]
    found = docker.client.containers(filters={"label": wanted})
    return next(c["Id"] for c in found if c["Labels"]["pipelinelab.folder"].startswith(str(folder.resolve())))


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


class OwnEngine:
    """A dockerd of the test's own: its own network, mounts and processes, data root, socket and pid file. What it
    started dies with the namespace."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address = f"unix://{folder}/docker.sock"
        new = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        # The first process of a namespace inherits its orphans, and has to reap them.
        self._holder = subprocess.Popen([*new, "sh", "-c", "while sleep 1; do :; done"])
        children = Path(f"/proc/{self._holder.pid}/task/{self._holder.pid}/children")
        wait_until(lambda: children.read_text().strip())
        self._inside = children.read_text().strip()
        time.sleep(0.3)  # until it has become sleep, its /proc mounted
        self._dockerd: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        (self._folder / "docker.pid").unlink(missing_ok=True)
        with (self._folder / "log").open("ab") as log:
            self._dockerd = subprocess.Popen(
                ["nsenter", "--target", self._inside, "--net", "--mount", "--pid", "--", "dockerd",
                 f"--host={self.address}", f"--data-root={self._folder}/data", f"--exec-root={self._folder}/exec",
                 f"--pidfile={self._folder}/docker.pid"],
                stdout=log, stderr=log,
            )  # fmt: skip
        wait_until(lambda: self.docker("version").returncode == 0 or self._dockerd.poll() is not None)
        assert self._dockerd.poll() is None, (self._folder / "log").read_text()[-3000:]

    def docker(self, *arguments: str, data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["docker", "-H", self.address, *arguments], input=data, capture_output=True, check=False)

    def kill(self) -> None:
        children = Path(f"/proc/{self._dockerd.pid}/task/{self._dockerd.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)  # nsenter forks into the new process namespace
        self._dockerd.wait(30)

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait(60)
        if self._dockerd is not None:
            self._dockerd.wait(60)


@pytest.fixture
def own_engine(docker: DockerEngine) -> Iterator[OwnEngine]:
    if os.geteuid() or not all(map(shutil.which, ("dockerd", "unshare", "nsenter", "docker"))):
        pytest.skip("an engine of the test's own needs dockerd and root")
    image = built(docker, "pipelinelab-test/busybox", SHELLS["busybox"])
    with tempfile.TemporaryDirectory(prefix="pipelinelab-engine-") as folder:
        engine = OwnEngine(Path(folder))
        try:
            engine.start()
            saved = subprocess.run(["docker", "save", image], capture_output=True, check=True).stdout
            assert engine.docker("load", data=saved).returncode == 0
            yield engine
        finally:
            engine.close()


@pytest.mark.full
def test_an_engine_that_dies_in_mid_step_is_told_and_cleared_up_once_it_is_back(own_engine, tmp_path):
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
