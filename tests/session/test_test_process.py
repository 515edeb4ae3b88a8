"""One run of a suite in processes of its own."""

import os
import sys
from dataclasses import replace

import pytest
from suites import PYTEST, alive, bare_pytest, outcomes, suite, task  # noqa: F401 - a fixture is used by its name

from pipelinelab.errors import UsageError
from pipelinelab.flaky.campaign import Run
from pipelinelab.session.test_process import Task, archive, run_tests, with_hook


def test_a_run_gives_outcomes_in_the_order_they_ran_and_leaves_the_folder_as_it_was(tmp_path):
    folder = suite(tmp_path, """
        def test_one():
            open("left-behind", "x").close()
        def test_two(): assert 0, "no"
    """)  # fmt: skip
    for _ in range(2):
        (part,) = run_tests(task(folder))
        assert outcomes([part]) == [("test_one", "passed"), ("test_two", "failed")]
    assert sorted(path.name for path in folder.iterdir()) == ["test_a.py"]
    assert part.order == ["test_a::test_one", "test_a::test_two"]


def test_a_shuffled_order_is_the_same_each_time_and_can_be_had_exactly(tmp_path):
    folder = suite(tmp_path, "\n".join(f"def test_{n}(): pass" for n in range(12)))
    first, again = (run_tests(task(folder, run=Run(0, 5, shuffle=9)))[0].order for _ in range(2))
    assert first == again != sorted(first)
    exact = tuple(reversed(first[:5]))
    assert run_tests(task(folder, run=Run(0, 5, only=exact)))[0].order == list(exact)


def test_each_test_runs_twice_where_that_is_asked(tmp_path):
    folder = suite(tmp_path, """
        import pytest
        seen = []
        @pytest.fixture(scope="module")
        def module(): seen.append("module"); return seen
        @pytest.mark.parametrize("x", [1, 2])
        def test_p(x, module): assert seen == ["module"]
        def test_once(): seen.append(1); assert seen.count(1) == 1
    """)  # fmt: skip
    (part,) = run_tests(task(folder, run=Run(0, 5, twice=True)))
    assert outcomes([part]) == [("test_p[1]", "passed")] * 2 + [("test_p[2]", "passed")] * 2 + [
        ("test_once", "passed"), ("test_once", "failed"),
    ]  # fmt: skip


def test_a_test_that_ends_its_process_is_named_and_the_rest_goes_on(tmp_path):
    folder = suite(tmp_path, """
        import os, signal
        def test_before(): pass
        def test_exits(): os._exit(3)
        def test_between(): pass
        def test_kills(): os.kill(os.getpid(), signal.SIGKILL)
        def test_after(): pass
    """)  # fmt: skip
    parts = run_tests(task(folder))
    assert outcomes(parts) == [
        ("test_before", "passed"), ("test_exits", "killed"), ("test_between", "passed"), ("test_kills", "killed"),
        ("test_after", "passed"),
    ]  # fmt: skip
    messages = [case.message for part in parts for case in part.cases if case.outcome == "killed"]
    assert messages == ["the process ended with exit code 3 while this test ran",
                        "the process ended by signal 9 while this test ran"]  # fmt: skip


def test_a_test_that_hangs_is_named_its_children_die_and_the_rest_goes_on(tmp_path):
    folder = suite(tmp_path, f"""
        import subprocess, time
        def test_hangs():
            child = subprocess.Popen(["sleep", "600"])
            open({str(tmp_path / "child")!r}, "w").write(str(child.pid))
            time.sleep(600)
        def test_after(): pass
    """)  # fmt: skip
    assert outcomes(run_tests(task(folder, timeout_s=3.0))) == [("test_hangs", "timed_out"), ("test_after", "passed")]
    assert not alive(int((tmp_path / "child").read_text()))


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
def test_a_test_that_fills_the_disk_fails_and_the_rest_goes_on(tmp_path):
    folder = suite(tmp_path, """
        def test_fills():
            with open("big", "wb") as file:
                while True: file.write(b"x" * 1_000_000)
        def test_after(): pass
    """)  # fmt: skip
    parts = run_tests(task(folder, file_mib=8))
    assert outcomes(parts) == [("test_fills", "failed"), ("test_after", "passed")]
    assert "File too large" in parts[0].cases[0].message


def test_a_test_that_writes_rubbish_into_the_outcomes_spoils_only_its_own_run(tmp_path):
    folder = suite(tmp_path, """
        import os
        def test_rubbish(): open(os.environ["PIPELINELAB_OUTCOMES"], "ab").write(b"\\xff{]\\n")
    """)  # fmt: skip
    (part,) = run_tests(task(folder))
    assert part.cases == () and "not JSON" in part.said["problem"]


def test_an_archive_serves_where_the_folder_is_not(tmp_path):
    folder = suite(tmp_path, "def test_one(): pass")
    (part,) = run_tests(Task(command=PYTEST, archive=archive(folder), run=Run(0, 5)))
    assert outcomes([part]) == [("test_one", "passed")]


def test_a_named_pipe_in_the_folder_is_left_out_of_copies_and_archives(tmp_path):
    folder = suite(tmp_path, "def test_one(): pass\n")
    os.mkfifo(folder / "pipe")
    (part,) = run_tests(task(folder))
    assert outcomes([part]) == [("test_one", "passed")]
    (part,) = run_tests(Task(command=PYTEST, archive=archive(folder), run=Run(0, 5)))
    assert outcomes([part]) == [("test_one", "passed")]


@pytest.mark.parametrize(
    ("command", "hooked"),
    [
        ("python -m pytest", "python -m pytest"),
        ("python manage.py test shop", "python manage.py test --testrunner=django_hook_py2.Runner shop"),
        ("manage.py test --testrunner=x", "manage.py test --testrunner=x"),
        ("python -m unittest", "python -m unittest -v"),
        ("python -m unittest discover -s tests", "python -m unittest discover -v -s tests"),
        ("python -m coverage run -m unittest a.B", "python -m coverage run -m unittest -v a.B"),
    ],
)
def test_django_is_given_the_recording_runner_and_unittest_is_made_to_name_its_tests(command, hooked):
    assert " ".join(with_hook(tuple(command.split()))) == hooked


UNITTEST = """
    import unittest
    class A(unittest.TestCase):
        def test_bad(self): self.fail("no")
        def test_good(self): pass
"""


def test_of_unittest_the_tests_that_pass_are_known_too(tmp_path):
    parts = run_tests(replace(task(suite(tmp_path, UNITTEST)), command=(sys.executable, "-m", "unittest")))
    assert outcomes(parts) == [("test_bad", "failed"), ("test_good", "passed")]


def test_an_output_that_only_counts_the_tests_that_passed_is_refused(tmp_path):
    folder = suite(tmp_path, UNITTEST)
    with pytest.raises(UsageError, match="only counts 1 test that passed") as refused:
        run_tests(replace(task(folder), command=(sys.executable, "-m", "unittest", "-q")))
    assert "unittest -v" in refused.value.hint
