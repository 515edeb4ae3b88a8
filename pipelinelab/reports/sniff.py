"""Which report is this?"""

from __future__ import annotations

import re

from pipelinelab.reports.case import ReportRefused, TestCase
from pipelinelab.reports.javascript import read_jest, read_mocha
from pipelinelab.reports.junit import read_junit
from pipelinelab.reports.lines import read_hook, read_reportlog
from pipelinelab.reports.pytest_text import looks_like_pytest, read_pytest_text
from pipelinelab.reports.unittest_text import looks_like_unittest, read_unittest_text

_XML = (b"<?xml", b"<testsuite", b"<!DOCTYPE", b"<!--", b"\xff\xfe<", b"\xfe\xff\x00<")


def kind_of(data: bytes) -> str:
    """junit, reportlog, hook, mocha, jest, unittest or pytest; "" for what is none of them."""
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(_XML) or re.match(rb"<[A-Za-z]", head):
        return "junit"
    first = head.split(b"\n", 1)[0]
    if first.startswith(b"{") and b'"$report_type"' in first:
        return "reportlog"
    if first.startswith(b"{") and b'"pipelinelab"' in first:
        return "hook"
    if b'"testResults"' in data and b'"numTotalTests"' in data:
        return "jest"
    if b'"stats"' in data and b'"failures"' in data:
        return "mocha"
    text = data.decode("utf-8", "replace")
    if looks_like_pytest(text):
        return "pytest"
    return "unittest" if looks_like_unittest(text) else ""


def read(name: str, data: bytes) -> tuple[TestCase, ...]:
    """The test cases of a report: JUnit XML, pytest-reportlog, the lab's own hooks, mocha or jest JSON, or what
    pytest, unittest or Django printed. ``name`` is for messages only.

    Raises ReportRefused for a file that is none of them or is broken; its ``cases`` are those before the break.
    """
    kind = kind_of(data)
    if kind == "junit":
        return read_junit(name, data)
    if kind in ("reportlog", "hook"):
        return (read_hook if kind == "hook" else read_reportlog)(name, data)
    text = data.decode("utf-8", "replace")
    if kind in ("jest", "mocha"):
        return (read_jest if kind == "jest" else read_mocha)(name, text)
    if kind in ("pytest", "unittest"):
        return (read_pytest_text if kind == "pytest" else read_unittest_text)(text)
    known = "it reads JUnit XML, pytest -v or reportlog, unittest and Django -v 2, mocha and jest JSON"
    raise ReportRefused(f"{name}: this is no test report that the lab knows", known)
