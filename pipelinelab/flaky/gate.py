"""Which failures of a run should stop a merge: those that are new, or of tests not known to be flaky."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipelinelab.flaky.verdicts import FLAKY
from pipelinelab.reports.case import FAILING, TestCase

if TYPE_CHECKING:
    import pandas as pd

    from pipelinelab.flaky.quarantine import Quarantined

_STREAK = 0.01
_WHOLE_SHARE, _WHOLE_FEWEST = 0.8, 5


@dataclass(frozen=True)
class Stopped:
    """A failure that stops the merge, and why."""

    case: TestCase
    why: str


@dataclass(frozen=True)
class Gate:
    """What the gate says. ``stops`` are the failures that count, ``known`` those of known flaky or quarantined tests
    with the reason; ``healed`` are failures that passed when run again; ``whole`` True: most of the run failed, so its
    failures say little about single tests."""

    stops: tuple[Stopped, ...]
    known: tuple[Stopped, ...]
    healed: tuple[TestCase, ...]
    tests: int
    whole: bool = False

    @property
    def open(self) -> bool:
        """Whether the merge may go on."""
        return not self.stops


def gate(
    cases: Iterable[TestCase], ranking: pd.DataFrame, streaks: pd.Series[int] | None = None,
    quarantined: Collection[Quarantined] = (), expired: Collection[Quarantined] = (),
) -> Gate:  # fmt: skip
    """Judge the cases of one run by the ranking of what came before it.

    A test is known to be flaky by its verdict or by quarantine. A known flaky test still stops the merge where it
    fails so many times in a row, this run counted, that its own failure rate makes that less likely than 1 in 100:
    then it is no longer flaky but broken. A test in ``expired``, whose time in quarantine is over, stops the merge
    whatever its verdict: somebody promised to look at it by that day. ``streaks`` gives by (suite, test) how often it
    failed at the end of the history."""
    last: dict[tuple[str, str], TestCase] = {}
    ever: dict[tuple[str, str], TestCase] = {}
    for case in cases:
        last[case[:2]] = case
        if case.outcome in FAILING:
            ever[case[:2]] = case
    known_as = {(row["suite"], row["test"]): row for row in ranking.to_dict("records")}
    asked = {(one.suite, one.test): one for one in quarantined}
    over = {(one.suite, one.test): one for one in expired}
    stops: list[Stopped] = []
    known: list[Stopped] = []
    healed: list[TestCase] = []
    for name, failure in ever.items():
        if last[name].outcome not in FAILING:
            healed.append(failure)
            continue
        row = known_as.get(name)
        streak = 1 + int(streaks.get(name, 0) if streaks is not None else 0)
        if name in asked:
            known.append(Stopped(failure, f"quarantined: {asked[name].reason}"))
        elif name in over:
            why = f"its quarantine ended on {over[name].until}: mend the test, or give it a new date"
            stops.append(Stopped(failure, why))
        elif row is None:
            stops.append(Stopped(failure, "new: the history has no such test"))
        elif row["verdict"] not in FLAKY:
            stops.append(Stopped(failure, f"not known to be flaky: {row['verdict']}, {row['reason']}"))
        elif (row["high"] or 1.0) ** streak < _STREAK:
            why = f"{streak} failures in a row are too many for a test that failed {row['failures']} of {row['runs']}"
            stops.append(Stopped(failure, why))
        else:
            known.append(Stopped(failure, f"{row['verdict']}: {row['reason']}"))
    failing = len(stops) + len(known)
    whole = len(last) >= _WHOLE_FEWEST and failing > _WHOLE_SHARE * len(last)
    return Gate(tuple(stops), tuple(known), tuple(healed), len(last), whole)


def streaks(tests: pd.DataFrame) -> pd.Series[int]:
    """By (suite, test), in how many runs it failed since it last passed; tests whose newest run passed are left out."""
    from pipelinelab.flaky.history import COUNTED, FAILED

    counted = tests[tests["outcome"].isin(COUNTED)]
    final = counted.drop_duplicates(["run_id", "suite", "test"], keep="last")
    newest_first = final.iloc[::-1]
    failed = newest_first["outcome"].isin(FAILED).astype("int64")
    unbroken = failed.groupby([newest_first["suite"], newest_first["test"]], sort=False).cumprod()
    found = unbroken.groupby([newest_first["suite"], newest_first["test"]], sort=False).sum()
    return found[found > 0]
