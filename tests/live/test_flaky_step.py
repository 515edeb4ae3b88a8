"""Campaigns over a pipeline's step: its own image, services and database, fresh in each run."""

from __future__ import annotations

import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest
import support

from pipelinelab.cli import main
from pipelinelab.engines.docker import DockerEngine
from pipelinelab.errors import UsageError
from pipelinelab.flaky.campaign import Run
from pipelinelab.flaky.ranking import rank
from pipelinelab.session import campaign, step_campaign
from pipelinelab.session.step_campaign import SCRATCH, StepTask, run_step
from pipelinelab.session.test_process import archive
from pipelinelab.setup.samples import make

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

PLANTED = Path(__file__).parents[2] / "data" / "samples" / "django-mysql" / "planted.toml"
LEAKY = """
import os
import unittest


class Leaky(unittest.TestCase):
    def test_a_file_is_left_behind(self):
        self.assertFalse(os.path.exists("left-behind"))
        open("left-behind", "w").close()

    def test_a_secret_is_not_told(self):
        self.fail("the token is %s" % os.environ["TOKEN"])

    def test_the_process_is_killed(self):
        os.kill(os.getpid(), 9)

    def test_the_seed_is_told(self):
        print("seed=" + os.environ["PIPELINELAB_SEED"])
"""
RUNNER = """
import sys
import unittest

import outcomes_py2 as outcomes


class Told(unittest.TextTestResult):
    def startTest(self, test):
        outcomes.start("leaky.Leaky", test._testMethodName)
        self.bad = ""
        super().startTest(test)

    def addFailure(self, test, err):
        self.bad = str(err[1])
        super().addFailure(test, err)

    def stopTest(self, test):
        outcomes.outcome("leaky.Leaky", test._testMethodName, "failed" if self.bad else "passed", 0.1, self.bad)


import leaky

tests = list(unittest.defaultTestLoader.loadTestsFromModule(leaky))
tests = outcomes.arranged([one for suite in tests for one in suite], lambda t: "leaky.Leaky::" + t._testMethodName)
outcomes.header()
outcomes.begin("unittest", "1", ["leaky.Leaky::" + one._testMethodName for one in tests])
ok = unittest.TextTestRunner(resultclass=Told).run(unittest.TestSuite(tests)).wasSuccessful()
outcomes.end()
sys.exit(not ok)
"""


