"""The samples: their history, their states and what is planted in them."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import random
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipelinelab.cli.sample_command import command
from pipelinelab.errors import UsageError
from pipelinelab.setup.samples import SAMPLES, make, sample, samples

RUN_IN_ORDER = '''
"""Runs the collected tests in the order, and as often, as a file says; writes each one's outcome to another."""
import json, os, pathlib
def pytest_collection_modifyitems(items):
    there = {item.nodeid: item for item in items}
    order = pathlib.Path(os.environ["ORDER"])
    if not order.exists():
        order.write_text(json.dumps(list(there)))
    items[:] = [there[name] for name in json.loads(order.read_text())]
bad = {}
def pytest_runtest_logreport(report):
    bad[report.nodeid] = bad.get(report.nodeid, False) or report.failed
    if report.when == "teardown":
        with open(os.environ["OUTCOMES"], "a") as file:
            print(json.dumps([report.nodeid, bad.pop(report.nodeid)]), file=file)
'''


def git(folder: Path, *args: str) -> str:
    return subprocess.run(["git", *args], cwd=folder, capture_output=True, text=True, check=True).stdout


def planted(name: str) -> dict[str, Any]:
    return tomllib.loads((SAMPLES / name / "planted.toml").read_text(encoding="utf-8"))


def drawn(seed: int, draw: str) -> float:
    """What planted.toml says a draw is."""
    return int(hashlib.sha256(f"{seed}/{draw}".encode()).hexdigest()[:13], 16) / 16.0**13


def fails(told: dict[str, Any], order: list[str], seed: int) -> set[str]:
    """The tests that planted.toml says fail in this order with this seed, each named ``suite.test``."""
    infrastructure = told["infrastructure"]
    if drawn(seed, infrastructure["draw"]) < infrastructure["rate"]:
        return {name for name in order if not name.startswith(tuple(infrastructure["stands"]))}
    expected = set()
    for plant in told["planted"]:
        name = f"{plant['suite']}.{plant['test']}"
        before = order[: order.index(name)]
        if "draw" in plant and drawn(seed, plant["draw"]) < plant["rate"]:
            expected.add(name)
        cleaned = max((before.index(one) for one in plant.get("cleaners", []) if one in before), default=-1)
        seen = [one in before[cleaned + 1 :] for one in plant.get("after", [])]
        victim, brittle = plant.get("role") == "victim", plant.get("role") == "brittle"
        if (victim and (all(seen) if plant.get("joint") else any(seen))) or (brittle and not any(seen)):
            expected.add(name)
    return expected


def test_a_sample_has_the_same_commit_ids_whatever_the_users_git_says(tmp_path, monkeypatch):
    first = make("django-mysql", tmp_path / "first")
    config = tmp_path / "config"
    config.write_text(
        "[commit]\n\tgpgsign = true\n[core]\n\tautocrlf = true\n[user]\n\tname = Somebody\n[am]\n\tkeepcr = 1\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody")
    monkeypatch.setenv("TZ", "Pacific/Chatham")
    second = make("django-mysql", tmp_path / "second")
    refs = [git(one, "for-each-ref", "--format=%(refname) %(objectname)") for one in (first, second)]
    assert refs[0] == refs[1]
    assert refs[0].count("refs/tags/") == len(sample("django-mysql").states)


@pytest.mark.parametrize("stack", [stack.id for stack in sample("django-mysql").stacks])
def test_every_state_is_a_tag_and_its_cure_is_the_small_diff_to_the_next(tmp_path, stack):
    told = sample("django-mysql")
    folder = make("django-mysql", tmp_path / "shop", stack=stack)
    assert git(folder, "tag", "--sort=creatordate").split() == [state.id for state in told.states]
    for state, after in zip(told.states, told.states[1:], strict=False):
        if state.result != "green":
            changed = git(folder, "diff", "--numstat", state.id, after.id).splitlines()
            paths = {line.split("\t")[2] for line in changed}
            assert paths <= {"bitbucket-pipelines.yml", "shop/settings.py"}
            assert sum(int(line.split("\t")[0]) for line in changed) <= 3


def test_a_sample_stands_at_the_state_that_was_asked_for_with_nothing_left_to_commit(tmp_path):
    for state in ("map", "leak", "flaky"):
        folder = make("django-mysql", tmp_path / state, state=state)
        assert git(folder, "rev-parse", "main", "HEAD").split() == [git(folder, "rev-parse", state).strip()] * 2
        assert git(folder, "status", "--porcelain") == ""


def test_the_history_tells_who_wrote_what_and_when(tmp_path):
    folder = make("django-mysql", tmp_path / "shop")
    assert git(folder, "show", "-s", "--format=%an|%aI|%cI", "socket").strip() == (
        "Zoë Håkansson|2020-03-03T09:12:00+01:00|2020-03-03T09:12:00+01:00"
    )
    assert {"李小雨", "Дмитро Коваль"} <= set(git(folder, "log", "--format=%an", "flaky").splitlines())


def test_the_stacks_differ_in_images_and_requirements_and_not_in_the_shop(tmp_path):
    trees = {
        stack.id: make("django-mysql", tmp_path / stack.id, stack=stack.id) for stack in sample("django-mysql").stacks
    }
    for one in ("shop", "tests", "manage.py", "catalogue.json"):
        assert len({git(folder, "rev-parse", f"green:{one}") for folder in trees.values()}) == 1
    images = {id: (folder / "bitbucket-pipelines.yml").read_text().splitlines()[0] for id, folder in trees.items()}
    assert images == {
        "founding": "image: python:2.7",
        "django42": "image: python:3.11",
        "django52": "image: python:3.11",
    }
    for id, folder in trees.items():
        mapped = tomllib.loads((folder / "pipelinelab.toml").read_text())["images"]
        assert images[id].removeprefix("image: ") in mapped
        assert "mysql:5.7" in mapped


def test_a_red_state_says_where_and_with_what_exit_code_on_every_stack():
    told = sample("django-mysql")
    assert [state.result for state in told.states] == ["refused", *["red"] * 6, "green", "flaky"]
    for state in told.states:
        if state.result == "red":
            assert set(state.exit_codes) == {stack.id for stack in told.stacks}
            assert state.broken and state.shows and state.family and state.cure


@pytest.mark.parametrize(
    ("kwargs", "message", "hint"),
    [
        ({"name": "django-mysq"}, "there is no sample 'django-mysq'", "did you mean django-mysql?"),
        ({"state": "colation"}, "there is no state .* named 'colation'", "did you mean collation?"),
        ({"stack": "rails"}, "there is no stack .* named 'rails'", "there are: founding, django42, django52"),
    ],
)
def test_a_name_that_is_not_there_is_answered_with_the_nearest_one(tmp_path, kwargs, message, hint):
    with pytest.raises(UsageError, match=message) as refused:
        make(**({"name": "django-mysql", "folder": tmp_path / "shop"} | kwargs))
    assert refused.value.hint == hint
    assert not (tmp_path / "shop").exists()


def test_a_folder_that_is_in_use_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        make("django-mysql", tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        make("django-mysql", tmp_path / "mine.txt")
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]


def test_a_sample_that_cannot_be_made_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Exception, match="git is not installed"):
        make("django-mysql", tmp_path / "shop")
    assert not (tmp_path / "shop").exists()


def test_the_command_line_makes_a_sample_and_says_how_to_go_on(tmp_path):
    folder = tmp_path / "the shop"
    done = CliRunner().invoke(command, ["make", "django-mysql", str(folder), "--state", "leak", "--stack", "django52"])
    assert done.exit_code == 0
    assert "red at `python manage.py test --keepdb tests.integration`" in done.output
    assert f"cd '{folder}' && pipelinelab replay" in done.output
    assert (folder / "bitbucket-pipelines.yml").is_file()


def test_the_command_line_lists_every_state_in_order():
    listed = CliRunner().invoke(command, ["list"]).output
    places = [listed.index(f"  {state.id} ") for told in samples() for state in told.states]
    assert places == sorted(places)


@pytest.mark.parametrize("name", ["django-mysql", "pytest-flaky"])
def test_every_planted_test_is_in_the_flaky_state(tmp_path, name):
    folder = make(name, tmp_path / "sample", state="flaky")
    told = planted(name)
    for plant in told["planted"]:
        full = f"{plant['suite']}.{plant['test']}"
        for test in (full, *plant.get("after", []), *plant.get("cleaners", [])):
            parts = test.partition("[")[0].split(".")
            depth = next(n for n in range(len(parts), 0, -1) if (folder / f"{'/'.join(parts[:n])}.py").is_file())
            tree: Any = ast.parse((folder / f"{'/'.join(parts[:depth])}.py").read_text(encoding="utf-8"))
            for part in parts[depth:]:
                tree = next(node for node in tree.body if getattr(node, "name", None) == part)


def run_pytest(folder: Path, tmp_path: Path, seed: int, order: list[str] | None = None) -> list[tuple[str, bool]]:
    """Run the pytest sample; each test's node id and whether it failed, as they ran."""
    (tmp_path / "in_order.py").write_text(RUN_IN_ORDER)
    asked, outcomes = tmp_path / "order.json", tmp_path / "outcomes.jsonl"
    for old in (asked, outcomes, folder / "shelves.json"):
        old.unlink(missing_ok=True)
    if order is not None:
        asked.write_text(json.dumps(order))
    own = {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": str(tmp_path),
        "ORDER": str(asked),
        "OUTCOMES": str(outcomes),
        "PIPELINELAB_SEED": str(seed),
    }
    argv = [sys.executable, "-m", "pytest", "-q", "-p", "in_order", "-p", "no:cacheprovider"]
    done = subprocess.run(argv, cwd=folder, env={**os.environ, **own}, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return [tuple(json.loads(line)) for line in outcomes.read_text().splitlines()]


def suite_and_test(nodeid: str) -> str:
    path, _, test = nodeid.partition("::")
    return f"{path.removesuffix('.py').replace('/', '.')}.{test}"


def test_what_is_planted_is_what_fails_in_any_order_with_any_seed(tmp_path):
    folder = make("pytest-flaky", tmp_path / "sample")
    told = planted("pytest-flaky")
    infrastructure = told["infrastructure"]
    down = next(seed for seed in range(1, 99) if drawn(seed, infrastructure["draw"]) < infrastructure["rate"])
    names = [name for name, _ in run_pytest(folder, tmp_path, seed=1)]
    assert len(names) == told["tests"]
    seen = set()
    for seed in (1, 2, 3, 4, 5, down):
        order = random.Random(seed).sample(names, len(names))
        outcomes = run_pytest(folder, tmp_path, seed, order)
        failed = {suite_and_test(name) for name, bad in outcomes if bad}
        assert failed == fails(told, [suite_and_test(name) for name in order], seed), f"seed {seed}"
        seen |= failed if seed != down else set()
        assert (len(failed) > 0.8 * len(names)) == (seed == down)
    assert len(seen) >= 6


def test_only_chance_fails_in_the_default_order(tmp_path):
    folder = make("pytest-flaky", tmp_path / "sample")
    told = planted("pytest-flaky")
    draws = {(plant["draw"], plant["rate"]) for plant in told["planted"] if "draw" in plant}
    draws.add((told["infrastructure"]["draw"], told["infrastructure"]["rate"]))
    fair = next(seed for seed in range(1, 999) if all(drawn(seed, draw) >= rate for draw, rate in draws))
    assert not [name for name, bad in run_pytest(folder, tmp_path, fair) if bad]


def test_what_is_planted_as_non_idempotent_fails_the_second_time(tmp_path):
    folder = make("pytest-flaky", tmp_path / "sample")
    plant = next(one for one in planted("pytest-flaky")["planted"] if one["verdict"] == "non-idempotent")
    name = f"{plant['suite'].replace('.', '/')}.py::{plant['test']}"
    assert run_pytest(folder, tmp_path, 1, [name, name]) == [(name, False), (name, True)]
