"""Pipelines by strangers plan without a surprise."""

from pathlib import Path

import pytest

from pipelinelab.planning.build import build
from pipelinelab.planning.context import Given, Options, Repository
from pipelinelab.reading.read import read_text

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
FILES = sorted((*CORPUS.glob("valid/*.yml"), *CORPUS.glob("disputed/*.yml")))
REPO = Repository(name="r", commit="c" * 40, branch="main")


@pytest.mark.skipif(not FILES, reason="the corpus of real files is not beside this checkout")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_pipeline_of_a_real_file_has_a_plan(path: Path):
    reading = read_text(path.read_bytes(), path.name)
    assert reading.pipelines is not None
    for pipeline in reading.pipelines.pipelines:
        if pipeline.imported is None:
            plan = build(reading.pipelines, pipeline, REPO, Given(), Options())
            assert all(step.memory_mib >= 1024 and step.items for step in plan.steps())