@pytest.fixture
def suite(tmp_path: Path, docker: DockerEngine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository whose step runs a small suite through the hooks' own protocol."""
    text = support.pipelines(support.step(["python3 tell.py"], name="Tests"), image="pipelinelab/python311")
    config = '[secrets]\nnames = ["TOKEN"]\n'
    monkeypatch.setenv("TOKEN", "s3cret-value-of-token")
    files = {"leaky.py": LEAKY, "tell.py": RUNNER, "pipelinelab.toml": config}
    return support.repository(tmp_path / "suite", text, files)


def of(source: Path, **more: object) -> StepTask:
    return StepTask(step="Tests", source=str(source), run=Run(0, 5), **more)  # type: ignore[arg-type]


def standing(docker: DockerEngine) -> list[str]:
    found = docker.client.containers(all=True, filters={"label": "pipelinelab.folder"})
    return [one["Id"] for one in found if SCRATCH in one["Labels"]["pipelinelab.folder"]]


def conduct(folder: Path, source: Path, asked: campaign.Campaign, jobs: int = 2) -> pd.DataFrame:
    campaign.create(folder, asked)
    with ThreadPoolExecutor(jobs) as pool:
        return campaign.conduct(folder, pool, step_campaign.submit(source, asked), jobs=jobs)


def test_each_run_of_a_step_starts_from_the_same_files_and_goes_on_after_a_killed_process(suite, docker):
    for _ in range(2):
        parts = run_step(of(suite), docker)
        assert [(case.test, case.outcome) for part in parts for case in part.cases] == [
            ("test_a_file_is_left_behind", "passed"), ("test_a_secret_is_not_told", "failed"),
            ("test_the_process_is_killed", "killed"), ("test_the_seed_is_told", "passed"),
        ]  # fmt: skip
        assert parts[0].cases[1].message == "the token is $TOKEN" and "s3cret" not in repr(parts)
        assert parts[0].cases[2].message == "the process ended by signal 9 while this test ran"
        assert "seed=5" in parts[1].output and parts[1].exit_code == 0
    assert not (suite / ".pipelinelab").exists() and standing(docker) == []


def test_a_test_that_hangs_in_a_step_is_named(suite, docker):
    text = LEAKY.replace("os.kill(os.getpid(), 9)", "__import__('time').sleep(600)")
    (suite / "leaky.py").write_text(text)
    parts = run_step(of(suite, timeout_s=2.0), docker)
    told = {case.test: (case.outcome, case.message) for part in parts for case in part.cases}
    assert told["test_the_process_is_killed"] == ("timed_out", "still ran after 2 s")
    assert told["test_the_seed_is_told"][0] == "passed"


def test_a_step_without_tests_is_said_with_what_it_printed(tmp_path, docker):
    source = support.repository(
        tmp_path / "r", support.pipelines({"step": {"name": "S", "script": ["echo only this"]}})
    )
    asked = campaign.Campaign(command=(), step="S", seed=1, times=2)
    with pytest.raises(UsageError, match="step 'S' found no test") as problem:
        conduct(tmp_path / "c", source, asked)
    assert "only this" in problem.value.hint


def test_a_step_that_is_not_there_is_said_before_anything_runs(suite):
    with pytest.raises(UsageError, match="Nowhere"):
        step_campaign.check(suite, "Nowhere")


def test_two_dask_workers_make_the_runs_of_a_step_from_an_archive(suite, tmp_path, docker):
    distributed = pytest.importorskip("distributed")
    asked = campaign.Campaign(command=(), step="Tests", seed=1, times=4, shuffle=False)
    campaign.create(tmp_path / "c", asked)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", processes=False) as cluster,
        distributed.Client(cluster) as client,
    ):
        submit = step_campaign.submit(Path("/nowhere"), asked, archive(suite))
        frame = campaign.conduct(tmp_path / "c", client.get_executor(pure=False), submit, jobs=2)
    assert frame["run_id"].str.partition("+")[0].nunique() == 4
    assert set(frame[frame["test"] == "test_the_process_is_killed"]["outcome"]) == {"killed"}
    assert standing(docker) == []


MANAGE = """
import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line

settings.configure(SECRET_KEY="x", INSTALLED_APPS=["one", "two"], USE_TZ=True,
                   DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
execute_from_command_line(sys.argv)
"""
ONE = """
import os
import unittest


class One(unittest.TestCase):
    def test_red(self):
        self.fail("no")

    def test_z(self):
        %s
"""
TWO = "import unittest\n\n\nclass Two(unittest.TestCase):\n    def test_two(self):\n        pass\n"


def test_the_workers_of_a_dask_cluster_replay_a_step_for_the_command_line(suite, docker, capsys):
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1")
    with cluster, pytest.raises(SystemExit) as ended:
        main(["flaky", "run", "-C", str(suite), "--step", "Tests", "--times", "3", "--dask", cluster.scheduler_address])
    said = capsys.readouterr()
    assert ended.value.code == 1 and "crashes: leaky.Leaky::test_the_process_is_killed" in said.out
    assert "3 runs are kept in" in said.err and "Traceback" not in said.err and standing(docker) == []


def two_commands(folder: Path, last: str) -> Path:
    script = ["python3 manage.py test one", "python3 manage.py test two", "false", "python3 manage.py test two"]
    text = support.pipelines(support.step(script, name="Tests"), image="pipelinelab/python311:django52")
    return support.repository(folder / "two", text, {
        "manage.py": MANAGE, "one/__init__.py": "", "two/__init__.py": "", "two/tests.py": TWO,
        "one/tests.py": ONE % last,
    })  # fmt: skip


