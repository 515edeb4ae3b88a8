"""What a diagnosis is made of: evidence, cures, findings, and the files that cures are diffs against. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pipelinelab.diagnosis.questions import Question

UNKNOWN, RULED_OUT, NOT_RULED_OUT = "unknown", "ruled out", "not ruled out"


@dataclass(frozen=True)
class Evidence:
    """One thing that was seen. ``kind``: log, service, yaml, probe, exit or platform; ``where`` is its place for
    people ("step 1, log line 12"); ``line`` counts from 1 (None where there is none)."""

    kind: str
    where: str
    text: str
    line: int | None = None
    step: int | None = None


@dataclass(frozen=True)
class Edit:
    """One file's new text. ``before`` is "" for a file that is not there yet."""

    path: str
    before: str
    after: str


@dataclass(frozen=True)
class Cure:
    """A change that should help. ``diff`` is a unified diff over all its ``edits`` ("" where the files are not known,
    then ``title`` and ``why`` are advice). ``safety`` is "safe" or "unsafe"; lower ``rank`` is tried first."""

    title: str
    why: str = ""
    safety: str = "safe"
    rank: int = 0
    diff: str = ""
    edits: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class Alternative:
    """What else it could have been; ``state`` is ruled out, not ruled out or unknown, ``by`` says what told so."""

    what: str
    state: str = UNKNOWN
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A claim about why a step is red.

    ``confidence`` is 0 to 1. ``proof`` is unproven until the lab has replayed a cure: then proven, moved on, no change
    or harmful. ``groups`` are the rule's named groups; ``command`` counts the step's commands, None without one."""

    rule: str
    title: str
    category: str
    severity: str
    confidence: float
    cause: str
    cure: str
    step: int | None = None
    command: int | None = None
    evidence: tuple[Evidence, ...] = ()
    cures: tuple[Cure, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    references: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    proof: str = "unproven"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from pipelinelab.diagnosis.explain import Explanation

        shown = Explanation(Diagnosis("red", (self,)))
        return {"text/plain": str(shown), "text/html": shown._repr_html_()}


@dataclass(frozen=True)
class ProjectFiles:
    """The project's text files that diagnosis may read and cures may change, by path from the repository's root.
    ``pipelines`` is the path of the pipelines file where it is none that Bitbucket would look for."""

    texts: Mapping[str, str] = field(default_factory=dict)
    pipelines: str = ""

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.texts))

    def get(self, path: str) -> str | None:
        """The file's text, None where it is not there."""
        return self.texts.get(path)

    @property
    def pipelines_path(self) -> str | None:
        """Where the pipelines file is: as told, else bitbucket-pipelines.yml, else the first path that ends so."""
        if self.pipelines:
            return self.pipelines
        names = [p for p in self if p.rsplit("/", 1)[-1] in ("bitbucket-pipelines.yml", "bitbucket-pipelines.yaml")]
        return min(names, key=len, default=None)


@dataclass(frozen=True)
class ErrorSeen:
    """A row of the ``errors`` frame: an error that a tool printed. ``line`` counts from 1 in the step's log;
    ``location`` is "file:line" or ""; ``command`` counts the step's commands."""

    step: int
    command: int | None
    line: int
    kind: str
    exception: str = ""
    code: str = ""
    message: str = ""
    location: str = ""


@dataclass(frozen=True)
class Unexplained:
    """What helps where no rule fits. ``nature`` says what kind of failure it is, "" where that is not plain either;
    ``last_words`` are the failing command's last lines; ``unseen_in_green`` are (line, text) that a green run does
    not have, the most telling first."""

    step: int | None = None
    command: str = ""
    exit_code: int | None = None
    last_words: tuple[str, ...] = ()
    errors: tuple[ErrorSeen, ...] = ()
    unseen_in_green: tuple[tuple[int, str], ...] = ()
    nature: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """Findings (the likeliest first), the questions that would decide more, and what helps where no rule fits.

    ``verdict`` is green, red, unknown, or stopped (broken off by somebody); ``unexplained`` is None where a finding
    tells more than the command itself, and where the run is green.
    ``remarks`` are sentences about the log or the rulebook that a reader should know. ``if_red`` is what would come
    first if a step without a known end and without findings had failed; it is no finding."""

    verdict: str
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()
    unexplained: Unexplained | None = None
    remarks: tuple[str, ...] = ()
    if_red: Finding | None = None

    @property
    def told(self) -> bool:
        """True where a cause was found, or there is nothing to explain."""
        return bool(self.findings) or self.verdict in ("green", "stopped")
