"""When did a test begin to fail? One change point, by likelihood ratio."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ROUNDS = 999
_WORTH = 6.0


@dataclass(frozen=True)
class Onset:
    """The best split of a test's outcomes. ``at`` is the index of the first outcome after it; rates before and after;
    ``p`` that so clear a split comes about by chance (by permutation; 1.0 where it is plainly unclear)."""

    at: int
    p: float
    before: float
    after: float

    @property
    def clean(self) -> bool:
        """Whether it always passed on one side and always failed on the other."""
        return {self.before, self.after} == {0.0, 1.0}


def onset(failed: NDArray[np.bool_]) -> Onset | None:
    """The one change point of outcomes in the order they came; None where they never change.

    The p-value's distribution depends only on how many outcomes and failures there are: their orders at random, with
    a fixed seed. A thousand orders cannot tell p-values below 0.001 apart, which many tests asked at once need: there
    a bound takes over."""
    import numpy as np

    runs, failures = len(failed), int(failed.sum())
    if runs < 2 or failures in (0, runs):
        return None
    ratios = _ratios(failed[None, :].astype(np.int64))[0]
    at = int(np.argmax(ratios)) + 1
    seen = float(ratios[at - 1])
    p = 1.0
    if seen >= _WORTH:
        null = _null(runs, failures)
        p = float((1 + (null >= seen - 1e-9).sum()) / (1 + len(null)))
        p = min(p, beyond(seen, runs))
    return Onset(at, p, float(failed[:at].mean()), float(failed[at:].mean()))


def beyond(ratio: float, runs: int) -> float:
    """What the p-value of a best split with this likelihood ratio is at the most.

    By the method of types, a split whose ratio is r has a probability of at most (runs + 1) exp(-r/2); summed over
    all counts at all splits (Cover and Thomas, Elements of Information Theory, 11.1)."""
    return min(1.0, (runs - 1) * (runs + 1) ** 2 * math.exp(-ratio / 2))


def _ratios(rows: NDArray[Any]) -> NDArray[np.float64]:
    """Twice the log likelihood ratio of a split after each column but the last, for each row of 0 and 1."""
    import numpy as np

    runs = rows.shape[1]
    counts = np.arange(runs + 1, dtype=np.float64)
    plogp = counts * np.log(np.maximum(counts, 1.0))
    left = np.cumsum(rows, axis=1)[:, :-1]
    total = rows.sum(axis=1, keepdims=True)
    n = np.arange(1, runs)

    def likelihood(k: NDArray[Any], m: NDArray[Any]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = plogp[k] + plogp[m - k] - plogp[m]
        return found

    whole = likelihood(total, np.full_like(total, runs))
    return 2 * (likelihood(left, n[None, :]) + likelihood(total - left, (runs - n)[None, :]) - whole)


@lru_cache(maxsize=4096)
def _null(runs: int, failures: int) -> NDArray[np.float64]:
    import numpy as np

    random = np.random.default_rng([runs, failures])
    best = []
    for rounds in (333, 333, _ROUNDS - 666):
        row = np.zeros((rounds, runs), dtype=np.int64)
        row[:, :failures] = 1
        best.append(_ratios(random.permuted(row, axis=1)).max(axis=1))
    return np.concatenate(best)
