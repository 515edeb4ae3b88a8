"""Only the steps that were red, or held up by a red one, run again."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.errors import UsageError
from pipelinelab.events.types import StepEnded, StepSkipped, StepStarted
from pipelinelab.model.pipelines import Image
from pipelinelab.planning.narrow import Past, only_failed
from pipelinelab.planning.plan import Plan, StepPlan
from pipelinelab.recording.fold import fold
from pipelinelab.session.earlier import past
from pipelinelab.session.flow import EARLIER


def plan(*names: str, **changes: str) -> Plan:
    steps = [StepPlan(index=i, name=name, image=Image(name="x"), items=(), skipped=changes.get(name, ""))
             for i, name in enumerate(names, 1)]  # fmt: skip
    return Plan(pipeline="default", waves=tuple((step,) for step in steps))


def before(names: str, green: str = "", red: str = "") -> Past:
    at = {name: index for index, name in enumerate(names, 1)}
    return Past(
        run_id="r1", steps={index: (name, "", None) for name, index in at.items()},
        green={at[name]: "r0" for name in green}, red=frozenset(at[name] for name in red),
    )  # fmt: skip


NAMES = "abcdefgh"


@given(st.sets(st.sampled_from(NAMES)), st.sets(st.sampled_from(NAMES), min_size=1))
def test_what_runs_is_what_was_red_and_nothing_else(green: set[str], red: set[str]):
    narrowed = only_failed(plan(*NAMES), before(NAMES, "".join(green - red), "".join(red)))
    assert {step.name for step in narrowed.steps() if not step.skipped} == red
    assert {step.name for step in narrowed.steps() if step.skipped == "it passed in run r0"} == green - red


def test_what_the_plan_skips_for_itself_stays_skipped_for_that_reason():
    narrowed = only_failed(plan("a", "b", b="by hand"), before("ab", "", "ab"))
    assert [step.skipped for step in narrowed.steps()] == ["", "by hand"]


def test_a_step_that_the_run_never_reached_runs():
    assert [s.name for s in only_failed(plan("a", "b"), before("a", "a")).steps() if not s.skipped] == ["b"]


def test_a_run_without_a_red_step_leaves_nothing_to_do():
    with pytest.raises(UsageError, match="no step of default was red in run r1") as refused:
        only_failed(plan("a"), before("a", "a"))
    assert refused.value.hint


@pytest.mark.parametrize(("now", "says"), [(("a", "c"), "step 2 was 'b', and is 'c' now"), (("a",), "is gone")])
def test_steps_that_are_no_longer_the_same_are_told_apart(now: tuple[str, ...], says: str):
    with pytest.raises(UsageError, match=says):
        only_failed(plan(*now), before("ab", "a", "b"))


def test_a_recording_tells_green_red_and_held_up_and_what_was_green_before_it():
    events = [
        StepSkipped(at=0, step=1, name="a", why="it passed in run r0"),
        StepStarted(at=1, step=2, name="b"), StepEnded(at=2, step=2, result="passed", exit_code=0),
        StepStarted(at=2, step=3, name="c"), StepEnded(at=3, step=3, result="failed", exit_code=1),
        StepSkipped(at=3, step=4, name="d", why=EARLIER),
        StepSkipped(at=3, step=5, name="e", why="it deploys to production"),
        StepStarted(at=4, step=6, name="f"),
    ]  # fmt: skip
    found = past(replace(fold(events), run_id="r1", facts={"green": {"1": "r0"}}))
    assert found.green == {1: "r0", 2: "r1"}
    assert found.red == {3, 4, 6}
