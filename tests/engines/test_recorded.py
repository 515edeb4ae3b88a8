"""What was recorded plays back through the same code; what was not says that it needs Docker."""

import subprocess
from pathlib import Path

import pytest

import pipelinelab
from pipelinelab.engines.base import StepSpec
from pipelinelab.engines.recorded import RecordedEngine
from pipelinelab.errors import NeedsDocker
from pipelinelab.session.engine import recorded


def test_a_recorded_replay_gives_the_same_commands_each_time(tmp_path: Path):
    shop = pipelinelab.sample("django-mysql", "socket", tmp_path / "shop")
    first, again = (pipelinelab.replay(shop, engine=recorded()) for _ in range(2))
    columns = ["step", "command", "result", "exit_code", "output_bytes"]
    assert first.result == "failed"
    assert "2002" in "\n".join(first.output.text)
    assert first.commands[columns].equals(again.commands[columns])
    assert first.commands.seconds.sum() > 0.5  # the seconds that it took when it was recorded


def test_a_changed_file_was_never_recorded(tmp_path: Path):
    shop = pipelinelab.sample("django-mysql", "socket", tmp_path / "shop")
    (shop / "README.md").write_text("something else\n")
    with pytest.raises(NeedsDocker, match="needs Docker"):
        pipelinelab.replay(shop, engine=recorded())


def test_the_kept_step_answers_only_what_was_asked_when_it_was_recorded(tmp_path: Path):
    run = pipelinelab.replay(pipelinelab.sample("django-mysql", "socket", tmp_path / "shop"), engine=recorded())
    with pytest.raises(NeedsDocker, match="whoami"):
        run.kept().run("whoami")


def test_an_image_or_a_step_that_nobody_recorded_needs_docker():
    engine = RecordedEngine([])
    with pytest.raises(NeedsDocker):
        engine.image("python:3", "python:3")
    spec = StepSpec(name="s", image=None, volume="/", memory_mib=1, nonce="n", key="x")  # type: ignore[arg-type]
    with pytest.raises(NeedsDocker):
        engine.prepare(spec)


def test_the_demo_shows_the_recording_where_no_engine_answers(tmp_path: Path):
    import os
    import sys

    done = subprocess.run(
        [sys.executable, "-m", "pipelinelab", "demo"], cwd=tmp_path, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PIPELINELAB_ENGINE": "recorded"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "recording of the same replay" in done.stdout
    assert "✘ failed" in done.stdout
    assert "✔ default: passed" in done.stdout
