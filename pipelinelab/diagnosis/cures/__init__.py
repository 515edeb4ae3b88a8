"""Cures as diffs against the project's own files. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from pipelinelab.diagnosis.cures.case import Case, unified_diff
from pipelinelab.diagnosis.cures.kinds import KINDS
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.slots import fill
from pipelinelab.diagnosis.values import Cure, ProjectFiles
from pipelinelab.recording.records import CommandRecord, StepRecord

_WHY_UNSAFE = {
    "noinput": "it drops and recreates the service's database: its collation, grants and rows are lost",
    "root-user": "tests that run as root hide rights that are missing in production",
}
_WHY_SAFE = {
    "keepdb": "it uses the service's database as it is: collation, grants and rows stay",
    "test-name-keepdb": "the tests use the database that the service made, and change nothing of it but their own rows",
    "flush-between": "it empties the tables between the runs, as a new database would; the migrations' table stays",
    "database-charset": "a new service's database has no tables yet, so every table is made in utf8mb4",
}


def cures_for(
    rule: Rule, facts: Mapping[str, str], files: ProjectFiles, step: StepRecord, failing: CommandRecord | None
) -> tuple[Cure, ...]:
    """The rule's cures in its order, with diffs where the files allow one; those with a diff come before mere advice.

    Without any of the project's files all are advice. A cure whose texts cannot be filled is left out, and where the
    files are known and a generator has nothing to change, so is its cure."""
    cures: list[Cure] = []
    for entry in rule.cures:
        filled = {key: fill(value, facts) for key, value in entry.items() if key not in ("kind", "safety")}
        if any(value is None for value in filled.values()):
            continue
        params = {key: value for key, value in filled.items() if value is not None}
        kind = entry["kind"]
        edits = tuple(e for e in KINDS[kind](Case(params, facts, files, step, failing)) if e.before != e.after)
        if files.texts and not edits:
            continue
        safety = entry.get("safety", "safe")
        why = params.get("why") or (_WHY_SAFE if safety == "safe" else _WHY_UNSAFE).get(kind, "")
        cures.append(Cure(params.get("title", kind), why, safety, len(cures), unified_diff(edits), edits))
    ordered = sorted(cures, key=lambda c: (not c.diff and bool(files.texts), c.safety != "safe", c.rank))
    return tuple(Cure(c.title, c.why, c.safety, rank, c.diff, c.edits) for rank, c in enumerate(ordered))
