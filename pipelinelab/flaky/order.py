"""Does a test's outcome depend on the order of the tests?

Two questions, each right where the other is blind: does the failure rate differ between orders that were run several
times (chi-square; by permutation where counts are small); does it differ by which test ran before, or by the test's
own place (the smallest of many p-values, against what chance makes of so many). The smaller p-value, times the number
of questions asked, is the test's p; Benjamini and Hochberg hold the false discoveries over the tests.
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
_CLEAR, _HOPELESS = 1e-5, 0.02
_AT_ONCE, _ENOUGH, _MOST_DEALS, _MOST_PRODUCTS = 100, 10, 5_000, 100_000_000
_PLACE_COUNTS = 10  # The test's place is one question beside a hundred others, and worth more than one of them.


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
    from scipy.special import chdtrc

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
        return float(chdtrc(len(total) - 1, seen))
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


def after_whom(places: NDArray[np.int32], test: int, failed: Bools) -> tuple[float, int, str]:
    """(p, partner, kind): does it tell when ``test`` fails, who ran before it or at which place it ran itself?

    ``places`` is runs × tests, the position of each test in each run, -1 where it did not run; ``failed`` by run. For
    each other test there is Fisher's exact test, for the place there is Mann and Whitney's. The p-value is that of the
    smallest of them all: Bonferroni's bound, and where that leaves it open, how often failures that are dealt anew to
    the runs give one as small (Westfall and Young), since whoever ran before is much the same question for all."""
    import numpy as np

    mine = places[:, test]
    known = mine >= 0
    before = (places[known] < mine[known, None]) & (places[known] >= 0)
    failing = failed[known]
    runs, failures = len(failing), int(failing.sum())
    total = before.sum(axis=0)
    useful = (total > 0) & (total < runs)
    useful[test] = False
    candidates = np.flatnonzero(useful)
    if failures in (0, runs) or not len(candidates):
        return float("nan"), -1, ""
    before, total = before[:, candidates], total[candidates]
    hit = before[failing].sum(axis=0)
    expected = total * failures / runs
    spread = np.sqrt(expected * (1 - failures / runs) * (runs - total))
    top = np.argsort(-np.abs(hit - expected) / spread, kind="stable")[:8]
    fewer, more = (side[np.arange(len(top)), hit[top]] for side in _tails(runs, failures, total[top]))
    both = np.minimum(fewer, more) * 2
    best = int(np.argmin(both))
    place = _ranks(mine[known])
    seen = min(float(both[best]), float(_place_p(place, failing[:, None].astype(np.float32))[0]) / _PLACE_COUNTS)
    p = min(1.0, seen * (len(candidates) + _PLACE_COUNTS))
    if p > _CLEAR and seen < _HOPELESS:
        p = min(p, _dealt(before, place, failures, total, seen))
    return p, int(candidates[top[best]]), "victim" if more[best] < fewer[best] else "brittle"


def _tails(runs: int, failures: int, total: Ints) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The probabilities that of ``failures`` among ``runs`` at most, and at least, so many are among ``total``: a row
    for each total, a column for each number from 0 to ``failures``. As scipy.stats' hypergeom, whose import takes as
    long as ranking a million outcomes."""
    import numpy as np
    from scipy.special import gammaln

    def choices(n: Any, k: Any) -> NDArray[np.float64]:
        found = gammaln(n + 1) - gammaln(np.clip(k, 0, n) + 1) - gammaln(n - np.clip(k, 0, n) + 1)
        return np.where((k >= 0) & (k <= n), found, -np.inf)

    hit, marked = np.arange(failures + 1)[None, :], total[:, None]
    chance = np.exp(choices(marked, hit) + choices(runs - marked, failures - hit) - choices(runs, failures))
    at_least = chance[:, ::-1].cumsum(axis=1)[:, ::-1]
    return np.minimum(chance.cumsum(axis=1), 1.0), np.minimum(at_least, 1.0)


def _ranks(position: NDArray[np.int32]) -> NDArray[np.float32]:
    """Ranks with mean 0 and standard deviation 1; all 0 where the position never differs."""
    import numpy as np
    import pandas as pd

    ranks = pd.Series(position).rank().to_numpy()
    return np.asarray((ranks - ranks.mean()) / max(float(ranks.std()), 1e-9), dtype=np.float32)


def _place_p(place: NDArray[np.float32], failing: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mann and Whitney's two-sided p-value by the normal approximation, for each column of failures."""
    import numpy as np
    from scipy.special import ndtr

    runs, failures = len(place), failing[:, 0].sum()
    spread = np.sqrt(failures * (runs - failures) / (runs - 1))
    return np.asarray(2 * ndtr(-np.abs(place @ failing) / spread), dtype=np.float64)


def _dealt(before: Bools, place: NDArray[np.float32], failures: int, total: Ints, seen: float) -> float:
    """The share of random deals of the failures to the runs whose smallest p-value is at most ``seen``. Ends where
    enough are (Besag and Clifford, 1991): only a small share is worth being known well. 1.0 where it costs too much.
    """
    import numpy as np

    runs, candidates = before.shape
    most = min(_MOST_DEALS, _MOST_PRODUCTS // (runs * candidates))
    if most < 10 * _AT_ONCE:
        return 1.0
    random = np.random.default_rng(20)
    row_of, kinds = np.unique(total, return_inverse=True)
    table = 2 * np.minimum(*_tails(runs, failures, row_of))
    columns = before.T.astype(np.float32)
    dealt = np.zeros((runs, _AT_ONCE), dtype=np.float32)
    dealt[:failures] = 1
    found = done = 0
    while found < _ENOUGH and done + _AT_ONCE <= most:
        random.permuted(dealt, axis=0, out=dealt)
        hits = (columns @ dealt).astype(np.int64)
        least = np.minimum(table[kinds[:, None], hits].min(axis=0), _place_p(place, dealt) / _PLACE_COUNTS)
        found += int((least <= seen * (1 + 1e-9)).sum())
        done += _AT_ONCE
    return (1 + found) / (1 + done)


def dependence(test: int, order: Ints, failed: Bools, places: NDArray[np.int32] | None, runs: Ints) -> Dependence:
    """Both questions about one test; the arrays hold its first attempt in each run, ``runs`` the row of ``places`` for
    each."""
    import numpy as np

    partner, kind = -1, ""
    asked = {"over orders": over_orders(order, failed)}
    if len(np.unique(order[order >= 0])) > 1 and places is not None:
        asked["after whom"], partner, kind = after_whom(places[runs], test, failed)
    told = {question: p for question, p in asked.items() if not np.isnan(p)}
    if not told:
        return NOT_ASKED
    question = min(told, key=lambda one: told[one])
    clear = told.get("after whom", 1.0) < 0.05
    return Dependence(min(1.0, told[question] * len(told)), partner if clear else -1, kind if clear else "", question)