def test_a_red_test_command_does_not_keep_the_steps_next_one_from_giving_its_outcomes(tmp_path, docker):
    (part,) = run_step(of(two_commands(tmp_path, "pass")), docker)
    assert [(case.test, case.outcome) for case in part.cases] == [
        ("test_red", "failed"), ("test_z", "passed"), ("test_two", "passed"),
    ]  # fmt: skip
    assert part.order == ["one.tests.One::test_red", "one.tests.One::test_z", "two.tests.Two::test_two"]
    assert part.exit_code == 1 and part.said["ended"], "what is no test command still ends the step"


def test_the_tests_of_the_steps_next_command_are_owed_too_where_one_ends_its_process(tmp_path, docker):
    parts = run_step(of(two_commands(tmp_path, "os._exit(7)")), docker)
    assert [[(case.test, case.outcome) for case in part.cases] for part in parts] == [
        [("test_red", "failed"), ("test_z", "killed")], [("test_two", "passed")],
    ]  # fmt: skip


def test_a_step_whose_runner_has_no_hook_is_read_by_its_junit_file_or_its_output(tmp_path, docker):
    unit = "python3 -m unittest -v two.tests"
    for folder, more in (("output", []), ("junit", ["mkdir -p test-reports", "cp r.xml test-reports/r.xml"])):
        text = support.pipelines(support.step([unit, *more], name="Tests"), image="pipelinelab/python311")
        source = support.repository(tmp_path / folder, text, {
            "two/__init__.py": "", "two/tests.py": TWO,
            "r.xml": '<testsuite><testcase name="x" classname="c"/></testsuite>',
        })  # fmt: skip
        (part,) = run_step(of(source), docker)
        names = [(case.suite, case.test, case.outcome) for case in part.cases]
        assert names == [("two.tests.Two", "test_two", "passed") if folder == "output" else ("c", "x", "passed")]


def shop(folder: Path, stack: str) -> Path:
    return make("django-mysql", folder / "shop", state="flaky", stack=stack)


@pytest.mark.parametrize("stack", ["founding", "django52"])
def test_djangos_tests_come_in_the_order_asked_for_on_a_fresh_database_on_old_and_new(tmp_path, docker, stack):
    source = shop(tmp_path, stack)
    runs = [Run(0, 7), Run(1, 7, shuffle=3), Run(2, 7, shuffle=3)]
    with ThreadPoolExecutor(2) as pool:
        own, first, again = pool.map(
            lambda run: run_step(StepTask(step="Warehouse", source=str(source), run=run), docker), runs
        )
    told = [[(case.suite, case.test, case.outcome) for case in parts[0].cases] for parts in (own, first, again)]
    assert len(told[0]) == 50 and told[1] == told[2]
    assert sorted(told[0])[0][:2] == sorted(told[1])[0][:2] and [t[:2] for t in told[0]] != [t[:2] for t in told[1]]
    assert own[0].said["framework"] == "django" and own[0].said["ended"] is True


def planted() -> dict[tuple[str, str], str]:
    truth = tomllib.loads(PLANTED.read_text(encoding="utf-8"))
    return {(one["suite"], one["test"]): one["verdict"] for one in truth["planted"]}


@pytest.mark.full
@pytest.mark.timeout(1800)
def test_a_campaign_over_the_shops_step_finds_exactly_what_was_planted(tmp_path, docker):
    source = shop(tmp_path, "founding")
    asked = campaign.Campaign(command=(), step="Warehouse", seed=2, times=90)
    ranking = rank(conduct(tmp_path / "campaign", source, asked))
    found = {(row["suite"], row["test"]): row["verdict"] for row in ranking.to_dict("records")}
    assert {name: word for name, word in found.items() if word != "healthy"} == planted()
    assert len(found) == 50
