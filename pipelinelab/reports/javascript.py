"""The JSON reporters of mocha and jest."""

from __future__ import annotations

import json
from typing import Any

from pipelinelab.reports.case import RERUN, ReportRefused, TestCase, brief, numbered


def embedded(text: str, keys: frozenset[str]) -> dict[str, Any] | None:
    """The last JSON object in the text that has all these keys; the console's own lines may stand around it."""
    decoder = json.JSONDecoder()
    best = None
    at = 0
    while (at := text.find("{", at)) != -1:
        try:
            found, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
            continue
        if isinstance(found, dict) and keys <= found.keys():
            best = found
    return best


def read_mocha(name: str, text: str) -> tuple[TestCase, ...]:
    """The cases of mocha's json reporter. Suite is the describe titles, test the title; a test that passed at its
    third try has two failed attempts before it; a hook's failure is a case named after the hook.

    Raises ReportRefused where no such object is there."""
    found = embedded(text, frozenset({"stats", "tests", "failures"}))
    if found is None:
        raise ReportRefused(f"{name}: no whole mocha report is in this file",
                            "run mocha --reporter json --reporter-option output=FILE")  # fmt: skip
    failed = {one.get("fullTitle") for one in found["failures"]}
    pending = {one.get("fullTitle") for one in found.get("pending", [])}
    listed = {one.get("fullTitle") for one in found["tests"]}
    cases: list[TestCase] = []
    for one in [*found["tests"], *(f for f in found["failures"] if f.get("fullTitle") not in listed)]:
        title, full = str(one.get("title", "")), str(one.get("fullTitle", ""))
        suite = full.removesuffix(title).strip() or str(one.get("file") or "")
        error = one.get("err") or {}
        outcome = "failed" if error or full in failed else "skipped" if full in pending else "passed"
        cases += [TestCase(suite, title, "failed", None, None, RERUN)] * int(one.get("currentRetry") or 0)
        took = one.get("duration")
        seconds = took / 1000 if isinstance(took, (int, float)) else None
        cases.append(TestCase(suite, title, outcome, seconds, None, brief(str(error.get("message", "")))))
    return numbered(cases)


_JEST = {"passed": "passed", "failed": "failed", "pending": "skipped", "skipped": "skipped", "todo": "skipped",
         "disabled": "skipped", "focused": "passed"}  # fmt: skip


def read_jest(name: str, text: str) -> tuple[TestCase, ...]:
    """The cases of ``jest --json``. Suite is the file's describe titles, or the file; a retried test has its failed
    attempts before it; a file that could not be run is one error.

    Raises ReportRefused where no such object is there."""
    found = embedded(text, frozenset({"numTotalTests", "testResults"}))
    if found is None:
        raise ReportRefused(f"{name}: no whole jest report is in this file", "run jest --json --outputFile=FILE")
    cases: list[TestCase] = []
    for file in found["testResults"]:
        where = str(file.get("name") or file.get("testFilePath") or "")
        tests = file.get("assertionResults") or file.get("testResults") or []
        if not tests and file.get("status") == "failed":
            cases.append(TestCase(where, "(the file)", "error", None, None, brief(str(file.get("message", "")))))
        for one in tests:
            suite = " ".join(one.get("ancestorTitles") or []) or where
            names = (suite, str(one.get("title", "")))
            # The reasons are there with logErrorsBeforeRetry alone; how often it ran is there since jest 27.
            said = [brief(str(why)) for why in one.get("retryReasons") or []]
            before = max(int(one.get("invocations") or 1) - 1, len(said))
            cases += [TestCase(*names, "failed", None, None, why) for why in [*said, *[RERUN] * before][:before]]
            took = one.get("duration")
            seconds = took / 1000 if isinstance(took, (int, float)) else None
            message = brief("\n".join(str(said) for said in one.get("failureMessages") or []))
            cases.append(TestCase(*names, _JEST.get(str(one.get("status")), "error"), seconds, None, message))
    return numbered(cases)
