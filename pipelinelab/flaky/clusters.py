"""Tests that fail together: most likely one cause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST = 3000


def clusters(failures: NDArray[np.bool_], apart: float = 0.5) -> NDArray[np.int64]:
    """A cluster number for each row of ``failures`` (tests × runs), the largest cluster 0; each test is in one.

    Average linkage over the Jaccard distance of the sets of runs in which two tests failed, cut at ``apart``: tests
    in a cluster share on average at least half of their failing runs. Beyond 3,000 rows each further test stands alone.
    """
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage

    count = len(failures)
    if count < 2:
        return np.zeros(count, dtype=np.int64)
    some = failures[:_MOST]
    labels = fcluster(linkage(distances(some), method="average"), apart, criterion="distance").astype(np.int64)
    labels = np.append(labels, labels.max() + 1 + np.arange(count - len(some)))
    _, codes, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    rank = np.argsort(np.argsort(-sizes, kind="stable"), kind="stable")
    return np.asarray(rank[codes], dtype=np.int64)


def distances(failures: NDArray[np.bool_]) -> NDArray[Any]:
    """The condensed Jaccard distances between the rows, as scipy's ``pdist`` lays them out; two rows without any
    failure are at distance 0."""
    import numpy as np

    rows = failures.astype(np.float32)
    shared = rows @ rows.T
    each = rows.sum(axis=1)
    union = each[:, None] + each[None, :] - shared
    distance = np.where(union > 0, 1 - shared / np.maximum(union, 1), 0.0)
    return np.clip(distance[np.triu_indices(len(rows), 1)], 0.0, 1.0).astype(np.float64)
