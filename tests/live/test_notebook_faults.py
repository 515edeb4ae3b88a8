"""What may go wrong while a notebook is open: each is told in a sentence, and nothing is left running."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from faults import SLOW, printed, wait_until
from kernels import Cell, Kernel, kernel
from own_engine import OwnEngine, own_engine  # noqa: F401 - a fixture
from support import pipelines, repository, standing, step

from pipelinelab.engines.docker import DockerEngine

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]

LIVE = {"PIPELINELAB_ENGINE": "docker"}
RED = pipelines(step(["echo before", "false"]))
WAITING = pipelines(step(["echo before", "sh wait.sh", "echo done"]))


@pytest.fixture(autouse=True)
def swept(docker: DockerEngine, tmp_path: Path) -> Iterator[None]:
    yield
    docker.sweep(lambda labels: str(tmp_path) in labels.get("pipelinelab.folder", ""))


def sentence(cell: Cell) -> list[str]:
    """The lines that are shown of the cell's error; a traceback is none."""
    assert "Traceback" not in cell.sentence and "\x1b[" not in cell.sentence, cell.sentence
    return cell.sentence.splitlines()


def replayed(folder: Path) -> str:
    return f"import pipelinelab\nrun = pipelinelab.replay({str(folder)!r})\nrun"


def waiting(folder: Path) -> Path:
    """A repository whose second command waits; once the file that comes back is written, it does not."""
    repository(folder, WAITING, {"wait.sh": "echo now; sleep 60\n"})
    return folder / "wait.sh"


def test_a_replay_that_is_interrupted_leaves_nothing_and_the_cell_runs_again(docker: DockerEngine, tmp_path):
    script = waiting(tmp_path / "r")
    with kernel(tmp_path, **LIVE) as one:
        cell = one.run(replayed(tmp_path / "r"), "command 2 of 3: sh wait.sh", one.interrupt)
        assert cell.error == "Stopped"
        assert sentence(cell)[0] == "the replay was stopped"
        assert list(cell.left.values()) == [{}]
        assert standing(docker, tmp_path / "r") == []
        script.write_text("echo on\n")
        assert one.run(replayed(tmp_path / "r")).told == "✔ default: passed, 1 step"
    assert standing(docker, tmp_path / "r") == []


def test_a_proof_that_is_interrupted_judges_nothing_and_can_be_had_again(docker: DockerEngine, tmp_path):
    folder = repository(tmp_path / "r", pipelines(step(["nosuchcommand"])))
    change = "red.try_edit('bitbucket-pipelines.yml', 'nosuchcommand', '{}')"
    with kernel(tmp_path, **LIVE) as one:
        one.run(f"{replayed(folder)}\nred = pipelinelab.diagnose(run)")
        kept = standing(docker, folder)
        cell = one.run(change.format("echo on; sleep 60"), "command 1 of 1: echo on", one.interrupt)
        assert cell.error == "Stopped" and sentence(cell)[0] == "the replay was stopped"
        assert standing(docker, folder) == kept
        assert "proven: it was replayed, and all is green" in one.run(change.format("echo on")).told


def test_what_is_interrupted_in_a_kept_step_does_not_go_on_there(docker: DockerEngine, tmp_path):
    folder = repository(tmp_path / "r", RED)
    with kernel(tmp_path, **LIVE) as one:
        one.run(f"{replayed(folder)}\nstep = run.kept()")
        cell = one.run("step.run('trap \"\" INT TERM HUP; sleep 61')", "in the kept step, 1 s", one.interrupt)
        assert cell.error == "Stopped" and sentence(cell)[0].startswith("stopped while running `trap")
        look = 'step.run(\'for p in /proc/[0-9]*; do tr "\\\\0" " " <$p/cmdline; echo; done\').output'
        assert "sleep 86400" in one.run(look).told and "sleep 61" not in one.run(look).told.replace("trap", "")
        late = one.run("step.run('sleep 62', timeout=1)")
        assert late.told.endswith("exit code 124") and "sleep 62" not in one.run(look).told


def test_a_kernel_that_is_killed_leaves_nothing_running_and_the_next_one_replays(docker: DockerEngine, tmp_path):
    folder = repository(tmp_path / "r", SLOW)
    with kernel(tmp_path, **LIVE) as one:
        one.begin(replayed(folder))
        wait_until(printed(folder, b"now\n"))
        one.kill()
        ids = standing(docker, folder)
        wait_until(lambda: not {c["Id"] for c in docker.client.containers()} & set(ids))
    repository(tmp_path / "r", pipelines(step(["echo on"])), {"more": ""})
    with kernel(tmp_path, **LIVE) as one:
        assert one.run(replayed(folder)).told == "✔ default: passed, 1 step"
    assert standing(docker, folder) == []


