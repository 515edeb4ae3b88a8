"""A test case as a report tells it, and what can go wrong with a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pipelinelab.errors import UsageError
from pipelinelab.events.types import TestSeen

OUTCOMES = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
FAILING = frozenset({"failed", "error"})
RERUN = "failed and was run again"

_LONGEST = 2000


class TestCase(NamedTuple):
    """One attempt at one test: the fields of ``TestSeen`` without the run.

    ``outcome`` is one of ``OUTCOMES``; ``position`` counts from 0 in the order of the report; seconds None where the
    report has none. A test that was run again has one TestCase for each attempt. A tuple, not a dataclass, since a
    report may hold 100,000 of them.
    """

    suite: str
    test: str
    outcome: str
    seconds: float | None = None
    position: int | None = None
    message: str = ""

    def seen(self, step: int, at: float) -> TestSeen:
        """The event of this case, for the step that ran it, ``at`` seconds into the run."""
        return TestSeen(at=at, step=step, **self._asdict())


TestCase.__test__ = False  # type: ignore[attr-defined]


class ReportRefused(UsageError):
    """A report cannot be read. ``cases`` are those that were whole before the place where it broke."""

    def __init__(self, message: str, hint: str = "", cases: Iterable[TestCase] = ()) -> None:
        super().__init__(message, hint)
        self.cases = tuple(cases)


def brief(text: str) -> str:
    """A message as it is kept: no surrounding blanks, at most 2,000 characters."""
    text = text.strip()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def numbered(cases: Iterable[TestCase]) -> tuple[TestCase, ...]:
    """The cases with their positions counted from 0."""
    return tuple(case._replace(position=at) for at, case in enumerate(cases))


def python_names(nodeid: str) -> tuple[str, str]:
    """(suite, test) of a pytest node id, as pytest's own JUnit file names them: ``a/test_b.py::C::test_d[x]`` is
    ``("a.test_b.C", "test_d[x]")``. One test has one name, whichever report told of it."""
    path, bracket, parameters = nodeid.partition("[")
    names = path.split("::")
    names[0] = names[0].removesuffix(".py").replace("/", ".").replace("\\", ".")
    names[-1] += bracket + parameters
    return ".".join(names[:-1]), names[-1]
