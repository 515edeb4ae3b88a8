"""Campaigns of plain processes over small suites, and over the sample whose flaky tests were planted."""

import subprocess
import sys
import tempfile
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from suites import PYTEST, bare_pytest, outcomes, suite, task  # noqa: F401 - a fixture is used by its name

from pipelinelab.errors import UsageError
from pipelinelab.flaky.ranking import rank
from pipelinelab.session import campaign
from pipelinelab.session.test_process import archive, run_tests

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "pytest-flaky"


def begin(folder: Path, **more) -> Path:
    made = folder / "campaign"
    campaign.create(made, campaign.Campaign(**{"command": PYTEST, "seed": 1, "times": 6, **more}))
    return made


def conduct(made: Path, source: Path, **more):
    with ThreadPoolExecutor(2) as executor:
        return campaign.conduct(made, executor, campaign.processes(source, campaign.load(made)), jobs=2, **more)


def test_a_campaign_that_was_stopped_goes_on_and_ends_as_if_it_had_not_been(tmp_path):
    source = suite(tmp_path / "src" if (tmp_path / "src").mkdir() is None else tmp_path, """
        import os
        def test_seeded(): assert int(os.environ["PIPELINELAB_SEED"]) % 3
        def test_ok(): pass
    """)  # fmt: skip
    made = begin(tmp_path)

    class Stopped(Exception):
        pass

    def stop(progress):
        if progress.done >= 2:
            raise Stopped

    with pytest.raises(Stopped):
        conduct(made, source, tell=stop)
    assert 2 <= len(campaign.done(made)) < 6
    (made / "runs" / "00005.jsonl.part").write_text("cut off")
    resumed = conduct(made, source).drop(columns="seconds")
    whole = conduct(begin(tmp_path / "other"), source).drop(columns="seconds")
    assert resumed.equals(whole) and set(resumed["run_id"]) == {f"{n:05d}" for n in range(6)}
    expected = {f"{n:05d}": campaign.again(campaign.load(made), n).seed % 3 == 0 for n in range(6)}
    first = resumed[resumed["test"] == "test_seeded"].drop_duplicates("run_id")
    assert {
        run: outcome == "failed" for run, outcome in zip(first["run_id"], first["outcome"], strict=True)
    } == expected


def test_a_campaign_stops_as_soon_as_every_test_has_its_verdict(tmp_path):
    (tmp_path / "src").mkdir()
    source = suite(tmp_path / "src", "def test_ok(): pass")
    made = begin(tmp_path, times=50, rate=0.5)
    frame = conduct(made, source)
    assert set(rank(frame, rate=0.5)["verdict"]) == {"healthy"}
    assert 5 <= len(campaign.done(made)) <= 7


def test_a_suite_without_tests_is_said_with_what_it_printed(tmp_path):
    (tmp_path / "src").mkdir()
    with pytest.raises(UsageError, match="found no test") as problem:
        conduct(begin(tmp_path), suite(tmp_path / "src", "x = 1"))
    assert "no tests ran" in problem.value.hint


def test_a_module_that_cannot_be_imported_is_an_error_of_its_own(tmp_path):
    (part,) = run_tests(task(suite(tmp_path, "raise SystemError('broken')")))
    assert outcomes([part]) == [("test_a", "error")] and "broken" in part.cases[0].message


def test_tests_of_one_name_in_a_report_of_the_suite_itself_are_told_apart(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "suite.py").write_text("""
import os, pathlib
green = '<testcase classname="s" name="twin"/>'
red = '<testcase classname="s" name="twin"><failure/></testcase>'
first, second = (red, green) if int(os.environ["PIPELINELAB_SEED"]) % 2 else (green, red)
pathlib.Path("test-reports").mkdir()
pathlib.Path("test-reports/all.xml").write_text(f'<testsuite tests="2">{first}{second}</testsuite>')
""")
    found = conduct(begin(tmp_path, command=(sys.executable, "suite.py")), tmp_path / "src")
    assert {name: len(rows) for name, rows in found.groupby("test")} == {"twin": 6, "twin #2": 6}
    assert found.groupby("run_id")["outcome"].apply(sorted).map(tuple).unique().tolist() == [("failed", "passed")]


def test_a_command_that_is_not_there_is_said(tmp_path):
    (tmp_path / "src").mkdir()
    with pytest.raises(UsageError, match="cannot be started"):
        conduct(begin(tmp_path, command=("no-such-program",)), suite(tmp_path / "src", ""))


