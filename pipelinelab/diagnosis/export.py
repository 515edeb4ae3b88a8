"""A diagnosis as JSON, as SARIF 2.1.0, and as rows of the frames. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from pipelinelab.diagnosis.explain import headline
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.slots import tell
from pipelinelab.diagnosis.values import Diagnosis, ErrorSeen, Finding

_SARIF_LEVEL = {"error": "error", "warning": "warning"}


def as_json(diagnosis: Diagnosis, source: str = "") -> dict[str, Any]:
    """Everything that was told, as plain values with stable keys."""
    seen = diagnosis.unexplained
    return {
        "source": source,
        "verdict": diagnosis.verdict,
        "told": diagnosis.told,
        "headline": headline(diagnosis),
        "findings": [_finding(finding) for finding in diagnosis.findings],
        "questions": [{"name": q.name, "arguments": q.mapping, "step": q.step} for q in diagnosis.questions],
        "unexplained": None if seen is None else {
            "step": seen.step, "command": seen.command, "exit_code": seen.exit_code,
            "nature": seen.nature,
            "last_words": list(seen.last_words),
            "errors": [_error(error) for error in seen.errors],
            "unseen_in_green": [{"line": line, "text": text} for line, text in seen.unseen_in_green],
        },
        "remarks": list(diagnosis.remarks),
        "if_red": None if diagnosis.if_red is None else _finding(diagnosis.if_red),
    }  # fmt: skip


def as_sarif(diagnosis: Diagnosis, source: str, rules: Sequence[Rule], version: str) -> dict[str, Any]:
    """The findings as a SARIF log; ``source`` is the log's path or a run's id. Its results may be empty."""
    named = {rule.id: rule for rule in rules}
    used = {finding.rule: finding for finding in reversed(diagnosis.findings)}
    driver = {
        "name": "pipelinelab", "version": version,
        "rules": [_descriptor(finding, named.get(rule_id)) for rule_id, finding in used.items()],
    }  # fmt: skip
    results = [_result(finding, source) for finding in diagnosis.findings]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": results}],
    }


def _descriptor(finding: Finding, rule: Rule | None) -> dict[str, Any]:
    """A rule, or a code of the pipelines file's problems, as GitHub wants to have it described."""
    title, cause, cure = finding.title, finding.cause, finding.cure
    if rule is not None:
        title, cause, cure = tell(rule.title, {}), tell(rule.cause, {}), tell(rule.cure, {})
    return {
        "id": finding.rule, "shortDescription": {"text": title}, "fullDescription": {"text": cause},
        "help": {"text": f"{cause}\n\n{cure}"}, "properties": {"category": finding.category},
    }  # fmt: skip


def findings_rows(diagnosis: Diagnosis, run_id: str) -> list[dict[str, Any]]:
    """Rows of the ``findings`` frame, with its column names; seconds are filled in by a proof."""
    return [
        {
            "run_id": run_id, "step": f.step, "command": f.command, "rule": f.rule, "title": f.title,
            "severity": f.severity, "confidence": f.confidence,
            "evidence": "\n".join(f"{e.where}: {e.text}" for e in f.evidence), "cause": f.cause, "cure": f.cure,
            "cure_safety": f.cures[0].safety if f.cures else "", "proof": f.proof,
            "seconds_before": None, "seconds_after": None,
        }
        for f in diagnosis.findings
    ]  # fmt: skip


def errors_rows(errors: Sequence[ErrorSeen], run_id: str) -> list[dict[str, Any]]:
    """Rows of the ``errors`` frame, with its column names."""
    return [{"run_id": run_id, **_error(error)} for error in errors]


def _error(error: ErrorSeen) -> dict[str, Any]:
    return {
        "step": error.step, "command": error.command, "line": error.line, "kind": error.kind,
        "exception": error.exception, "code": error.code, "message": error.message, "location": error.location,
    }  # fmt: skip


def _finding(f: Finding) -> dict[str, Any]:
    return {
        "rule": f.rule, "title": f.title, "category": f.category, "severity": f.severity, "confidence": f.confidence,
        "step": f.step, "command": f.command, "cause": f.cause, "cure": f.cure, "proof": f.proof,
        "evidence": [{"kind": e.kind, "where": e.where, "line": e.line, "text": e.text} for e in f.evidence],
        "cures": [
            {"title": c.title, "why": c.why, "safety": c.safety, "rank": c.rank, "diff": c.diff,
             "files": [edit.path for edit in c.edits]}
            for c in f.cures
        ],
        "alternatives": [{"what": a.what, "state": a.state, "by": a.by} for a in f.alternatives],
        "references": list(f.references), "groups": dict(f.groups),
    }  # fmt: skip


def _result(finding: Finding, source: str) -> dict[str, Any]:
    return {
        "ruleId": finding.rule, "level": _SARIF_LEVEL.get(finding.severity, "note"),
        "message": {"text": f"{finding.title}. {finding.cause} Cure: {finding.cure}"},
        "locations": [{"physicalLocation": _place(finding, source)}], "rank": round(finding.confidence * 100, 1),
        "properties": {
            "proof": finding.proof,
            "cures": [{"title": c.title, "safety": c.safety, "diff": c.diff} for c in finding.cures],
        },
    }  # fmt: skip


def _place(finding: Finding, source: str) -> dict[str, Any]:
    """Where it is: a place in the pipelines file (``file:line:column``), else the line of the log."""
    said = next((e for e in finding.evidence if e.line is not None and e.kind in ("log", "yaml")), None)
    path, _, place = said.where.partition(":") if said is not None and said.kind == "yaml" else (source, "", "")
    found: dict[str, Any] = {"artifactLocation": {"uri": quote(path or "stdin")}}
    if said is not None:
        found["region"] = {"startLine": said.line}
        if place.rpartition(":")[2].isdigit():
            found["region"]["startColumn"] = int(place.rpartition(":")[2])
    return found
