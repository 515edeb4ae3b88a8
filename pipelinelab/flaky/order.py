"""Does a test's outcome depend on the order of the tests?

Three questions, each right where the others are blind: does the failure rate differ between orders that were run
several times (chi-square; by permutation where counts are small); does it differ by which test ran before (Fisher's
exact test for each other test); does it differ by position (Mann and Whitney). The smallest of the p-values, times
the number of questions asked, is the test's p; Benjamini and Hochberg hold the false discoveries over the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

_ROUNDS = (999, 49_999)
_SMALL = 5.0
_MOST_CELLS = 30_000_000


@dataclass(frozen=True)
class Dependence:
    """What order has to do with a test. ``p`` NaN: orders did not differ, so nobody can tell.

    ``partner`` is the code of the test whose place before this one tells most, -1 where none does; ``kind`` is victim
    (fails after the partner), brittle (fails without it before) or ""."""

    p: float
    partner: int = -1
    kind: str = ""
    question: str = ""


NOT_ASKED = Dependence(float("nan"))


def over_orders(order: Ints, failed: Bools) -> float:
    """The p-value that the failure rate is the same in every order; NaN unless two orders were run, one of them twice.

    Pearson's chi-square where every expected count is at least 5, else its permutation distribution (the failures
    dealt anew to the runs; a fixed seed, so the same data always give the same p)."""
    import numpy as np
    from scipy.stats import chi2

    known = order >= 0
    _, codes = np.unique(order[known], return_inverse=True)
    total = np.bincount(codes)
    hit = np.bincount(codes, weights=failed[known]).astype(np.int64)
    runs, failures = int(total.sum()), int(hit.sum())
    if len(total) < 2 or total.max() < 2 or failures in (0, runs):
        return float("nan")
    expected = total * failures / runs

    def statistic(hits: NDArray[Any]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = ((hits - expected) ** 2 / (expected * (1 - failures / runs))).sum(axis=-1)
        return found

    seen = float(statistic(hit))
    if min(expected.min(), (total - expected).min()) >= _SMALL:
        return float(chi2.sf(seen, len(total) - 1))
    random = np.random.default_rng(20)
    p = 1.0
    for rounds in _ROUNDS:
        if len(total) * rounds > _MOST_CELLS:
            break
        dealt = random.multivariate_hypergeometric(total, failures, size=rounds, method="marginals")
        p = float((1 + (statistic(dealt) >= seen - 1e-9).sum()) / (1 + rounds))
        if p > 0.01:
            break
    return p


def by_position(position: Ints, failed: Bools) -> float:
    """The p-value that failures come as early as passes; NaN where positions are not known or never differ."""
    import numpy as np
    from scipy.stats import mannwhitneyu

    known = position >= 0
    a, b = position[known & failed], position[known & ~failed]
    if not len(a) or not len(b) or len(np.unique(np.append(a, b))) < 2:
        return float("nan")
    return float(mannwhitneyu(a, b, alternative="two-sided").pvalue)


def after_whom(places: NDArray[np.int32], test: int, failed: Bools) -> tuple[float, int, str]:
    """(p, partner, kind) of the test whose running before ``test`` tells most about its failing.

    ``places`` is runs × tests, the position of each test in each run, -1 where it did not run; ``failed`` by run. The
    p-value is Fisher's, two-sided, times the number of tests it was chosen from (Bonferroni)."""
    import numpy as np
    from scipy.stats import hypergeom

    mine = places[:, test]
    known = mine >= 0
    before = (places[known] < mine[known, None]) & (places[known] >= 0)
    failing = failed[known]
    runs, failures = len(failing), int(failing.sum())
    total = before.sum(axis=0)
    hit = before[failing].sum(axis=0)
    useful = (total > 0) & (total < runs)
    useful[test] = False
    if failures in (0, runs) or not useful.any():
        return float("nan"), -1, ""
    candidates = np.flatnonzero(useful)
    expected = total[candidates] * failures / runs
    spread = np.sqrt(expected * (1 - failures / runs) * (runs - total[candidates]) / max(runs - 1, 1))
    top = candidates[np.argsort(-np.abs(hit[candidates] - expected) / spread, kind="stable")[:8]]
    more = hypergeom.sf(hit[top] - 1, runs, failures, total[top])
    fewer = hypergeom.cdf(hit[top], runs, failures, total[top])
    both = np.minimum(1.0, 2 * np.minimum(more, fewer))
    best = int(np.argmin(both))
    kind = "victim" if more[best] < fewer[best] else "brittle"
    return float(min(1.0, both[best] * len(candidates))), int(top[best]), kind


def dependence(
    test: int, order: Ints, position: Ints, failed: Bools, places: NDArray[np.int32] | None, runs: Ints
) -> Dependence:
    """All three questions about one test; the arrays hold its first attempt in each run, ``runs`` the row of
    ``places`` for each."""
    import numpy as np

    partner, kind = -1, ""
    asked = {"over orders": over_orders(order, failed)}
    if len(np.unique(order[order >= 0])) > 1:
        asked["by position"] = by_position(position, failed)
        if places is not None:
            asked["after whom"], partner, kind = after_whom(places[runs], test, failed)
    told = {question: p for question, p in asked.items() if not np.isnan(p)}
    if not told:
        return Dependence(float("nan"))
    question = min(told, key=lambda one: told[one])
    clear = told.get("after whom", 1.0) < 0.05
    return Dependence(min(1.0, told[question] * len(told)), partner if clear else -1, kind if clear else "", question)
