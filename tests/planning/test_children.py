"""A step of type pipeline is the custom pipeline that it starts, with the variables that it hands over."""

import pytest

from pipelinelab.errors import UsageError
from pipelinelab.planning.build import build
from pipelinelab.planning.context import Given, Options, Repository
from pipelinelab.planning.plan import Child, Plan, StepPlan
from pipelinelab.reading.read import read_text

REPO = Repository(name="r", commit="c" * 40, branch="main", changed=("a.txt",))
FILE = """
pipelines:
  default:
    - step: {name: Version, script: [v], output-variables: [VERSION]}
    - parallel:
        - step: {name: Scan, type: pipeline, custom: scan, input-variables: {LEVEL: $DEPTH, OF: $VERSION, KEY: $TOKEN}}
        - step: {name: Beside, script: [b]}
    - step: {name: Last, script: [l]}
  custom:
    scan:
      - variables: [{name: LEVEL, default: low, allowed-values: [low, high]}, {name: MODE, default: quick}]
      - step: {name: One, script: [one]}
      - parallel:
          - step: {name: Two, script: [two]}
          - step: {name: Three, script: [three]}
"""


def planned(text: str = FILE, title: str = "default", options: Options | None = None, **given) -> Plan:
    reading = read_text(text)
    assert reading.ok, reading
    assert reading.pipelines is not None
    pipeline = reading.pipelines.find(title)
    assert pipeline is not None
    return build(reading.pipelines, pipeline, REPO, Given(**given), options or Options())


def step(plan: Plan, name: str) -> StepPlan:
    return next(one for one in plan.steps() if one.name == name)


def test_its_steps_are_numbered_among_the_others_and_told_by_the_step_that_starts_them():
    plan = planned(repository={"DEPTH": "high"})
    assert [(one.index, one.stage, one.name) for one in plan.steps()] == [
        (1, "", "Version"), (2, "Scan", "One"), (3, "Scan", "Two"), (4, "Scan", "Three"), (5, "", "Beside"),
        (6, "", "Last"),
    ]  # fmt: skip
    assert [len(wave) for wave in plan.waves] == [1, 2, 1]


def test_parallel_groups_of_parent_and_child_have_numbers_of_their_own():
    plan = planned(repository={"DEPTH": "high"})
    assert step(plan, "Two").group == step(plan, "Three").group != step(plan, "Beside").group
    assert step(plan, "One").group is None


def test_inputs_are_pipeline_variables_of_the_child_alone_over_its_own_defaults():
    plan = planned(repository={"DEPTH": "high"})
    assert step(plan, "One").variables["LEVEL"] == "high"
    assert step(plan, "One").variables["MODE"] == "quick"
    assert not {"LEVEL", "MODE"} & step(plan, "Last").variables.keys()


def test_what_an_earlier_step_will_leave_is_still_a_reference_in_the_plan():
    child = planned(repository={"DEPTH": "high"}).waves[1][0]
    assert isinstance(child, Child)
    assert child.inputs["OF"] == "$VERSION"


def test_a_secret_stays_one_under_the_name_that_it_is_handed_over_by():
    plan = planned(repository={"DEPTH": "low", "TOKEN": "hidden"}, secrets=frozenset({"TOKEN"}))
    assert step(plan, "One").secrets == {"TOKEN", "KEY"}


def test_a_value_that_the_child_does_not_allow_is_refused_at_its_place():
    with pytest.raises(UsageError, match="LEVEL may not be 'deep' in custom/scan") as refused:
        planned(repository={"DEPTH": "deep"})
    assert str(refused.value).startswith("bitbucket-pipelines.yml:6:")
    assert refused.value.hint == "it is one of low, high"


def test_what_the_parent_was_asked_for_stays_with_it():
    text = """
pipelines:
  custom:
    parent:
      - variables: [{name: ASKED}]
      - step: {name: Down, type: pipeline, custom: child}
    child: [step: {name: C, script: [c]}]
"""
    plan = planned(text, "custom/parent", pipeline={"ASKED": "x", "GIVEN": "y"})
    assert "ASKED" not in step(plan, "C").variables
    assert step(plan, "C").variables["GIVEN"] == "y"


def test_the_condition_of_the_step_holds_for_the_whole_child():
    text = """
pipelines:
  default:
    - step:
        name: Down
        type: pipeline
        custom: child
        condition: {changesets: {includePaths: [docs/**]}}
  custom:
    child: [step: {name: C, script: [c]}, step: {name: D, script: [d]}]
"""
    assert {one.skipped for one in planned(text).steps()} == {
        "its condition is not met: no changed file matches docs/**"
    }


def test_a_child_may_be_asked_for_by_the_name_of_its_step():
    plan = planned(repository={"DEPTH": "low"}, options=Options(steps=("Scan",)))
    assert [one.name for one in plan.steps() if not one.skipped] == ["One", "Two", "Three"]


def test_a_condition_that_cannot_be_read_is_refused_at_its_place():
    text = "pipelines: {default: [step: {script: [c], condition: {state: A = 1}}]}"
    with pytest.raises(UsageError, match="found = at character 3 of 'A = 1'") as refused:
        planned(text)
    assert str(refused.value).startswith("bitbucket-pipelines.yml:1:")
    assert refused.value.hint


def test_what_only_bitbucket_has_is_told_before_anything_runs():
    steps = "step: {name: A, oidc: true, script: [a]}, step: {name: B, runs-on: [self.hosted], script: [b]}"
    text = f"pipelines: {{default: [{steps}]}}"
    assert [(note.step, note.kind) for note in planned(text).notes] == [(1, "oidc"), (2, "runner")]


def test_a_step_for_a_windows_runner_is_not_run_in_a_linux_container():
    text = "pipelines: {default: [step: {script: [b], runs-on: [self.hosted, windows]}]}"
    assert "windows runner" in next(planned(text).steps()).skipped


WAITING = """
pipelines:
  default:
    - step: {name: Build, script: [b]}
    - step: {name: Look, trigger: manual, script: [l]}
    - stage: {name: Later, trigger: manual, steps: [step: {name: One, script: [o]}, step: {name: Two, script: [t]}]}
"""


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (Options(), ["Build"]),
        (Options(manual=True), ["Build", "Look", "One", "Two"]),
        (Options(begun=frozenset({"Later"})), ["Build", "One", "Two"]),
        (Options(begun=frozenset({"Look"})), ["Build", "Look"]),
    ],
)
def test_what_waits_for_a_person_runs_where_somebody_starts_it_a_stage_as_a_whole(options: Options, names: list[str]):
    assert [one.name for one in planned(WAITING, options=options).steps() if not one.skipped] == names
