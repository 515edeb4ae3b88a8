"""``pipelinelab flaky`` as it is typed."""

import json
import re
import sys
from pathlib import Path

import pytest

from pipelinelab.cli import main

BAD = '<failure message="boom"/>'


@pytest.fixture
def flaky(capsys, tmp_path, monkeypatch):
    """Run the command in an empty folder; gives exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["flaky", *arguments])
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out, said.err

    return call


def report(path: Path, **outcomes: bool) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cases = "".join(
        f'<testcase classname="s" name="{n}" time="1">{"" if ok else BAD}</testcase>' for n, ok in outcomes.items()
    )
    path.write_text(f"<testsuite>{cases}</testsuite>")
    return path


def past(folder: Path, runs: int = 40) -> Path:
    for number in range(runs):
        report(
            folder / f"build-{number}" / "junit.xml", flaky=number % 3 > 0, sound=True, other=True, more=True, last=True
        )
    return folder


def test_past_reports_are_imported_in_natural_order_and_ranked(flaky, tmp_path):
    code, out, _ = flaky("import", str(past(tmp_path / "ci")), "--commit", "c1")
    assert (code, out) == (0, "200 outcomes of 40 runs: 40 new\n")
    assert flaky("import", str(tmp_path / "ci"), "--commit", "c1")[1] == "200 outcomes of 40 runs: 0 new, 40 replaced\n"
    code, out, _ = flaky("rank")
    assert code == 0 and out.startswith("≈ non-deterministic: s::flaky  [")
    assert out.endswith("5 tests: 1 non-deterministic, 4 healthy\n")
    listed = json.loads(flaky("rank", "--format", "json")[1])
    assert [(one["test"], one["runs"], one["failures"]) for one in listed][:1] == [("flaky", 40, 14)]


def test_the_gate_stays_open_for_known_flaky_tests_and_shuts_for_new_failures(flaky, tmp_path):
    flaky("import", str(past(tmp_path / "ci")))
    known = report(tmp_path / "now" / "a.xml", flaky=False, sound=True, other=True)
    code, out, _ = flaky("gate", str(known))
    assert code == 0 and out.endswith("open: 3 tests, 0 failures that count, 1 known\n")
    code, out, _ = flaky("gate", str(report(tmp_path / "then" / "a.xml", flaky=True, sound=False, brand_new=False)))
    assert code == 1 and "not known to be flaky: healthy" in out and "new: the history has no such test" in out


@pytest.mark.parametrize(("form", "name"), [("json", "quarantine.json"), ("markdown", "quarantine.md")])
def test_a_quarantine_is_written_and_heeded(flaky, tmp_path, form, name):
    flaky("import", str(past(tmp_path / "ci")))
    code, out, _ = flaky("quarantine", "--format", form, "--until", "2999-01-01")
    assert code == 0 and "flaky" in out
    (tmp_path / ".pipelinelab" / name).write_text(out)
    assert "quarantined" in flaky("gate", str(report(tmp_path / "n" / "a.xml", flaky=False)))[1]


def test_a_flaky_test_stops_a_merge_again_once_its_quarantine_is_over(flaky, tmp_path):
    flaky("import", str(past(tmp_path / "ci")))
    now = str(report(tmp_path / "now" / "a.xml", flaky=False, sound=True))
    assert flaky("gate", now)[0] == 0, "its history excuses it"
    (tmp_path / ".pipelinelab" / "quarantine.json").write_text(flaky("quarantine", "--until", "2020-01-31")[1])
    code, out, _ = flaky("gate", now)
    assert code == 1 and "its quarantine ended on 2020-01-31" in out and "shut: 2 tests, 1 failures that count" in out


def test_logs_that_only_count_what_passed_are_refused_before_anything_is_recorded(flaky, tmp_path):
    past(tmp_path / "ci", 3)
    (tmp_path / "ci" / "build-9.log").write_text("....  [100%]\n4 passed in 0.10s\n")
    code, out, err = flaky("import", str(tmp_path / "ci"))
    assert code == 2 and "build-9.log: it only counts 4 tests that passed" in err and "--junitxml" in err
    assert not out and not (tmp_path / ".pipelinelab").exists()


def test_a_campaign_of_an_output_that_only_counts_what_passed_is_refused(flaky, tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "quiet.py").write_text('print("..\\n\\nRan 2 tests in 0.001s\\n\\nOK")\n')
    code, _, err = flaky("run", "-C", "src", "--times", "3", "--", sys.executable, "quiet.py")
    assert code == 2 and "only counts 2 tests that passed" in err and "unittest -v" in err
    assert flaky("rank", "-C", "src")[0] == 2, "nothing was recorded"


def test_tests_of_one_name_are_judged_one_by_one_and_so_is_the_gate(flaky, tmp_path):
    twin = '<testcase classname="s" name="twin"/>'
    red = f'<testcase classname="s" name="twin">{BAD}</testcase>'
    for number in range(30):
        (tmp_path / "ci" / f"build-{number}").mkdir(parents=True)
        second = red if number % 3 else twin
        (tmp_path / "ci" / f"build-{number}" / "a.xml").write_text(f'<testsuite tests="2">{twin}{second}</testsuite>')
    flaky("import", str(tmp_path / "ci"), "--commit", "c1")
    listed = json.loads(flaky("rank", "--format", "json")[1])
    assert {(one["test"], one["verdict"], one["failures"]) for one in listed} == {
        ("twin #2", "non-deterministic", 20), ("twin", "healthy", 0),
    }  # fmt: skip
    (tmp_path / "now.xml").write_text(f'<testsuite tests="2">{red}{twin}</testsuite>')
    code, out, _ = flaky("gate", str(tmp_path / "now.xml"))
    assert code == 1 and "not known to be flaky: healthy" in out, "the first of the two, which never failed before"


def test_a_broken_report_among_good_ones_is_named_and_the_rest_goes_on(flaky, tmp_path):
    past(tmp_path / "ci", 5)
    (tmp_path / "ci" / "build-2" / "junit.xml").write_text(
        '<testsuite><testcase name="a"/><testcase name="b"/><testcase'
    )
    (tmp_path / "ci" / "build-3" / "notes.txt").write_text("nothing here")
    code, out, err = flaky("import", str(tmp_path / "ci"))
    assert code == 1 and "of 5 runs" in out
    assert "build-2/junit.xml:1:" in err and "notes.txt: this is no test report" in err and "Traceback" not in err


def test_a_pattern_names_commit_and_environment(flaky, tmp_path):
    report(tmp_path / "ci" / "py27-abc123" / "r.xml", a=True)
    flaky("import", str(tmp_path / "ci"), "--pattern", r"(?P<environment>py\d+)-(?P<commit>[0-9a-f]+)/")
    from pipelinelab.session import past as stored

    frame = stored.load(tmp_path / ".pipelinelab" / "history" / "tests.parquet")
    assert frame[["commit", "environment"]].iloc[0].tolist() == ["abc123", "py27"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "--step", "S", "--", "pytest"), "a step brings its own commands"),
        (("run", "--pipeline", "default"), "which step of pipeline 'default'?"),
        (("rank",), "nothing is known"), (("import", "nowhere"), "nowhere"),
        (("chart", "after", "x.png"), "which test?"),
        (("chart", "heatmap", "x.exe"), ".png or .svg"), (("run", "--resume", "x"), "no campaign 'x'"),
        (("gate", "."), "no report is here"), (("import", ".", "--pattern", "("), "pattern"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_in_a_line(flaky, arguments, said):
    code, _, err = flaky(*arguments)
    assert code == 2 and said in err and "Traceback" not in err


def test_charts_are_drawn_and_told(flaky, tmp_path):
    past(tmp_path / "ci")
    for kind in ("heatmap", "ranking", "onset", "durations"):
        code, out, _ = flaky("chart", kind, f"{kind}.png", "--from", "ci")
        assert code == 0 and out.endswith(".\n") and (tmp_path / f"{kind}.png").stat().st_size > 5000
    assert flaky("chart", "position", "p.svg", "--test", "s::flaky", "--from", "ci")[0] == 0


def test_a_campaign_is_run_and_resumed(flaky, tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "test_a.py").write_text("def test_ok(): pass\ndef test_bad(): assert 0\n")
    command = ("--", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    code, out, err = flaky("run", "-C", "src", "--times", "2", "--seed", "3", *command)
    assert code == 1 and "test_bad" in out and "2 runs are kept in" in err
    code, out, err = flaky("run", "-C", "src", "--resume", "last")
    assert code == 1 and "2 tests: 2 unsettled" in out


@pytest.fixture
def cluster():
    """The address of a Dask scheduler on this machine, with two workers that are processes of their own."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as made:
        yield made.scheduler_address


