"""Cures as diffs against the project's own files. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipelinelab.diagnosis.cures.case import Case, unified_diff
from pipelinelab.diagnosis.cures.kinds import KINDS
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.slots import fill
from pipelinelab.diagnosis.values import Cure, ProjectFiles
from pipelinelab.recording.records import CommandRecord, StepRecord


def cures_for(
    rule: Rule, facts: Mapping[str, str], files: ProjectFiles, step: StepRecord, failing: CommandRecord | None
) -> tuple[Cure, ...]:
    """The rule's cures in its order, with diffs where the files allow one: safe ones first, those with a diff ahead.

    Without any of the project's files all are advice, and say what they would write. A cure whose texts cannot be
    filled is left out; so is one whose generator has nothing to change in the files that are known, unless it changes
    the failing command and that is not in the pipelines file: then it is advice too."""
    cures: list[Cure] = []
    for entry in rule.cures:
        filled = {key: fill(value, facts) for key, value in entry.items() if key not in ("kind", "safety")}
        if any(value is None for value in filled.values()):
            continue
        params = {key: value for key, value in filled.items() if value is not None}
        kind = entry["kind"]
        case = Case(params, facts, files, step, failing)
        made = KINDS[kind].make(case)
        edits = tuple(edit for edit in made.edits if edit.before != edit.after)
        lost = bool(made.advice) and case.item is None
        if not edits and (files.texts or not KINDS[kind].advisable) and not lost:
            continue
        safety = made.safety or entry.get("safety", "safe")
        why = made.why or params.get("why") or KINDS[kind].why(safety)
        title = made.title or params.get("title", kind)
        if not edits and made.advice and made.advice not in title:
            title = f"{title}: {made.advice}"
        cures.append(Cure(title, why, safety, len(cures), unified_diff(edits), edits))
    ordered = sorted(cures, key=lambda c: (c.safety != "safe", not c.diff and bool(files.texts), c.rank))
    return tuple(replace(cure, rank=rank) for rank, cure in enumerate(ordered))
