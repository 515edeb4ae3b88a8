"""What a plan lacks is told before anything runs."""

import pytest

from pipelinelab.model.pipelines import Image
from pipelinelab.planning.plan import Item, Plan, StepPlan
from pipelinelab.planning.preflight import env_stub, missing_variables


def plan(*texts: str, **given: str) -> Plan:
    items = tuple(Item(phase="script", index=i, text=text) for i, text in enumerate(texts))
    step = StepPlan(index=1, name="s", image=Image(name="x"), items=items, variables=given)
    return Plan(pipeline="default", waves=((step,),))


@pytest.mark.parametrize("text", ["curl $API_TOKEN", 'echo "${API_TOKEN}"', "a && b --key=$API_TOKEN"])
def test_a_variable_that_nobody_gives_is_named(text: str):
    assert missing_variables(plan(text)) == ("API_TOKEN",)
    assert missing_variables(plan(text, API_TOKEN="x")) == ()


@pytest.mark.parametrize(
    "texts",
    [
        ("echo $HOME $PWD $RANDOM",),
        ("echo ${API_TOKEN:-none} ${API_TOKEN-}",),
        ("export API_TOKEN=$(cat x)", "echo $API_TOKEN"),
        ("for FILE in *; do echo $FILE; done",),
        ("read NAME < x; echo $NAME",),
        ("awk '{print $FOO_BAR}' x",),
        ("echo \\$API_TOKEN",),
        ("echo $BITBUCKET_TAG of $BITBUCKET_PR_ID",),
    ],
)
def test_what_has_a_default_or_is_set_on_the_way_is_not(texts: tuple[str, ...]):
    assert missing_variables(plan(*texts)) == ()


def test_the_stub_is_a_line_for_each():
    assert env_stub(("A_B", "C_D")) == "A_B=\nC_D=\n"
