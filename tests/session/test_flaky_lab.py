"""The calls of a notebook: campaigns that are played where they were recorded, and made where they were not."""

import shutil
from pathlib import Path

import pytest

import pipelinelab
from pipelinelab.errors import UsageError
from pipelinelab.session import flaky_lab

BARE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


@pytest.fixture
def recorded(monkeypatch):
    monkeypatch.setenv("PIPELINELAB_ENGINE", "recorded")


def test_a_recorded_campaign_is_played_and_one_with_another_seed_or_an_edited_file_is_made(
    recorded, tmp_path, monkeypatch
):
    library = pipelinelab.sample("pytest-flaky", "flaky", tmp_path / "library")
    made = []
    monkeypatch.setattr(
        flaky_lab.campaigns, "conduct", lambda *a, **k: made.append(1) or pipelinelab.outcomes(ONE).tests
    )
    found = pipelinelab.campaign(library, times=60, seed=20, early=False, environment=BARE)
    assert not made and found.tests["run_id"].nunique() == 60
    pipelinelab.campaign(library, times=60, seed=19, environment=BARE)
    (library / "library" / "fines.py").write_text("PER_DAY = 1\n")
    pipelinelab.campaign(library, times=60, seed=20, environment=BARE)
    assert len(made) == 2


ONE = Path(__file__).parents[2] / "data" / "recordings" / "nbval"


def test_two_histories_are_one_behind_the_other():
    own = pipelinelab.outcomes(ONE)
    both = own.then(own)
    assert both.tests["run_id"].nunique() == 2 * own.tests["run_id"].nunique()
    assert repr(own).startswith("11 tests in 8 runs: ")
    assert "Cell" in repr(own.durations()) and "unsettled" in own._repr_html_()


def test_a_gate_judges_a_report_by_its_history(tmp_path):
    own = pipelinelab.outcomes(ONE)
    shutil.copy(ONE / "run-1.xml", tmp_path / "now.xml")
    assert own.gate(tmp_path / "now.xml").open
    with pytest.raises(UsageError, match="no test case"):
        (tmp_path / "now.xml").write_text("<testsuite/>")
        own.gate(tmp_path / "now.xml")
