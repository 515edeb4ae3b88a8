"""Diagnosis of a recorded run: its questions are asked on the kept containers, the answers kept in the recording."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pipelinelab.diagnosis.questions import Question
from pipelinelab.diagnosis.reasoning import diagnose
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.rulebook import read_rules, rulebook
from pipelinelab.diagnosis.values import Cure, Diagnosis, Edit, Evidence, Finding, ProjectFiles
from pipelinelab.errors import EngineError, NeedsDocker, PipelinelabError
from pipelinelab.events.types import Proved
from pipelinelab.planning.narrow import NOT_ASKED
from pipelinelab.reading.api import read
from pipelinelab.reading.edits import apply, diff
from pipelinelab.reading.problems import Problem, Reading
from pipelinelab.recording.folder import append, find
from pipelinelab.recording.records import Recording
from pipelinelab.session.homes import Home
from pipelinelab.session.kept import KeptStep
from pipelinelab.session.probes import answer
from pipelinelab.session.run import Run
from pipelinelab.session.sources import changed_since, files_of
from pipelinelab.system.git import PIPELINES_FILE as FILE
from pipelinelab.system.project_files import rule_files

ROUNDS = 4
"""Answers may raise further questions; no rule needs more turns than this."""


CHANGED = "the pipelines file is not as this run had it (changed since, or not committed): replay it again"


def rules_of(root: Path) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """The shipped rulebook with the team's own rules, and what is wrong in those."""
    own, problems = read_rules(rule_files(root))
    return rulebook(own, examples=False), tuple(str(problem) for problem in problems)


def diagnose_run(run: Run, files: ProjectFiles, rules: Sequence[Rule], green: Recording | None = None) -> Diagnosis:
    """Why a run is red. Its questions are answered on the kept containers where they stand; else they stay open."""
    found = diagnose(run.recording, rules, files, green)
    kept: KeptStep | None = None
    for _ in range(ROUNDS):
        open_ones = [q for q in found.questions if not _asked(run.recording, q)]
        if not open_ones:
            break
        try:
            kept = kept or run.kept()
            for question in open_ones:
                append(run.folder, answer(kept, question, run.recording.seconds or 0.0))
        except (EngineError, NeedsDocker, PipelinelabError):
            break  # the containers are gone: what is unknown stays unknown, and lowers the confidence
        run.forget()
        found = diagnose(run.recording, rules, files, green)
    return with_proofs(found, run.recording.proofs)


def _asked(recording: Recording, question: Question) -> bool:
    return any(
        probe.question == question.name and dict(probe.arguments) == question.mapping
        for step in recording.steps
        if step.index == question.step
        for probe in step.probes
    )


def with_proofs(diagnosis: Diagnosis, proofs: Sequence[Proved]) -> Diagnosis:
    """The diagnosis with what replays proved of its cures: the best outcome of each finding's."""
    order = ("proven", "moved on", "harmful", "no change")

    def one(finding: Finding) -> Finding:
        known = [p.outcome for p in proofs if p.rule == finding.rule]
        return replace(finding, proof=min(known, key=order.index)) if known else finding

    return replace(diagnosis, findings=tuple(one(finding) for finding in diagnosis.findings))


def diagnose_repository(
    root: Path, rules: Sequence[Rule], run_id: str | None = None, green: Recording | None = None
) -> tuple[Run | None, Diagnosis]:
    """What is wrong with the repository at ``root``: why the run ``run_id`` is red; without one, why Bitbucket would
    refuse the pipelines file (then there is no run), or else why the last run is red. Raises UsageError where nothing
    was replayed yet."""
    file = root / FILE
    if run_id is None and file.is_file() and (reading := read(file)).errors:
        return None, diagnose_file(reading, FILE)
    run = Run(find(Home(root).runs, run_id or "last"))
    found = diagnose_run(run, files_of(root, run.recording), rules, green)
    found = replace(found, remarks=(*found.remarks, *_left_out(run.recording)))
    if changed_since(root, run.recording):
        found = replace(found, remarks=(*found.remarks, CHANGED))
    return run, found


def _left_out(recording: Recording) -> Iterator[str]:
    if not any(step.result not in ("skipped", "not_run") for step in recording.steps):
        yield "no step was run, so nothing was tried"
    left = [step.name for step in recording.steps if step.skipped_why == NOT_ASKED]
    if left and recording.red_step is not None:
        yield f"not asked for, and so not run: {', '.join(left)}; what they make for later steps is not here"


def diagnose_file(reading: Reading, file: str) -> Diagnosis:
    """A refused file as a diagnosis: each error a finding, its fix a cure."""
    findings = tuple(_refusal(problem, reading.text, file) for problem in reading.errors)
    return Diagnosis("red" if findings else "green", findings)


def _refusal(problem: Problem, text: str, file: str) -> Finding:
    cures: tuple[Cure, ...] = ()
    if problem.fix is not None and problem.fix.edits:
        after = apply(text, problem.fix.edits)
        safety = "safe" if problem.fix.safe else "unsafe"
        cures = (Cure(problem.fix.title, "", safety, 0, diff(text, after, file), (Edit(file, text, after),)),)
    line = text.splitlines()[problem.span.line - 1].strip() if problem.span.line else ""
    evidence = (Evidence("yaml", f"{file}:{problem.span.line}:{problem.span.column}", line, problem.span.line),)
    says = f" Bitbucket says: {problem.bitbucket_says}" if problem.bitbucket_says else ""
    cause = f"Expected {problem.expected}, found {problem.found}.{says}" if problem.expected else problem.message + says
    return Finding(
        rule=problem.code, title=problem.message, category="yaml", severity="error", confidence=1.0, cause=cause,
        cure=problem.suggestion, evidence=evidence, cures=cures, references=(f"pipelinelab explain {problem.code}",),
    )  # fmt: skip
