"""Problems for other programs: JSON, SARIF 2.1.0 and GitHub's workflow commands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from pipelinelab.model.source import Span
from pipelinelab.reading.codes import CODES
from pipelinelab.reading.problems import Edit, Problem, Reading

_SARIF_LEVEL = {"error": "error", "warning": "warning", "hint": "note"}
_GITHUB_LEVEL = {"error": "error", "warning": "warning", "hint": "notice"}


def as_json(readings: Sequence[Reading]) -> str:
    """One JSON object: ``files``, each with its ``file``, ``ok`` and ``problems``."""
    files = [
        {"file": one.file, "ok": one.ok, "problems": [problem_dict(p) for p in one.problems]} for one in readings
    ]  # fmt: skip
    return json.dumps({"files": files}, indent=2, ensure_ascii=False) + "\n"


def problem_dict(problem: Problem) -> dict[str, Any]:
    """A problem as plain data, keys in a fixed order."""
    fix = problem.fix
    return {
        "code": problem.code,
        "severity": problem.severity,
        "message": problem.message,
        **_place(problem.span),
        "where": problem.where,
        "expected": problem.expected,
        "found": problem.found,
        "suggestion": problem.suggestion,
        "bitbucket_says": problem.bitbucket_says,
        "used_by": [_place(one) for one in problem.via],
        "fix": fix and {"title": fix.title, "safe": fix.safe, "edits": [_edit(one) for one in fix.edits]},
    }


def _place(span: Span) -> dict[str, Any]:
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }


def _edit(edit: Edit) -> dict[str, Any]:
    return {**_place(edit.span), "text": edit.text}


def as_sarif(readings: Sequence[Reading], version: str) -> str:
    """A SARIF 2.1.0 log with one run; every code that occurs is a rule with its title and severity."""
    problems = [problem for one in readings for problem in one.problems]
    codes = sorted({problem.code for problem in problems})
    rules = [
        {"id": code, "name": code, "shortDescription": {"text": CODES[code].title},
         "help": {"text": f"pipelinelab explain {code}"},
         "defaultConfiguration": {"level": _SARIF_LEVEL[CODES[code].severity]}}
        for code in codes
    ]  # fmt: skip
    run = {
        "tool": {"driver": {"name": "pipelinelab", "version": version, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(problem, codes) for problem in problems],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _result(problem: Problem, codes: Sequence[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "ruleIndex": codes.index(problem.code),
        "level": _SARIF_LEVEL[problem.severity],
        "message": {"text": sentence(problem)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(problem.span.file)},
                    "region": _region(problem.span),
                }
            }
        ],
    }
    if problem.fix is not None:
        changes = [
            {"deletedRegion": _region(one.span), "insertedContent": {"text": one.text}} for one in problem.fix.edits
        ]  # fmt: skip
        result["fixes"] = [
            {"description": {"text": problem.fix.title},
             "artifactChanges": [{"artifactLocation": {"uri": _uri(problem.span.file)}, "replacements": changes}]}
        ]  # fmt: skip
    return result


def _uri(file: str) -> str:
    from urllib.parse import quote

    return quote(file.replace("\\", "/"))


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": max(1, span.line),
        "startColumn": max(1, span.column),
        "endLine": max(1, span.end_line),
        "endColumn": max(1, span.end_column),
    }


def sentence(problem: Problem) -> str:
    """A problem's message and what to do, in one line."""
    return problem.message + (f" – {problem.suggestion}" if problem.suggestion else "")


def as_github(readings: Iterable[Reading]) -> str:
    """Workflow commands, one line a problem."""
    lines = []
    for problem in (one for reading in readings for one in reading.problems):
        span = problem.span
        title = _property(f"{problem.code}: {CODES[problem.code].title}")
        place = f"file={_property(span.file)},line={span.line},endLine={span.end_line},col={span.column}"
        level = _GITHUB_LEVEL[problem.severity]
        lines.append(f"::{level} {place},endColumn={span.end_column},title={title}::{_data(sentence(problem))}\n")
    return "".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
