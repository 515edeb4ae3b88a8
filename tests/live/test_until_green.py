"""The story of five failures, told by the lab itself: diagnosed, cured and proven, with no hand on the keyboard."""

from pathlib import Path

import pytest

import pipelinelab
from pipelinelab.session.configured import configured
from pipelinelab.session.diagnosed import diagnose, diagnose_path
from pipelinelab.session.diagnosing import rules_of
from pipelinelab.session.engine import live
from pipelinelab.session.proving import Bench
from pipelinelab.session.story import until_green

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]

STACKS = [
    "founding",
    pytest.param("django42", marks=pytest.mark.full),
    pytest.param("django52", marks=pytest.mark.full),
]


@pytest.mark.parametrize("stack", STACKS)
def test_cures_lead_from_the_refused_file_to_green(tmp_path: Path, stack: str):
    shop = pipelinelab.sample("django-mysql", "map", tmp_path / "shop", stack)
    before = {path: path.read_bytes() for path in shop.glob("**/*") if path.is_file() and ".git/" not in str(path)}
    story = until_green(Bench(shop, configured(shop), live(), rules_of(shop)[0]))
    assert story.green
    rules = [proof.finding.rule for proof in story.proofs]
    assert rules[0].startswith("PL")
    assert rules[1:4] == ["mysql-socket", "mysql-service-user-missing", "django-test-database-denied"]
    assert rules[-2:] == ["django-test-leak", "mysql-charset"]
    assert [proof.outcome for proof in story.proofs] == ["moved on"] * (len(rules) - 1) + ["proven"]
    assert all(path.read_bytes() == text for path, text in before.items()), "the user's own files were touched"


def test_noinput_is_shown_to_drop_the_database_and_keepdb_is_not(tmp_path: Path):
    run = pipelinelab.replay(pipelinelab.sample("django-mysql", "prompt", tmp_path / "shop"), engine=live())
    found = diagnose(run)
    assert found.finding.rule == "django-test-database-prompt"
    assert [cure.safety for cure in found.cures] == ["safe", "unsafe"]
    harmful = found.prove("--noinput")
    assert harmful.outcome == "harmful"
    assert any("database" in effect for effect in harmful.proof.effects)
    good = diagnose(pipelinelab.replay(run.folder.parents[2], engine=live())).prove("--keepdb")
    assert good.outcome == "moved on"
    assert not any("drops" in effect for effect in good.proof.effects)


def test_the_red_step_still_stands_after_its_cure_was_proven(tmp_path: Path):
    run = pipelinelab.replay(pipelinelab.sample("django-mysql", "socket", tmp_path / "shop"), engine=live())
    assert diagnose(run).prove().outcome == "moved on"
    assert run.kept().query("select 1 as one")["one"].tolist() == ["1"]


def test_the_refused_file_is_cured_where_it_is_wrong(tmp_path: Path):
    shop = pipelinelab.sample("django-mysql", "map", tmp_path / "shop")
    found = diagnose_path(shop)
    assert "MYSQL_RANDOM_ROOT_PASSWORD" in found.finding.evidence[0].text
    assert found.prove().outcome == "moved on"


def test_a_cure_that_changes_nothing_that_matters_is_called_no_change(tmp_path: Path):
    run = pipelinelab.replay(pipelinelab.sample("django-mysql", "socket", tmp_path / "shop"), engine=live())
    assert diagnose(run).try_edit("README.md", "shop", "store").outcome == "no change"
