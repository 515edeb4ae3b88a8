"""What came of a cure: the run with it against the run without."""

from __future__ import annotations

import re

from pipelinelab.diagnosis.values import Diagnosis, Finding
from pipelinelab.recording.log_text import strip_ansi
from pipelinelab.recording.records import Recording
from pipelinelab.recording.summary import headline
from pipelinelab.session.run import Run

PROVEN, MOVED_ON, NO_CHANGE, HARMFUL = "proven", "moved on", "no change", "harmful"
_WORDS = re.compile(
    r"(?:Access|All|An?|Another|Artifacts|Behind|Blanks|Classes|Client|Code|Coverage|Create|Deprecated|Each|Every|Exit"
    r"|Files|From|Functions|Generated|Getting|Hashes|Its?|Letters|Libraries|Licences|Many|Merging|Migrations|Models|Modules|More"
    r"|No|Nobody|None|Not|Nothing|Of|On|One|Only|Others|Packages?|Packing|Parallel|Rows|Services|Several|Some|Somebody"
    r"|Something|Strict|Symbolic|Temporary|Tests|Texts|That|The|There|These|This|Too|Two|Warnings|What|Where|Who|With) "
)
"""Beginnings of titles that are no names."""


def outcome(before: Run | None, after: Run, finding: Finding, following: Diagnosis | None) -> tuple[str, str]:
    """(outcome, what fails now). ``before`` is None where there was a log alone, or a refused file; ``following`` is
    the diagnosis of ``after``, None where that is green."""
    if after.ok:
        unseen = _not_run(before, after)
        return (NO_CHANGE, f"the step that failed was not run: {unseen}") if unseen else (PROVEN, "")
    came = headline(after.recording).partition(": ")[2]
    known = following.findings if following is not None else ()
    if known:
        came = within(known[0].title)
    again = any(one.rule == finding.rule for one in known)
    if before is None:  # from a log alone, or a refused file
        return NO_CHANGE if again else MOVED_ON, came
    lost = _passed(before.recording) & _failed(after.recording)
    if lost:
        return HARMFUL, f"`{sorted(lost)[0][1]}` passed before and fails now"
    if _failed(after.recording) == _failed(before.recording) and (again or (not known and _says(after, finding))):
        return NO_CHANGE, came
    return MOVED_ON, came


def _not_run(before: Run | None, after: Run) -> str:
    """Why the step that was red was not run in ``after``; "" where it was."""
    red = before.recording.red_step if before is not None else None
    here = next((s for s in after.recording.steps if red and (s.index, s.name) == (red.index, red.name)), None)
    return here.skipped_why if here is not None else ""


def _says(run: Run, finding: Finding) -> bool:
    """Whether the failing command says once more what the finding was told by, or ends once more so without a word."""
    failing = run.failing
    said = [one.text for one in finding.evidence if one.kind == "log"]
    if failing is None or not said:
        return True
    return said[0].encode() in strip_ansi(failing[0].output_of(failing[1]))


def within(title: str) -> str:
    """A title as a part of a sentence; names keep their capital."""
    return title[:1].lower() + title[1:] if _WORDS.match(title) else title


def _passed(recording: Recording) -> set[tuple[str, str]]:
    return {(s.name, c.command) for s, c in recording.commands() if c.result == "passed" and c.phase == "script"}


def _failed(recording: Recording) -> set[tuple[str, str]]:
    step = recording.red_step
    return {(step.name, step.failing.command)} if step is not None and step.failing is not None else set()


def all_green(after: Run | None) -> str:
    """What is green after it, and what of it was not run, as a part of a sentence."""
    skipped = [step for step in (after.recording.steps if after is not None else ()) if step.skipped_why]
    if not skipped:
        return "all is green"
    return f"all that was run is green (not run: {'; '.join(f'{s.name} – {s.skipped_why}' for s in skipped)})"