def test_a_campaign_is_run_by_the_workers_of_a_dask_cluster(flaky, tmp_path, cluster):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "test_a.py").write_text(
        "import os\ndef test_worker(): assert 0, f'worker {os.getppid()}'\ndef test_ok(): pass\n"
    )
    command = ("--", sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    code, out, err = flaky("run", "-C", "src", "--dask", cluster, "--times", "6", "--seed", "3", *command)
    assert code == 1 and "test_worker" in out and "6 runs are kept in" in err and "Traceback" not in err
    runs = (tmp_path / "src" / ".pipelinelab" / "campaigns").glob("*/runs/*.jsonl")
    said = "".join(path.read_text() for path in runs)
    assert len(set(re.findall(r"worker (\d+)", said))) == 2, "both workers made runs"


def test_a_dask_scheduler_that_is_not_there_is_said(flaky, tmp_path):
    pytest.importorskip("distributed")
    code, _, err = flaky("run", "--dask", "tcp://127.0.0.1:9", "--times", "2", "--", "pytest")
    assert code == 2 and "no Dask scheduler answers at tcp://127.0.0.1:9" in err and "Traceback" not in err


def test_a_dask_cluster_without_workers_is_said(flaky, tmp_path):
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(n_workers=0, dashboard_address=None, host="127.0.0.1") as made:
        code, _, err = flaky("run", "--dask", made.scheduler_address, "--times", "2", "--", "pytest")
    assert code == 2 and "has no workers" in err and "Traceback" not in err
    assert not (tmp_path / ".pipelinelab").exists(), "nothing was begun"
