"""JUnit XML, as pytest, unittest-xml-reporting, Surefire, jest-junit, PHPUnit, gtest and others write it.

Expat with one callback a case, which lays the attributes flat into one list; columns are then slices of it. 100,000
cases are read in about the time that lxml takes to parse them; junitparser takes three times that, and does not tell a
rerun from a pass.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable
from functools import partial
from itertools import pairwise
from typing import Any
from xml.parsers import expat

from pipelinelab.reports.case import RERUN, ReportRefused, TestCase, brief

_RESULTS = {"failure": "failed", "error": "error", "skipped": "skipped"}
_ATTEMPTS = {"flakyFailure": "failed", "flakyError": "error", "rerunFailure": "failed", "rerunError": "error"}
_NOT_RUN = frozenset({"notrun", "disabled", "skipped"})
_KEPT = ("classname", "name", "time", "status")
_make = partial(tuple.__new__, TestCase)


class _Reading:
    """What the callbacks gather: the cells of all cases, and by index what is not plain about some of them.

    A case is ``width`` cells, name and value in turn. ``plain`` True takes the attributes as they come, which is right
    where all cases have the same; otherwise each is brought to the attributes in ``_KEPT``."""

    def __init__(self, name: str, plain: bool) -> None:
        self.name, self.plain = name, plain
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = self.parser.ordered_attributes = True
        self.parser.StartElementHandler = self.first
        self.parser.EntityDeclHandler = self.declared
        self.cells: list[str] = []
        self.width = 1
        self.suites: list[tuple[int, dict[str, str]]] = []
        self.results: dict[int, tuple[str, str]] = {}
        self.attempts: dict[int, list[tuple[str, str]]] = {}
        self.inside: tuple[str, dict[str, str], list[str]] | None = None
        self.root = ""

    def release(self) -> None:
        """Let go of the parser, whose callbacks hold on to all this: else it would wait for the garbage collector."""
        self.parser.StartElementHandler = self.parser.EntityDeclHandler = self.parser.EndElementHandler = None
        self.parser.CharacterDataHandler = None

    @property
    def count(self) -> int:
        """How many cases there are so far."""
        return len(self.cells) // self.width

    def declared(self, *_: object) -> None:
        raise ReportRefused(
            f"{self.name}: the report declares XML entities, and is refused", "no test tool writes them"
        )

    def first(self, tag: str, attributes: list[str]) -> None:
        """Whatever starts until the first case, which says how wide all are."""
        if tag != "testcase":
            self.other(tag, attributes)
            return
        extend, other = self.cells.extend, self.other

        def take(tag: str, attributes: list[str]) -> None:
            if tag == "testcase":
                extend(attributes)
            else:
                other(tag, attributes)

        def arrange(tag: str, attributes: list[str]) -> None:
            if tag == "testcase":
                found = _paired(attributes)
                extend([cell for kept in _KEPT for cell in (kept, found.get(kept, ""))])
            else:
                other(tag, attributes)

        start = take if self.plain else arrange
        self.parser.StartElementHandler = start
        start(tag, attributes)
        self.width = max(len(self.cells), 1)

    def other(self, tag: str, listed: list[str]) -> None:
        """Whatever starts that is no testcase."""
        attributes = _paired(listed)
        if not self.root:
            self.root = tag
            if tag not in ("testsuites", "testsuite"):
                raise ReportRefused(f"{self.name}: this is XML, but no JUnit report: its root is <{tag[:60]}>",
                                    "a JUnit report begins with <testsuites> or <testsuite>")  # fmt: skip
        if tag == "testsuite":
            self.suites.append((self.count, attributes))
        elif (tag in _RESULTS or tag in _ATTEMPTS) and self.cells and self.inside is None:
            if message := attributes.get("message"):
                self.told(tag, attributes, message)
                return
            self.inside = (tag, attributes, [])
            self.parser.CharacterDataHandler = self.inside[2].append
            self.parser.EndElementHandler = self.end

    def end(self, tag: str) -> None:
        """The end of a result; the callbacks that only a result needs are taken away again."""
        if self.inside is None or tag != self.inside[0]:
            return
        _, attributes, text = self.inside
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None
        self.inside = None
        self.told(tag, attributes, "".join(text).strip() or attributes.get("type", ""))

    def told(self, tag: str, attributes: dict[str, str], message: str) -> None:
        """A result of the newest case."""
        at = self.count - 1
        if tag in _ATTEMPTS:
            self.attempts.setdefault(at, []).append((_ATTEMPTS[tag], brief(message)))
            return
        outcome = "xfailed" if attributes.get("type") == "pytest.xfail" else _RESULTS[tag]
        if at not in self.results or self.results[at][0] not in ("failed", "error"):
            self.results[at] = (outcome, brief(message))

    def columns(self) -> dict[str, list[str]] | None:
        """The values of each attribute, one for each case; None where the cases do not all have the same."""
        count, width, names = self.count, self.width, self.cells[: self.width : 2]
        if len(self.cells) != count * width:
            return None
        if any(self.cells[2 * at :: width].count(name) != count for at, name in enumerate(names)):
            return None
        return {name: self.cells[2 * at + 1 :: width] for at, name in enumerate(names)}


def _paired(cells: list[str]) -> dict[str, str]:
    return dict(zip(cells[::2], cells[1::2], strict=True))


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
        cases, problem = _read(name, data, True) or _read(name, data, False) or ((), None)
    finally:
        if enabled:
            gc.enable()
    if problem is not None:
        raise _refused(name, data, problem, cases)
    return cases


def _read(name: str, data: bytes, plain: bool) -> tuple[tuple[TestCase, ...], expat.ExpatError | None] | None:
    """The cases, and what stopped the parser; None where cases differ in their attributes and were taken as alike."""
    reading = _Reading(name, plain)
    problem = None
    try:
        reading.parser.Parse(data, True)
    except expat.ExpatError as found:
        problem = found
    finally:
        reading.release()
    columns = reading.columns()
    if columns is None:
        return None
    cases = _cases(reading, columns)
    return (cases[:-1] if problem else cases), problem


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


def _cases(reading: _Reading, columns: dict[str, list[str]]) -> tuple[TestCase, ...]:
    count = reading.count
    outcomes = ["passed"] * count
    messages = [""] * count
    for at, (outcome, message) in reading.results.items():
        outcomes[at], messages[at] = outcome, message
    for at, status in enumerate(columns.get("status", ())):
        if status.lower() in _NOT_RUN and outcomes[at] == "passed":
            outcomes[at] = "skipped"
    names = columns.get("name") or [""] * count
    suites = _suites(reading, columns)
    _mark_reruns(reading, suites, names, outcomes, messages)
    seconds = _seconds(columns.get("time") or [""] * count)
    if not reading.attempts:
        return tuple(map(_make, zip(suites, names, outcomes, seconds, range(count), messages, strict=True)))
    return _with_attempts(reading.attempts, zip(suites, names, outcomes, seconds, messages, strict=True))


def _with_attempts(attempts: dict[int, list[tuple[str, str]]], rows: Iterable[tuple[Any, ...]]) -> tuple[TestCase, ...]:
    cases: list[TestCase] = []
    for at, (suite, test, outcome, seconds, message) in enumerate(rows):
        for earlier, why in attempts.get(at, ()):
            cases.append(TestCase(suite, test, earlier, None, len(cases), why or RERUN))
        cases.append(TestCase(suite, test, outcome, seconds, len(cases), message))
    return tuple(cases)


def _suites(reading: _Reading, columns: dict[str, list[str]]) -> list[str]:
    classes = columns.get("classname") or [""] * reading.count
    if all(classes):
        return classes
    starts = [*reading.suites, (reading.count, {})]
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


def _mark_reruns(
    reading: _Reading, suites: list[str], names: list[str], outcomes: list[str], messages: list[str]
) -> None:
    starts = [*reading.suites, (len(names), {})]
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
