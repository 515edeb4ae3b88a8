"""A plan that can be looked at."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.model.pipelines import Command, Parallel, Pipeline, Pipelines, Stage, Step
from pipelinelab.planning.tree import tree

STEP = st.builds(
    Step,
    name=st.none() | st.text(max_size=40),
    script=st.lists(st.builds(Command, text=st.text(min_size=1)), min_size=1, max_size=3).map(tuple),
    trigger=st.sampled_from(["automatic", "manual"]),
)
PARALLEL = st.builds(Parallel, steps=st.lists(STEP, min_size=1, max_size=4).map(tuple))
STAGE = st.builds(Stage, name=st.none() | st.text(max_size=40), steps=st.lists(STEP, min_size=1, max_size=3).map(tuple))
PIPELINE = st.builds(
    Pipeline, kind=st.just("custom"), pattern=st.text(max_size=20),
    elements=st.lists(STEP | PARALLEL | STAGE, max_size=5).map(tuple),
)  # fmt: skip


@given(PIPELINE)
def test_the_picture_of_any_pipeline_is_one_whole_svg_without_scripts(pipeline: Pipeline) -> None:
    drawn = tree(Pipelines(), pipeline)._repr_html_()
    clean = "".join(sign for sign in drawn if sign.isprintable() or sign == "\n")
    assert ElementTree.fromstring(clean).tag.endswith("svg")
    assert "<script" not in drawn and " id=" not in drawn


@given(PIPELINE)
def test_the_picture_of_a_pipeline_is_the_same_every_time(pipeline: Pipeline) -> None:
    assert tree(Pipelines(), pipeline)._repr_html_() == tree(Pipelines(), pipeline)._repr_html_()


@given(PIPELINE)
def test_every_step_is_in_the_tree_once(pipeline: Pipeline) -> None:
    count = sum(
        1 if isinstance(one, Step) else len(one.steps) for one in pipeline.elements
    )  # fmt: skip
    assert sum(node.kind == "step" for node in tree(Pipelines(), pipeline).root.walk()) == count
