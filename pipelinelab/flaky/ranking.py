"""Every test of a history with its rate, interval and verdict: one row a test, the worst first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipelinelab.flaky.clusters import clusters
from pipelinelab.flaky.history import History, history
from pipelinelab.flaky.intervals import adjusted, entropy, wilson
from pipelinelab.flaky.onset import Onset, onset
from pipelinelab.flaky.order import NOT_ASKED, Dependence, dependence
from pipelinelab.flaky.verdicts import VERDICTS, Evidence, Verdict, from_outside, judge

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

RANKING = {
    "suite": "string", "test": "string", "verdict": "string", "kind": "string", "reason": "string", "runs": "Int64",
    "failures": "Int64", "rate": "float64", "low": "float64", "high": "float64", "flip_rate": "float64",
    "entropy": "float64", "order_q": "float64", "partner": "string", "onset_q": "float64", "last_before": "string",
    "first_after": "string", "cluster": "Int64", "cluster_size": "Int64", "timed_out": "Int64", "killed": "Int64",
    "bad_runs": "Int64", "median_s": "float64", "more_runs": "Int64",
}  # fmt: skip
_MOST_PLACES = 60_000_000


@dataclass(frozen=True, eq=False)
class _Counts:
    runs: Ints
    failures: Ints
    mixed: NDArray[np.bool_]
    same_order: NDArray[np.bool_]
    flips: Ints
    pairs: Ints


def rank(tests: pd.DataFrame, *, rate: float = 0.1, level: float = 0.05) -> pd.DataFrame:
    """The verdict on every test of a ``tests`` frame, the oldest run first in it; columns as in ``RANKING``.

    ``rate`` and ``level`` as for ``judge``. ``low`` and ``high`` are the Wilson 95 % interval of the failure rate;
    ``flip_rate`` is flips / (n - 1) at one commit in one environment; ``partner`` the test before which, or after
    which, it fails; ``more_runs`` what would settle it. Sorted by verdict, then by ``low``."""
    import numpy as np
    import pandas as pd

    past = history(tests)
    count = len(past.names)
    first = past.good & (past.attempt == 0)
    rows = np.flatnonzero(first)
    settings, runs = int(past.setting.max(initial=0)) + 1, len(past.run_ids)
    key = (past.test[rows] * settings + past.setting[rows]) * runs + past.run[rows]
    rows = rows[np.argsort(key, kind="stable")]
    counts = _count(past, rows, count)
    low, high = wilson(counts.failures, counts.runs)
    evidence, told = _evidence(past, rows, counts, high, level)
    verdicts = [judge(one, rate=rate, level=level) for one in evidence]
    share = counts.failures / np.maximum(counts.runs, 1)
    frame = pd.DataFrame({
        "suite": past.names["suite"].to_numpy(), "test": past.names["test"].to_numpy(),
        **_words(verdicts), "runs": counts.runs, "failures": counts.failures,
        "rate": np.where(counts.runs > 0, share, np.nan), "low": low, "high": high,
        "flip_rate": np.where(counts.pairs > 0, counts.flips / np.maximum(counts.pairs, 1), np.nan),
        "entropy": entropy(counts.failures, counts.runs), "order_q": [one.order_q for one in evidence],
        "partner": [one.partner or None for one in evidence], "onset_q": [one.onset_q for one in evidence],
        "last_before": [one.onset_between[0] or None for one in evidence],
        "first_after": [one.onset_between[1] or None for one in evidence], **told,
        "timed_out": [one.timed_out for one in evidence], "killed": [one.killed for one in evidence],
        "bad_runs": [one.bad_runs for one in evidence], "median_s": _medians(past, rows, count),
        "more_runs": [one.more for one in verdicts],
    }, columns=list(RANKING)).astype(RANKING)  # fmt: skip
    place = frame["verdict"].map({word: at for at, word in enumerate(VERDICTS)})
    order = np.lexsort((np.arange(count), -low, place.to_numpy(dtype=np.int64)))
    return frame.iloc[order].reset_index(drop=True)


def _words(verdicts: list[Verdict]) -> dict[str, list[str | None]]:
    return {
        "verdict": [one.word for one in verdicts],
        "kind": [one.kind or None for one in verdicts],
        "reason": [one.reason for one in verdicts],
    }


def _count(past: History, rows: Ints, count: int) -> _Counts:
    import numpy as np

    test, failed, setting = past.test[rows], past.failed[rows], past.setting[rows]
    runs = np.bincount(test, minlength=count)
    failures = np.bincount(test, weights=failed, minlength=count).astype(np.int64)
    same = (test[1:] == test[:-1]) & (setting[1:] == setting[:-1])
    flip = same & (failed[1:] != failed[:-1])
    both = np.flatnonzero(((failures > 0) & (failures < runs))[test])
    both = both[np.lexsort((past.order[rows[both]], setting[both], test[both]))]
    t, s, o, x = test[both], setting[both], past.order[rows[both]], failed[both]
    again = (t[1:] == t[:-1]) & (s[1:] == s[:-1]) & (o[1:] == o[:-1]) & (o[1:] >= 0) & (x[1:] != x[:-1])
    return _Counts(
        runs,
        failures,
        np.bincount(test[1:][flip], minlength=count) > 0,
        np.bincount(t[1:][again], minlength=count) > 0,
        np.bincount(test[1:][flip], minlength=count),
        np.bincount(test[1:][same], minlength=count),
    )


def _evidence(
    past: History, rows: Ints, counts: _Counts, high: NDArray[np.float64], level: float
) -> tuple[list[Evidence], dict[str, Any]]:
    import numpy as np

    count = len(past.names)
    timed_out = np.bincount(past.test[past.fatal == "timed_out"], minlength=count)
    killed = np.bincount(past.test[past.fatal == "killed"], minlength=count)
    whole = np.isin(past.run, past.bad_runs) & (past.attempt == 0)
    bad = np.bincount(past.test[whole], minlength=count)
    retried, twice, twice_failed = _again(past, count)
    known = np.bincount(past.test[rows], weights=past.order[rows] >= 0, minlength=count) > 0
    bounds = np.searchsorted(past.test[rows], np.arange(count + 1))
    asked = np.flatnonzero((counts.failures > 0) & (counts.failures < counts.runs))
    depends = _dependences(past, rows, bounds, asked, counts)
    onsets = {int(t): _onset(past, rows[bounds[t] : bounds[t + 1]]) for t in asked}
    order_q = _spread(count, asked, [depends[int(t)].p for t in asked])
    onset_q = _spread(count, asked, [onsets[int(t)][0].p if onsets[int(t)][0] else np.nan for t in asked])  # type: ignore[union-attr]
    cluster, size, outside = _together(past, rows, counts, retried)
    labels = (past.names["suite"] + "::" + past.names["test"]).to_numpy()
    evidence = []
    for t in range(count):
        depend = depends.get(t, NOT_ASKED)
        change, between, only = onsets.get(t, (None, ("", ""), ""))
        evidence.append(Evidence(
            runs=int(counts.runs[t]), failures=int(counts.failures[t]), high=float(high[t]),
            timed_out=int(timed_out[t]), killed=int(killed[t]), bad_runs=int(bad[t]), mixed=bool(counts.mixed[t]),
            same_order=bool(counts.same_order[t]), orders_known=bool(known[t]), retried_to_pass=int(retried[t]),
            twice=int(twice[t]), twice_failed=int(twice_failed[t]), outside=float(outside[t]), cluster=int(size[t]),
            dependence=depend, order_q=float(order_q[t]),
            partner=str(labels[depend.partner]) if depend.partner >= 0 and order_q[t] <= level else "",
            onset=change, onset_q=float(onset_q[t]), onset_between=between, only_in=only, tests=count,
        ))  # fmt: skip
    none = size == 0
    return evidence, {"cluster": np.where(none, None, cluster), "cluster_size": np.where(none, None, size)}  # type: ignore[call-overload]


def _spread(count: int, asked: Ints, p: list[float]) -> NDArray[np.float64]:
    import numpy as np

    out = np.full(count, np.nan)
    out[asked] = adjusted(p) if len(p) else []
    return out


def _again(past: History, count: int) -> tuple[Ints, Ints, Ints]:
    """How often a test that failed first passed when run again; how often one that passed was run again; and failed."""
    import numpy as np

    usable = past.good & (past.attempt <= 1)
    rows = np.flatnonzero(usable)
    rows = rows[np.lexsort((past.attempt[rows], past.run[rows], past.test[rows]))]
    second = np.flatnonzero(past.attempt[rows] == 1)
    a, b = rows[second - 1], rows[second]
    paired = (past.attempt[a] == 0) & (past.run[a] == past.run[b]) & (past.test[a] == past.test[b])
    a, b = a[paired], b[paired]
    ended = past.attempt[past.good].max(initial=0)
    healed = past.failed[a] & ~past.failed[b]
    if ended > 1:
        late = np.flatnonzero(past.good & (past.attempt > 1) & ~past.failed)
        keys = set((past.run[late] * count + past.test[late]).tolist())
        healed |= past.failed[a] & np.isin(past.run[a] * count + past.test[a], np.fromiter(keys, dtype=np.int64))
    good = ~past.failed[a]
    return (
        np.bincount(past.test[a][healed], minlength=count),
        np.bincount(past.test[a][good], minlength=count),
        np.bincount(past.test[a][good & past.failed[b]], minlength=count),
    )


def _dependences(past: History, rows: Ints, bounds: Ints, asked: Ints, counts: _Counts) -> dict[int, Dependence]:
    """Asked at the one commit and environment where the test was run most often, since elsewhere more than the order
    differs."""
    import numpy as np

    places = past.places() if len(past.run_ids) * len(past.names) <= _MOST_PLACES else None
    found = {}
    for t in asked:
        mine = rows[bounds[t] : bounds[t + 1]]
        setting = past.setting[mine]
        mixed = [s for s in np.unique(setting) if 0 < past.failed[mine[setting == s]].sum() < (setting == s).sum()]
        if not mixed:
            found[int(t)] = NOT_ASKED
            continue
        mine = mine[setting == max(mixed, key=lambda s: int((setting == s).sum()))]
        found[int(t)] = dependence(int(t), past.order[mine], past.failed[mine], places, past.run[mine])
    return found


def _onset(past: History, mine: Ints) -> tuple[Onset | None, tuple[str, str], str]:
    """The change point over all runs, the commits on its two sides, and the one environment that fails, if one does."""
    import numpy as np

    mine = mine[np.argsort(past.run[mine], kind="stable")]
    failed = past.failed[mine]
    change = onset(failed)
    where = past.environments[past.run[mine]]
    red, green = set(where[failed]), set(where[~failed])
    only = next(iter(red)) if len(red) == 1 and not red & green else ""
    if change is None:
        return None, ("", ""), str(only)
    commits = past.commits[past.run[mine]]
    return change, (str(commits[change.at - 1]), str(commits[change.at])), str(only)


def _together(past: History, rows: Ints, counts: _Counts, retried: Ints) -> tuple[Ints, Ints, NDArray[np.float64]]:
    """For each test its cluster among those that failed now and then, the cluster's size (0: never failed, or always),
    and the share of the cluster's failures that speak of what is outside."""
    import numpy as np

    count = len(past.names)
    some = np.flatnonzero((counts.failures > 0) & (counts.failures < counts.runs))
    cluster, size, outside = np.zeros(count, dtype=np.int64), np.zeros(count, dtype=np.int64), np.zeros(count)
    if not len(some):
        return cluster, size, outside
    row_of = np.full(count, -1)
    row_of[some] = np.arange(len(some))
    failing = rows[past.failed[rows] & (row_of[past.test[rows]] >= 0)]
    _, columns = np.unique(past.run[failing], return_inverse=True)
    grid = np.zeros((len(some), columns.max() + 1), dtype=np.bool_)
    grid[row_of[past.test[failing]], columns] = True
    cluster[some] = clusters(grid)
    sizes = np.bincount(cluster[some])
    size[some] = sizes[cluster[some]]
    kinds, which = np.unique(np.asarray(past.message[failing], dtype=str), return_inverse=True)
    spoken = np.fromiter((from_outside(kind) for kind in kinds), dtype=np.float64, count=len(kinds))[which]
    of = cluster[past.test[failing]]
    share = np.bincount(of, weights=spoken, minlength=len(sizes)) / np.maximum(np.bincount(of, minlength=len(sizes)), 1)
    outside[some] = share[cluster[some]]
    return cluster, size, outside


def _medians(past: History, rows: Ints, count: int) -> NDArray[np.float64]:
    import numpy as np
    import pandas as pd

    taken = pd.Series(past.seconds[rows]).groupby(past.test[rows]).median()
    return np.asarray(taken.reindex(range(count)), dtype=np.float64)
