"""Cures as diffs against the project's own files. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipelinelab.diagnosis.cures.case import Case, Made, unified_diff
from pipelinelab.diagnosis.cures.kinds import KINDS
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.slots import fill
from pipelinelab.diagnosis.values import Cure, Edit, ProjectFiles
from pipelinelab.recording.records import CommandRecord, StepRecord

_WHY_UNSAFE = {
    "append-flag": "it switches off what the command checks",
    "insert-before": "it changes what the rest of the step works with",
    "noinput": "it drops and recreates the service's database: its collation, grants and rows are lost",
    "prefix-command": "what it silences may be a real mistake",
    "replace-in-command": "what it silences may be a real mistake",
    "root-user": "tests that run as root hide rights that are missing in production",
    "set-service-variable": "whatever else counts on the old value fails",
}
_WHY_SAFE = {
    "add-service": "the service is defined already, and this step alone gets it",
    "append-flag": "only how this one command runs changes",
    "chmod": "it sets the bit in the step's own clone, and your repository stays as it is",
    "client-database": "the service stays as it is, and the command uses the database that is there",
    "client-user": "the service stays as it is, and the command uses the role that is there",
    "clone-full": "it fetches more history and changes none; the clone takes longer",
    "connection-charset": "it changes how text is sent, not how tables keep it; utf8mb4 holds all that utf8 does",
    "crlf": "it changes the file in the step's own clone, and your repository stays as it is",
    "database-charset": "a new service's database has no tables yet, so every table is made in utf8mb4",
    "database-host": "it is the same server, over TCP in place of a socket or a name",
    "flush-between": "it empties the tables between the runs, as a new database would; the migrations' table stays",
    "give-variable": "the value is for this step's own service and tests, and no secret of yours",
    "insert-before": "one more line in the step's own container; the commands after it stay as they are",
    "install-command": "it is installed in the step's own container only",
    "keepdb": "it uses the service's database as it is: collation, grants and rows stay",
    "laravel-login": "the values are those of the step's own service",
    "lower-size": "it is what the plan allows; the step may then lack memory",
    "mysql-command-host": "it is the same server, over TCP in place of its socket",
    "node-heap": "the step has that much memory left for it",
    "prefix-command": "the variable is set for this one command",
    "push-to-branch": "it pushes the commit that is checked out, and to the same branch, without force",
    "quote-script": "the shell gets the same text",
    "quote-variables": "the service gets the same text",
    "rename-service-variable": "the image does not read the old name",
    "replace-in-command": "the command does the same, written in full",
    "service-memory": "the memory comes out of the step's own, and the build keeps what Bitbucket asks for",
    "set-service-variable": "the variable is new to the service, so nothing counts on another value",
    "step-key": "it holds for this step only",
    "step-service": "this step alone gets it, and 1024 MB of the step's memory go to it",
    "test-name-keepdb": "the tests use the database that the service made, and change nothing of it but their own rows",
    "wait-for-port": "it goes on as soon as the port answers, and after a minute in any case",
    "wait-for-service": "it goes on as soon as the port answers, and after a minute in any case",
}


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
        made = _made(KINDS[kind](case))
        lost = bool(made.advice) and case.item is None
        if files.texts and not made.edits and not lost:
            continue
        safety = made.safety or entry.get("safety", "safe")
        why = made.why or params.get("why") or (_WHY_SAFE if safety == "safe" else _WHY_UNSAFE).get(kind, "")
        title = made.title or params.get("title", kind)
        if not made.edits and made.advice and made.advice not in title:
            title = f"{title}: {made.advice}"
        cures.append(Cure(title, why, safety, len(cures), unified_diff(made.edits), tuple(made.edits)))
    ordered = sorted(cures, key=lambda c: (c.safety != "safe", not c.diff and bool(files.texts), c.rank))
    return tuple(replace(cure, rank=rank) for rank, cure in enumerate(ordered))


def _made(generated: Made | list[Edit]) -> Made:
    """What was generated, without edits that change nothing."""
    made = generated if isinstance(generated, Made) else Made(generated)
    return replace(made, edits=[edit for edit in made.edits if edit.before != edit.after])
