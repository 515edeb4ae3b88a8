"""Outputs that only count the tests that passed are told from those that name them."""

import subprocess
import sys
from pathlib import Path

import pytest

from pipelinelab.errors import UsageError
from pipelinelab.reports import kind_of, unnamed
from pipelinelab.reports.quiet import refuse

SUITE = """
import unittest
class A(unittest.TestCase):
    def test_bad(self): self.fail("no")
    def test_good(self): pass
    def test_sound(self): pass
"""


def printed(folder: Path, *command: str) -> bytes:
    (folder / "test_a.py").write_text(SUITE)
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ).stdout


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        ("unittest", 2), ("unittest -q", 2), ("unittest -v", 0), ("unittest discover -v", 0),
        ("unittest test_a.A.test_bad", 0), ("pytest -p no:cacheprovider", 2), ("pytest -q -p no:cacheprovider", 2),
        ("pytest -qq --color=yes", 0), ("pytest -v --color=yes", 0), ("pytest -q -rA", 0), ("pytest -q -k bad", 0),
        ("pytest -q --color=yes -k good", 1),
    ],
)  # fmt: skip
def test_what_the_frameworks_print_is_quiet_or_not(tmp_path, monkeypatch, command, missing):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    assert unnamed(printed(tmp_path, *command.split())) == missing


@pytest.mark.parametrize(
    "line",
    ["4 passed in 0.10s", "=== 1 failed, 3 passed, 2 warnings in 1.20s ===", "3 passed in 61.00s (0:01:01)",
     "== 1 failed, 3 passed in 0.12 seconds ==", "2 failed, 3 passed, 1 rerun in 0.1s"],
)  # fmt: skip
def test_the_last_line_alone_tells_pytest(line):
    assert kind_of(f"....\n{line}\n".encode()) == "pytest"
    assert unnamed(f"....\n{line}\n".encode()) >= 3


@pytest.mark.parametrize("text", ["", "it passed in 3s", "4 passed (3.0s)", "Tests: 1 failed, 3 passed, 4 total"])
def test_other_outputs_are_left_to_others(text):
    assert kind_of(text.encode()) == "" and unnamed(text.encode()) == 0


def test_of_several_commands_each_is_looked_at_by_itself():
    loud = "test_a.py::test_a PASSED [ 50%]\ntest_a.py::test_b PASSED [100%]\n== 2 passed in 0.1s ==\n"
    assert unnamed(loud.encode()) == 0
    assert unnamed((loud + "...\n== 3 passed in 0.1s ==\n").encode()) == 3


def test_doctests_and_what_only_a_fixture_failed_are_no_dots():
    assert unnamed(b"Doctest: a.b ... ok\n\n" + b"-" * 70 + b"\nRan 1 test in 0.001s\n\nOK\n") == 0
    block = b"=" * 70 + b"\nERROR: setUpClass (test_a.A)\n" + b"-" * 70 + b"\nValueError: no\n"
    assert unnamed(b"E\n" + block + b"\nRan 0 tests in 0.001s\n\nFAILED (errors=1)\n") == 0


def test_the_refusal_says_what_to_do():
    with pytest.raises(UsageError, match="only counts 1 test that passed and does not name") as refused:
        refuse("`make test`", b".\n1 passed in 0.1s\n")
    assert "pytest -v or -rA" in refused.value.hint