WICKED = """
import os, signal, time
def test_ok(): pass
def test_dies():
    if int(os.environ["PIPELINELAB_SEED"]) % 2: os.kill(os.getpid(), signal.SIGSEGV)
def test_hangs():
    if int(os.environ["PIPELINELAB_SEED"]) % 3 == 0: time.sleep(600)
def test_名前_тест(): assert int(os.environ["PIPELINELAB_SEED"]) % 7
"""


def test_tests_that_die_and_hang_get_their_verdicts_and_the_campaign_goes_on(tmp_path):
    (tmp_path / "src").mkdir()
    made = begin(tmp_path, times=14, timeout_s=2.0, rate=0.3)
    frame = conduct(made, suite(tmp_path / "src", WICKED), early=False)
    found = {row["test"]: row for row in rank(frame, rate=0.3).to_dict("records")}
    assert (found["test_dies"]["verdict"], found["test_hangs"]["verdict"]) == ("crashes", "hangs")
    assert found["test_ok"]["verdict"] == "healthy" and found["test_ok"]["runs"] >= 14
    seeds = [campaign.again(campaign.load(made), number).seed for number in range(14)]
    assert found["test_名前_тест"]["failures"] >= sum(seed % 7 == 0 for seed in seeds) > 0


def test_what_kills_the_process_before_a_test_begins_is_laid_to_that_test(tmp_path):
    folder = suite(tmp_path, """
        import os
        def pytest_runtest_logstart(nodeid, location): pass
        def test_first(): pass
        def test_second(): pass
    """)  # fmt: skip
    (folder / "conftest.py").write_text(
        "import os, pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_protocol(item):\n"
        "    if item.name == 'test_second': os._exit(4)\n"
    )
    assert outcomes(run_tests(task(folder))) == [("test_first", "passed"), ("test_second", "killed")]


def test_a_disk_that_is_full_fails_the_test_that_filled_it_and_the_campaign_goes_on(tmp_path, small_disk):
    (tmp_path / "src").mkdir()
    source = suite(tmp_path / "src", """
        def test_fills():
            with open("big", "wb") as file:
                while True: file.write(b"x" * 100_000)
        def test_tidies():
            import os
            os.remove("big")
        def test_after(): assert 0, "seen"
    """)  # fmt: skip
    small_disk()
    frame = conduct(begin(tmp_path, times=2, shuffle=False), source, early=False)
    told = {row["test"]: (row["outcome"], row["message"]) for row in frame.to_dict("records")}
    assert told["test_fills"] == ("failed", "OSError: [Errno 28] No space left on device")
    assert told["test_after"][0] == "failed" and frame["run_id"].nunique() == 2


@pytest.fixture
def small_disk(tmp_path, monkeypatch):
    """Ask for the scratch folders of runs to be on a disk of 4 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = []

    def ask():
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], check=False, capture_output=True
        )
        if made.returncode:
            pytest.skip(f"no small disk can be mounted here: {made.stderr.decode()[:100]}")
        mounted.append(disk)
        monkeypatch.setattr(tempfile, "tempdir", str(disk))

    yield ask
    for one in mounted:
        subprocess.run(["umount", one], check=True)


def test_two_dask_workers_make_the_runs_of_one_campaign(tmp_path):
    distributed = pytest.importorskip("distributed")
    (tmp_path / "src").mkdir()
    source = suite(tmp_path / "src", "def test_ok(): pass\ndef test_bad(): assert 0")
    made = begin(tmp_path, times=4)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", processes=False) as cluster,
        distributed.Client(cluster) as client,
    ):
        submit = campaign.processes(source, campaign.load(made), archive(source))
        frame = campaign.conduct(made, client.get_executor(pure=False), submit, jobs=2)
    assert set(zip(frame["test"], frame["outcome"], strict=True)) == {("test_bad", "failed"), ("test_ok", "passed")}
    assert frame["run_id"].nunique() == 4


def planted() -> dict[tuple[str, str], str]:
    truth = tomllib.loads((SAMPLE / "planted.toml").read_text(encoding="utf-8"))
    return {(one["suite"], one["test"]): one["verdict"] for one in truth["planted"]}


SEEDS = [pytest.param(seed, marks=pytest.mark.full if seed > 3 else ()) for seed in range(1, 21)]


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_campaign_on_the_sample_finds_exactly_what_was_planted(tmp_path, seed):
    made = begin(tmp_path, seed=seed, times=90)
    ranking = rank(conduct(made, SAMPLE / "project"))
    truth = planted()
    found = {(row["suite"], row["test"]): row["verdict"] for row in ranking.to_dict("records")}
    assert {name: word for name, word in found.items() if word != "healthy"} == truth
    assert len(found) == 51
