"""Different tests that one report calls by one name, and how they are told from one test that was run again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from pipelinelab.reports.case import FAILING, TestCase

Name = tuple[str, str]
_NUMBERED = re.compile(r"(?P<test>.+) #\d+", re.DOTALL)


def namesakes(cases: Sequence[TestCase]) -> set[Name]:
    """The names, as (suite, test), that stand in this one report more than once after a pass.

    What is run again is run again because it failed. So a name that comes once more after it passed belongs to
    another test; where all but the last failed, it may be either, and this report does not say."""
    names = [case[:2] for case in cases]
    if len(set(names)) == len(names):
        return set()
    seen: set[Name] = set()
    found: set[Name] = set()
    for name, case in zip(names, cases, strict=True):
        if name in seen:
            found.add(name)
        if case.outcome not in FAILING and case.outcome != "skipped":
            seen.add(name)
    return found


def told_apart(cases: Iterable[TestCase], names: Collection[Name]) -> tuple[TestCase, ...]:
    """The cases of one report, those of ``names`` with a number from the second on: ``test_a``, ``test_a #2``."""
    if not names:
        return tuple(cases)
    counted: Counter[Name] = Counter()
    found = []
    for case in cases:
        name = case[:2]
        if name in names:
            counted[name] += 1
            case = case._replace(test=f"{case.test} #{counted[name]}") if counted[name] > 1 else case
        found.append(case)
    return tuple(found)


def before(known: Iterable[Name]) -> set[Name]:
    """Which of the ``known`` names were told apart before: those that stand there with a number, too."""
    names = set(known)
    numbered = ((suite, found["test"]) for suite, test in names if (found := _NUMBERED.fullmatch(test)))
    return {name for name in numbered if name in names}
