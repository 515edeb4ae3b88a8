"""``pipelinelab fix`` on a recorded run of the founding sample, whose step may not create its test database (1044)."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

import pipelinelab
from pipelinelab.cli.fix_command import command
from pipelinelab.errors import UsageError

RECORDING = Path(__file__).parents[2] / "data/recordings/10-socket-07"
UNSAFE = "Test as root"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PIPELINELAB_ENGINE", "recorded")
    return pipelinelab.sample("django-mysql", "test-database", tmp_path / "shop")


def record(shop: Path, *, outcome: str = "", parent: str | None = None) -> None:
    """The recording as the repository's last run: its proofs are ``outcome`` of the unsafe cure, or none."""
    events = [json.loads(line) for line in (RECORDING / "events.jsonl").read_text().splitlines()]
    run = shop / ".pipelinelab/runs" / events[0]["run_id"]
    shutil.copytree(RECORDING, run)
    proved = next(event for event in events if event["event"] == "proved")
    events = [event for event in events if event["event"] != "proved"]
    events[0]["parent_run"] = parent
    events += [{**proved, "cure": UNSAFE, "outcome": outcome}] if outcome else []
    (run / "events.jsonl").write_text("".join(f"{json.dumps(event)}\n" for event in events))


def fix(shop: Path, *arguments: str, answer: str = "") -> tuple[object, str]:
    done = CliRunner().invoke(command, ["-C", str(shop), *arguments], input=answer, standalone_mode=False)
    return done.exception or done.return_value, done.output


def test_a_safe_cure_is_shown_asked_for_and_written(shop: Path) -> None:
    record(shop)
    assert fix(shop, answer="n\n")[0] == 1 and "--keepdb" not in (shop / "bitbucket-pipelines.yml").read_text()
    code, told = fix(shop, answer="y\n")
    assert code == 0 and "unproven" in told
    assert "--keepdb" in (shop / "bitbucket-pipelines.yml").read_text()


@pytest.mark.parametrize("outcome", ["", "no change", "harmful"])
def test_an_unsafe_cure_that_no_replay_has_proven_is_not_written(shop: Path, outcome: str) -> None:
    record(shop, outcome=outcome)
    problem, _ = fix(shop, "--cure", "2", "--yes")
    assert isinstance(problem, UsageError) and UNSAFE in str(problem)


@pytest.mark.parametrize("outcome", ["proven", "moved on"])
def test_an_unsafe_cure_that_a_replay_has_proven_is(shop: Path, outcome: str) -> None:
    record(shop, outcome=outcome)
    assert fix(shop, "--cure", "2", "--yes")[0] == 0
    assert "'USER': 'root'" in (shop / "shop/settings.py").read_text()


def test_the_cure_of_a_run_that_had_another_cure_in_its_files_is_not_written_alone(shop: Path) -> None:
    record(shop, parent="20261129-000000-aaaa")
    problem, _ = fix(shop, json.loads((RECORDING / "events.jsonl").read_text().splitlines()[0])["run_id"], "--yes")
    assert isinstance(problem, UsageError) and "20261129-000000-aaaa" in problem.hint


def test_where_nobody_can_be_asked_nothing_is_written_and_it_says_how(shop: Path) -> None:
    record(shop)
    problem, _ = fix(shop)
    assert isinstance(problem, UsageError) and "--yes" in problem.hint
