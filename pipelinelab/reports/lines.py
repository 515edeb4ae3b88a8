"""Reports of one JSON object a line: pytest-reportlog's, and the lab's own test hooks'."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipelinelab.reports.case import RERUN, ReportRefused, TestCase, brief, numbered, python_names

ENDED = "the process ended while this test ran"


def objects(name: str, data: bytes) -> Iterator[dict[str, Any]]:
    """The objects of the file. A last line that was cut off is left out, since a killed process leaves one.

    Raises ReportRefused, with the line, for a broken line that is not the last."""
    lines = data.split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            if number == len(lines):
                return
            raise ReportRefused(f"{name}:{number}:1: this line is not JSON", "leave this file out") from None
        if isinstance(found, dict):
            yield found


def read_hook(name: str, data: bytes) -> tuple[TestCase, ...]:
    """The cases that a test hook of the lab wrote. A test that began and never ended is an error: it killed the
    process, or was killed with it. Where setUpClass or setUpModule failed, each test that it kept from running is an
    error, so that its failures are counted among its runs."""
    cases: list[TestCase] = []
    running: dict[str, Any] | None = None
    order: list[str] = []
    for line in objects(name, data):
        if line.get("event") == "session":
            cases += _ended(running)
            running = None
            order = [str(one) for one in line.get("order") or []]
        elif line.get("event") == "start":
            running = line
        elif line.get("event") == "test":
            running = None
            case = TestCase(
                str(line.get("suite", "")), str(line.get("test", "")), str(line.get("outcome", "error")),
                _real(line.get("seconds")), None, brief(str(line.get("message", ""))),
            )  # fmt: skip
            cases += _kept_from(case, order) or [case]
    return numbered([*cases, *_ended(running)])


def _ended(running: dict[str, Any] | None) -> list[TestCase]:
    if running is None:
        return []
    return [TestCase(str(running.get("suite", "")), str(running.get("test", "")), "error", None, None, ENDED)]


def _kept_from(case: TestCase, order: list[str]) -> list[TestCase]:
    if case.test not in ("setUpClass", "setUpModule") or case.outcome == "passed":
        return []
    reach = case.suite + ("::" if case.test == "setUpClass" else ".")
    names = [one.rpartition("::") for one in order if one.startswith(reach)]
    why = f"{case.test}: {case.message}"
    return [TestCase(suite, test, case.outcome, None, None, why) for suite, _, test in names]


def session(name: str, data: bytes) -> dict[str, Any]:
    """What a test hook said of the whole run: framework, versions, seed, order and ``ended``, whether it came to its
    end. Of several test commands, one after the other, the orders are joined, and ``ended`` is True where all did."""
    said: dict[str, Any] = {"order": []}
    begun = ended = 0
    for line in objects(name, data):
        if line.get("event") == "session":
            begun += 1
            said.update(line, order=said["order"] + [str(one) for one in line.get("order") or []])
        elif line.get("event") == "end":
            ended += 1
    return {**said, "ended": 0 < begun == ended}


def _real(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def read_reportlog(name: str, data: bytes) -> tuple[TestCase, ...]:
    """The cases of a pytest-reportlog file: setup, call and teardown folded into one outcome and one duration.

    A failed teardown after a failed call is a case of its own, as pytest counts it. A test whose setup was written and
    whose teardown was not, in a file without an end, is an error: the process ended there."""
    cases: list[TestCase] = []
    open_: dict[str, TestCase] = {}
    ended = False
    for line in objects(name, data):
        kind = line.get("$report_type")
        if kind == "SessionFinish":
            ended = True
        elif kind == "CollectReport" and line.get("outcome") == "failed":
            cases.append(TestCase(*python_names(str(line["nodeid"])), "error", None, None, _why(line)))
        elif kind == "TestReport":
            nodeid = str(line.get("nodeid", ""))
            case = open_.pop(nodeid, None) or TestCase(*python_names(nodeid), "passed", 0.0)
            case, extra = _fold(case, line)
            if line.get("when") == "teardown":
                cases.append(case)
                cases += extra
            else:
                open_[nodeid] = case
    for case in open_.values():
        cases.append(case if ended else case._replace(outcome="error", message=case.message or ENDED))
    return numbered(cases)


def _fold(case: TestCase, line: dict[str, Any]) -> tuple[TestCase, list[TestCase]]:
    took = (case.seconds or 0.0) + (_real(line.get("duration")) or 0.0)
    case = case._replace(seconds=took)
    outcome, when = line.get("outcome"), line.get("when")
    expected = "wasxfail" in line
    if outcome == "rerun":
        return case._replace(outcome="failed", message=brief(_why(line)) or RERUN), []
    if outcome == "skipped":
        return case._replace(outcome="xfailed" if expected else "skipped", message=brief(_why(line))), []
    if outcome == "passed" and when == "call" and expected:
        return case._replace(outcome="xpassed", message=str(line.get("wasxfail") or "")), []
    if outcome == "failed" and when == "teardown" and case.outcome in ("failed", "error"):
        return case, [case._replace(outcome="error", seconds=None, message=brief(_why(line)))]
    if outcome == "failed":
        return case._replace(outcome="failed" if when == "call" else "error", message=brief(_why(line))), []
    return case, []


def _why(line: dict[str, Any]) -> str:
    said = line.get("longrepr")
    if isinstance(said, dict):
        crash = said.get("reprcrash")
        return str(crash.get("message", "")) if isinstance(crash, dict) else str(said.get("longrepr", ""))
    if isinstance(said, list):
        return str(said[-1]) if said else ""
    return str(line.get("wasxfail") or said or "")
