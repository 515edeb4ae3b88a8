"""How far a failure rate may be from what was seen, and how many runs would tell."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Reals = NDArray[np.float64]


def wilson(failures: ArrayLike, runs: ArrayLike, confidence: float = 0.95) -> tuple[Reals, Reals]:
    """The Wilson score interval of failures/runs, both arrays of the same shape; 0 and 1 where there was no run.

    The same numbers as scipy's ``binomtest(k, n).proportion_ci(method="wilson")``, for a whole array at once."""
    import numpy as np
    from scipy.special import ndtri

    k, n = np.asarray(failures, dtype=np.float64), np.asarray(runs, dtype=np.float64)
    z = float(ndtri(0.5 + confidence / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (k + z * z / 2) / (n + z * z)
        half = z / (n + z * z) * np.sqrt(k * (n - k) / n + z * z / 4)
        low = np.where(k == 0, 0.0, centre - half)
        high = np.where(k == n, 1.0, centre + half)
    return np.where(n > 0, low, 0.0), np.where(n > 0, high, 1.0)


def runs_to_see(rate: float, confidence: float = 0.95) -> int:
    """How many runs show at least one failure with this confidence, at this failure rate: 20 % → 14, 5 % → 59.

    Independent runs are taken for granted; failures that come in bursts need more."""
    if not 0 < rate <= 1:
        raise ValueError(f"a failure rate is above 0 and at most 1, not {rate}")
    if rate == 1:
        return 1
    return max(1, math.ceil(math.log(1 - confidence) / math.log1p(-rate)))


def entropy(failures: ArrayLike, runs: ArrayLike) -> Reals:
    """Shannon's entropy of the outcome in bits: 0 always the same, 1 a coin."""
    import numpy as np
    from scipy.special import entr

    k, n = np.asarray(failures, dtype=np.float64), np.maximum(np.asarray(runs, dtype=np.float64), 1.0)
    found: Any = (entr(k / n) + entr(1 - k / n)) / math.log(2)
    return np.asarray(found, dtype=np.float64)


def adjusted(p: ArrayLike) -> Reals:
    """Benjamini and Hochberg's adjusted p-values: those under q are a set with at most q false discoveries.

    NaN means "not asked" and stays NaN; it is not counted among the questions."""
    import numpy as np

    values = np.asarray(p, dtype=np.float64)
    asked = ~np.isnan(values)
    out = np.full(values.shape, np.nan)
    found = np.clip(values[asked], 0.0, 1.0)
    order = np.argsort(found)[::-1]
    shares = found[order] * len(found) / np.arange(len(found), 0, -1)
    found[order] = np.minimum.accumulate(shares)
    out[asked] = found
    return out
