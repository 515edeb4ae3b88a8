"""The frame ``tests`` as arrays: what the statistics count over.

Runs are in the order of the frame, oldest first. A rerun inside a run is a further attempt of its test there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

FAILED = ("failed", "error")
FATAL = ("timed_out", "killed")
COUNTED = ("passed", "xfailed", "xpassed", *FAILED)
INFRASTRUCTURE_SHARE = 0.8
_FEWEST = 5
_SELDOM = 1 / 3


@dataclass(frozen=True, eq=False)
class History:
    """Outcomes as arrays; one entry of ``test`` … ``fatal`` for each attempt that came to an outcome.

    ``test``, ``run``, ``order`` (-1 unknown) and ``setting`` (a commit in an environment) are codes; ``names`` has the
    columns suite and test by test code; ``run_ids``, ``commits`` and ``run_settings`` are by run code. ``bad_runs``
    are the runs that failed as a whole."""

    names: pd.DataFrame
    run_ids: NDArray[Any]
    commits: NDArray[Any]
    environments: NDArray[Any]
    test: Ints
    run: Ints
    setting: Ints
    order: Ints
    position: Ints
    attempt: Ints
    failed: Bools
    fatal: NDArray[Any]
    seconds: NDArray[np.float64]
    message: pd.api.extensions.ExtensionArray
    bad_runs: Ints

    @property
    def good(self) -> Bools:
        """The attempts that count for a rate: those of runs that did not fail as a whole, timeouts and kills apart."""
        import numpy as np

        bad = np.isin(np.arange(len(self.run_ids)), self.bad_runs)
        return np.asarray((self.fatal == "") & ~bad[self.run], dtype=np.bool_)

    def places(self) -> NDArray[np.int32]:
        """Runs × tests: the position at which the test ran first in the run, -1 where it did not or nobody knows."""
        import numpy as np

        found = np.full((len(self.run_ids), len(self.names)), -1, dtype=np.int32)
        rows = self.attempt == 0
        found[self.run[rows], self.test[rows]] = self.position[rows]
        return found


def history(tests: pd.DataFrame) -> History:
    """The history in a ``tests`` frame (see events/columns.py; ``seed`` and ``step`` are not looked at).

    Skipped tests are left out. A run of five tests or more in which over 80 % fail is infrastructure, unless at this
    commit and in this environment that is no exception: five such runs or more, over a third and not all."""
    import numpy as np
    import pandas as pd

    outcome, words = _codes(tests["outcome"])
    kept = np.isin(words.astype(str), (*COUNTED, *FATAL))[outcome]
    if not kept.all():
        tests, outcome = tests[kept], outcome[kept]
    suite, suites = _codes(tests["suite"])
    test, tests_ = _codes(tests["test"])
    both, pairs = pd.factorize(suite * max(len(tests_), 1) + test)
    names = pd.DataFrame({
        "suite": suites[pairs // max(len(tests_), 1)] if len(pairs) else np.array([], dtype=object),
        "test": tests_[pairs % max(len(tests_), 1)] if len(pairs) else np.array([], dtype=object),
    })  # fmt: skip
    run, run_ids = _codes(tests["run_id"])
    setting = _settings(tests)
    commit, commits = _codes(tests["commit"])
    environment, environments = _codes(tests["environment"])
    failed = np.isin(words.astype(str), FAILED)[outcome]
    first = np.zeros(len(run_ids), dtype=np.int64)
    first[run[::-1]] = np.arange(len(run))[::-1]
    return History(
        names=names, run_ids=run_ids, commits=commits[commit[first]] if len(run) else commits,
        environments=environments[environment[first]] if len(run) else environments,
        test=both.astype(np.int64), run=run, setting=setting,
        order=pd.factorize(tests["order_hash"])[0].astype(np.int64),
        position=tests["position"].fillna(-1).to_numpy(dtype=np.int64),
        attempt=_attempts(run * max(len(names), 1) + both), failed=failed,
        fatal=np.where(np.isin(words.astype(str), FATAL), words, "")[outcome],
        seconds=tests["seconds"].to_numpy(dtype=np.float64, na_value=np.nan),
        message=tests["message"].array, bad_runs=_bad_runs(run, failed, setting[first]),
    )  # fmt: skip


def failed_as_a_whole(tests: pd.DataFrame) -> list[str]:
    """The ids of the runs in a ``tests`` frame of which over 80 % failed: infrastructure, which says nothing about
    any one test."""
    import numpy as np

    run, ids = _codes(tests["run_id"])
    counted = tests["outcome"].isin(COUNTED).to_numpy(dtype=np.bool_)
    failed = tests["outcome"].isin(FAILED).to_numpy(dtype=np.bool_)
    setting = np.zeros(len(ids), dtype=np.int64)
    setting[run[::-1]] = _settings(tests)[::-1]
    return [str(one) for one in ids[_bad_runs(run[counted], failed[counted], setting)]]


def _settings(tests: pd.DataFrame) -> Ints:
    """A code for the commit and the environment of each row."""
    import pandas as pd

    commit, _ = _codes(tests["commit"])
    environment, environments = _codes(tests["environment"])
    return pd.factorize(commit * max(len(environments), 1) + environment)[0].astype("int64")


def _codes(column: pd.Series[Any]) -> tuple[Ints, NDArray[Any]]:
    import numpy as np
    import pandas as pd

    codes, values = pd.factorize(column)
    found = np.asarray(values, dtype=object)
    if (codes < 0).any():
        codes = np.where(codes < 0, len(found), codes)
        found = np.append(found, "")
    return codes.astype(np.int64), found


def _attempts(key: Ints) -> Ints:
    """How often each key came before. Hardly any comes twice, so only those that do are sorted."""
    import numpy as np
    import pandas as pd

    out = np.zeros(len(key), dtype=np.int64)
    again = np.flatnonzero(pd.Series(key).duplicated(keep=False))
    by_key = again[np.argsort(key[again], kind="stable")]
    starts = np.flatnonzero(np.diff(key[by_key], prepend=-1))
    lengths = np.diff(np.append(starts, len(by_key)))
    out[by_key] = np.arange(len(by_key)) - np.repeat(starts, lengths)
    return out


def _bad_runs(run: Ints, failed: Bools, setting: Ints) -> Ints:
    """The runs that failed as a whole; ``setting`` is by run."""
    import numpy as np

    total = np.bincount(run, minlength=len(setting))
    share = np.bincount(run, weights=failed, minlength=len(setting)) / np.maximum(total, 1)
    bad = (total >= _FEWEST) & (share > INFRASTRUCTURE_SHARE)
    runs, whole = np.bincount(setting), np.bincount(setting, weights=bad)
    often = (whole >= _FEWEST) & (whole > _SELDOM * runs) & (whole < runs)
    return np.flatnonzero(bad & ~often[setting])