def test_a_sample_goes_with_its_kernel_kept_containers_and_all(docker: DockerEngine, tmp_path):
    code = f"""
import pipelinelab
shop = pipelinelab.sample("django-mysql", "green", stack="django52")
(shop / "bitbucket-pipelines.yml").write_text({RED!r})
pipelinelab.replay(shop)
print(shop)
"""
    for end in (Kernel.kill, Kernel.close):
        one = Kernel(tmp_path, **LIVE)
        folder = Path(one.run(code).told.strip())
        assert standing(docker, folder) != []
        end(one)
        wait_until(lambda folder=folder: standing(docker, folder) == [] and not folder.parent.exists())
        if end is Kernel.kill:
            one.close()


def test_cells_run_out_of_order_say_what_is_to_be_run_first(docker: DockerEngine, tmp_path):
    folder = repository(tmp_path / "r", RED)
    with kernel(tmp_path, **LIVE) as one:
        one.run("%load_ext pipelinelab")
        assert sentence(one.run("%%inside step\nls"))[-2:] == [
            "there is no kept step called 'step'", "→ make one with: step = run.kept()",
        ]  # fmt: skip
        one.run(replayed(folder))
        one.run("before = run")
        one.run(replayed(folder))
        assert sentence(one.run("before.kept()"))[0] == "the step's containers are gone"
        assert one.run("run.kept().run('echo still here')").told == "still here\n✔"
        green = repository(tmp_path / "g", pipelines(step(["echo on"])))
        assert "has no failed step" in sentence(one.run(f"{replayed(green)}.kept()"))[0]


def test_a_notebook_in_a_folder_without_write_permission_runs_and_a_repository_there_is_told(docker, tmp_path):
    place = tmp_path / "closed"
    repository(place / "r", RED)
    mounted = subprocess.run(["mount", "--bind", str(place), str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("nothing may be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", str(place)], check=True)
        with kernel(place, **LIVE) as one:
            told = sentence(one.run(replayed(place / "r")))
            assert "cannot be written" in told[0]
            assert one.run("pipelinelab.sample('django-mysql', 'green').name").told == "'django-mysql'"
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
    assert standing(docker, place / "r") == []


@pytest.mark.full
def test_docker_that_stops_in_the_middle_of_a_cell_and_an_image_that_was_removed_are_told(
    own_engine: OwnEngine, tmp_path  # noqa: F811
):  # fmt: skip
    text = pipelines(step(["echo before", "sh wait.sh"]), image="pipelinelab-test/busybox")
    folder = repository(tmp_path / "r", text, {"wait.sh": "echo now; sleep 3\n"})
    with kernel(tmp_path, **LIVE, DOCKER_HOST=own_engine.address) as one:
        cell = one.run(replayed(folder), "command 2 of 2: sh wait.sh", own_engine.kill)
        assert cell.error in ("EngineError", "EngineUnavailable") and list(cell.left.values()) == [{}]
        assert len(sentence(cell)) == 2 and sentence(cell)[-1].startswith("→ ")
        gone = one.run(replayed(folder))
        assert gone.error == "EngineUnavailable" and "doctor" in sentence(gone)[-1]
        own_engine.start()
        assert one.run(replayed(folder)).told == "✔ default: passed, 1 step"
        assert own_engine.docker("ps", "-aq").stdout == b""
        assert own_engine.docker("rmi", "pipelinelab-test/busybox").returncode == 0
        removed = one.run(replayed(folder))
        assert removed.error == "ImageUnavailable"
        assert "pipelinelab-test/busybox is not here and cannot be pulled" in sentence(removed)[0]


def test_an_image_that_is_not_here_is_told_before_anything_is_started(docker: DockerEngine, tmp_path):
    folder = repository(tmp_path / "r", pipelines(step(["true"]), image="pipelinelab-test/never-built:1"))
    with kernel(tmp_path, **LIVE) as one:
        cell = one.run(replayed(folder))
    assert cell.error == "ImageUnavailable"
    assert sentence(cell)[0].startswith("image pipelinelab-test/never-built:1 is not here and cannot be pulled")
    assert standing(docker, folder) == []
