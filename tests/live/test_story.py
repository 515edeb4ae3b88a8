"""The shop's story, replayed: each state is red where it says so, for its own reason and for no other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelinelab.engines.base import Engine
from pipelinelab.errors import EngineUnavailable, FileRefused, ImageUnavailable
from pipelinelab.session.engine import live
from pipelinelab.session.replay import Asked, replay
from pipelinelab.session.run import Run
from pipelinelab.session.settings import Settings
from pipelinelab.setup.configuration import load_configuration
from pipelinelab.setup.samples import State, make, sample

pytestmark = pytest.mark.live

SHOP = sample("django-mysql")
REFUSED = SHOP.states[0]
RED = [state for state in SHOP.states if state.result == "red"]


def stacks(red: bool) -> list[Any]:
    """Every stack; the red states of the middle one are for `make test-full`."""
    return [
        pytest.param(stack.id, marks=[pytest.mark.full] if red and stack.id == "django42" else [])
        for stack in SHOP.stacks
    ]


@pytest.fixture(scope="module")
def engine() -> Engine:
    try:
        return live()
    except EngineUnavailable as problem:
        pytest.skip(f"no Docker engine: {problem}")


def replayed(folder: Path, state: str, stack: str, engine: Engine) -> Run:
    repository = make("django-mysql", folder / "shop", state=state, stack=stack)
    images = load_configuration(repository).images
    try:
        return replay(repository, Asked(settings=Settings(images=images, keep=False)), engine)
    except ImageUnavailable as problem:
        pytest.skip(f"the lab's images are not built: {problem}")


def test_the_first_state_is_refused_by_the_reader_which_names_the_line(tmp_path, engine):
    with pytest.raises(FileRefused) as refused:
        replayed(tmp_path, REFUSED.id, SHOP.stacks[0].id, engine)
    lines = (tmp_path / "shop" / REFUSED.file).read_text().splitlines()
    number = next(n for n, line in enumerate(lines, start=1) if line.endswith(f"{REFUSED.shows}: yes"))
    assert refused.value.exit_code == 2
    assert f"{REFUSED.file}:{number}:" in refused.value.report
    assert "(1 error)" in str(refused.value)
    assert not (tmp_path / "shop" / ".pipelinelab" / "runs").exists()


@pytest.mark.parametrize("state", RED, ids=lambda state: state.id)
@pytest.mark.parametrize("stack", stacks(red=True))
def test_a_state_is_red_where_the_story_says_so_for_its_own_reason_alone(tmp_path, engine, stack, state: State):
    run = replayed(tmp_path, state.id, stack, engine)
    assert run.result == "failed"
    assert run.failing is not None
    step, command = run.failing
    assert (step.name, command.command, command.exit_code) == (state.step, state.command, state.exit_codes[stack])
    script = run.commands[run.commands["phase"] == "script"]
    failed_at = list(script["command"]).index(state.command)
    assert set(script["result"][:failed_at]) == {"passed"}
    assert set(script["result"][failed_at + 1 :]) <= {"not_run"}
    printed = step.text_of(command)
    assert [one.id for one in RED if one.shows in printed] == [state.id]


@pytest.mark.parametrize("stack", stacks(red=False))
def test_the_story_ends_green(tmp_path, engine, stack):
    run = replayed(tmp_path, "green", stack, engine)
    assert run.ok
    assert list(run.steps["result"]) == ["passed", "passed"]
    script = run.commands[run.commands["phase"] == "script"]
    assert set(script["result"]) == {"passed"}
    assert not script["hidden_failure"].any()
    assert "Ran 12 tests" in run.recording.steps[0].text
