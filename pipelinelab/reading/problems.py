"""A problem in a pipelines file, its cure, and what a reading gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pipelinelab.model.pipelines import Pipelines
from pipelinelab.model.source import Span

if TYPE_CHECKING:
    import pandas

ERROR = "error"
WARNING = "warning"
HINT = "hint"
SEVERITIES = (ERROR, WARNING, HINT)


@dataclass(frozen=True, slots=True)
class Edit:
    """Put ``text`` in place of what ``span`` holds; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, kw_only=True)
class Fix:
    """A cure as text edits that never overlap. ``safe``: it says what the author clearly meant, and nothing else."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong.

    ``code`` is stable and explained by ``pipelinelab explain CODE``; ``severity`` is error (Bitbucket would refuse the
    file), warning (it will not do what is meant) or hint. ``span`` is where the cure goes, ``via`` the aliases through
    which that place is reached, ``path`` the way to it from the root. ``bitbucket_says`` is Bitbucket's own wording
    where it is known ("" where not).
    """

    code: str
    severity: str
    span: Span
    message: str
    expected: str = ""
    found: str = ""
    suggestion: str = ""
    fix: Fix | None = None
    bitbucket_says: str = ""
    path: tuple[str | int, ...] = ()
    via: tuple[Span, ...] = ()

    @property
    def where(self) -> str:
        """The way to the place as Bitbucket writes it: ``pipelines > default > 0 > step``."""
        return " > ".join(str(part) for part in self.path)


def by_importance(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once (an alias used five times is one slip), errors first, then in the order of the file."""
    once: dict[tuple[str, Span, str], Problem] = {}
    for problem in problems:
        once.setdefault((problem.code, problem.span, problem.message), problem)
    return tuple(
        sorted(once.values(), key=lambda p: (SEVERITIES.index(p.severity), p.span.line, p.span.column, p.code))
    )


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What reading a file gives: the model as far as it could be made out (None where there is none), and every
    problem, most important first. ``text`` is the source as it was decoded, for reports."""

    file: str
    pipelines: Pipelines | None
    problems: tuple[Problem, ...] = ()
    text: str = field(default="", repr=False, compare=False)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that Bitbucket would refuse the file for."""
        return tuple(problem for problem in self.problems if problem.severity == ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What Bitbucket accepts, and does not do as meant."""
        return tuple(problem for problem in self.problems if problem.severity == WARNING)

    @property
    def hints(self) -> tuple[Problem, ...]:
        """What may well be meant, and is worth a look."""
        return tuple(problem for problem in self.problems if problem.severity == HINT)

    @property
    def ok(self) -> bool:
        """True where there is no error."""
        return not self.errors

    def to_frame(self) -> pandas.DataFrame:
        """The problems as a DataFrame, one row each; the columns are those of ``frame.PROBLEMS``."""
        from pipelinelab.reading.frame import problems_frame

        return problems_frame([self])

    def __str__(self) -> str:
        from pipelinelab.reading.report import render

        return render(self)

    def _repr_html_(self) -> str:
        from pipelinelab.reading.report_html import render_html

        return render_html(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._repr_html_()}
