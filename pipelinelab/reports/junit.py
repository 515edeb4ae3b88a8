"""JUnit XML, as pytest, unittest-xml-reporting, Surefire, jest-junit, PHPUnit, gtest and others write it.

What the columns of a parsed report mean: suites, outcomes, reruns, seconds. junitparser takes three times as long, and
does not tell a rerun from a pass.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from typing import Any
from xml.parsers import expat

from pipelinelab.reports.case import RERUN, ReportRefused, TestCase
from pipelinelab.reports.junit_parse import Document, parse

_NOT_RUN = frozenset({"notrun", "disabled", "skipped"})
_make = partial(tuple.__new__, TestCase)


def read_junit(name: str, data: bytes) -> tuple[TestCase, ...]:
    """The cases of a JUnit XML file, in its order; ``name`` is for messages.

    A case's suite is its ``classname``, or the name of the testsuite that began last before it. A rerun of
    pytest-rerunfailures is a case of its own without a result, which would read as a pass: where the file holds more
    cases than its testsuite counts, those before the last of one name are failed attempts. Surefire's flakyFailure
    and rerunFailure are attempts too. Raises ReportRefused for what is not JUnit, not well-formed, or declares
    entities; the cases before a break come with the error.
    """
    enabled = gc.isenabled()
    gc.disable()  # 100,000 small objects that all live would be walked again and again: a third of the time
    try:
        read = parse(name, data)
        cases = _cases(read)
    finally:
        if enabled:
            gc.enable()
    if read.problem is not None:
        raise _refused(name, data, read.problem, cases[:-1])
    return cases


def _refused(name: str, data: bytes, problem: expat.ExpatError, whole: tuple[TestCase, ...]) -> ReportRefused:
    where = f"{name}:{problem.lineno}:{problem.offset + 1}"
    hint = "write the report again, or leave this file out"
    if not data.strip():
        hint = "the file is empty"
    elif problem.code in _CUT:
        hint = "the file ends before it is whole: was the run killed?"
    return ReportRefused(f"{where}: not well-formed XML: {expat.ErrorString(problem.code)}", hint, whole)


_CUT = frozenset(
    expat.errors.codes[said]
    for said in (expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN,
                 expat.errors.XML_ERROR_PARTIAL_CHAR, expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION)
)  # fmt: skip


def _cases(read: Document) -> tuple[TestCase, ...]:
    count = read.count
    outcomes = ["passed"] * count
    messages = [""] * count
    for at, (outcome, message) in read.results.items():
        outcomes[at], messages[at] = outcome, message
    statuses = read.columns.get("status", [])
    for at, status in enumerate(statuses if any(statuses) else ()):
        if status.lower() in _NOT_RUN and outcomes[at] == "passed":
            outcomes[at] = "skipped"
    names = read.columns.get("name") or [""] * count
    suites = _suites(read)
    _mark_reruns(read, suites, names, outcomes, messages)
    seconds = _seconds(read.columns.get("time") or [""] * count)
    if not read.attempts:
        return tuple(map(_make, zip(suites, names, outcomes, seconds, range(count), messages, strict=True)))
    return _with_attempts(read.attempts, zip(suites, names, outcomes, seconds, messages, strict=True))


def _with_attempts(attempts: dict[int, list[tuple[str, str]]], rows: Iterable[tuple[Any, ...]]) -> tuple[TestCase, ...]:
    cases: list[TestCase] = []
    for at, (suite, test, outcome, seconds, message) in enumerate(rows):
        for earlier, why in attempts.get(at, ()):
            cases.append(TestCase(suite, test, earlier, None, len(cases), why or RERUN))
        cases.append(TestCase(suite, test, outcome, seconds, len(cases), message))
    return tuple(cases)


def _suites(read: Document) -> list[str]:
    classes = read.columns.get("classname") or [""] * read.count
    if all(classes):
        return classes
    starts = [*read.suites, (read.count, {})]
    names = [""] * starts[0][0]
    for (at, suite), (end, _) in pairwise(starts):
        names += [suite.get("name", "")] * (end - at)
    return [found or name for found, name in zip(classes, names, strict=True)]


def _seconds(times: list[str]) -> list[float | None]:
    try:
        return list(map(float, times))
    except ValueError:
        return [_number(one) for one in times]


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return None


def _mark_reruns(read: Document, suites: list[str], names: list[str], outcomes: list[str], messages: list[str]) -> None:
    starts = [*read.suites, (len(names), {})]
    for (begin, suite), (end, _) in pairwise(starts):
        declared = suite.get("tests", "")
        if not declared.isdigit() or int(declared) >= end - begin:
            continue
        keys = list(zip(suites[begin:end], names[begin:end], strict=True))
        left = Counter(keys)
        for at, key in enumerate(keys, begin):
            left[key] -= 1
            if left[key] and outcomes[at] == "passed":
                outcomes[at], messages[at] = "failed", RERUN
