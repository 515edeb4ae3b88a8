"""Outputs that name the tests that failed and only count those that passed: unittest's dots, ``pytest -q``.

A rate that is counted from them is wrong, since each test is seen in the runs where it failed and in no other.
"""

from __future__ import annotations

import re

from pipelinelab.errors import UsageError
from pipelinelab.reports.pytest_text import TOTAL, read_pytest_text
from pipelinelab.reports.sniff import kind_of
from pipelinelab.reports.unittest_text import count_named

HINT = ("let it name every test: unittest -v, Django's -v 2, pytest -v or -rA; or let it write a JUnit file, as pytest "
        "--junitxml=test-reports/all.xml does")  # fmt: skip
_PASSED = re.compile(r"\b(\d+) passed\b")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def unnamed(data: bytes) -> int:
    """How many tests this output counts and does not name, where it names hardly any but the failed ones; else 0.

    Of several test commands, one after the other, each is looked at by itself. A few passed tests whose lines were
    torn by prints do not make an output quiet."""
    kind = kind_of(data)
    if kind not in ("pytest", "unittest"):
        return 0
    text = _COLOUR.sub("", data.decode("utf-8", "replace")).replace("\r", "")
    return _of_pytest(text) if kind == "pytest" else sum(ran - named for ran, named in count_named(text))


def why(name: str, count: int) -> str:
    """The sentence that says what is wrong with such an output."""
    tests = f"{count} test{'' if count == 1 else 's'}"
    return f"{name}: it only counts {tests} that passed and does not name them, so no failure rate can be told"


def refuse(what: str, output: bytes) -> None:
    """Raise UsageError where the output of ``what`` only counts the tests that passed."""
    if count := unnamed(output):
        raise UsageError(why(what, count), HINT)


def _of_pytest(text: str) -> int:
    missing = begin = 0
    for total in TOTAL.finditer(text):
        said = _PASSED.search(total[0])
        passed = int(said[1]) if said else 0
        named = sum(case.outcome == "passed" for case in read_pytest_text(text[begin : total.start()]))
        if 2 * named < passed:
            missing += passed - named
        begin = total.end()
    return missing
