from itertools import combinations

import numpy as np
import pytest

from pipelinelab.flaky.onset import _ratios, beyond, onset


def test_a_clean_break_is_found_at_its_place():
    found = onset(np.arange(30) >= 18)
    assert found is not None and (found.at, found.before, found.after, found.clean) == (18, 0.0, 1.0, True)
    assert found.p <= 0.001


def test_a_rise_of_the_rate_is_found():
    random = np.random.default_rng(4)
    failed = np.append(random.random(60) < 0.02, random.random(60) < 0.6)
    found = onset(failed)
    assert found is not None and abs(found.at - 60) <= 6 and found.p <= 0.001 and not found.clean


@pytest.mark.parametrize("failed", [[], [True], [True] * 9, [False] * 9])
def test_what_never_changes_has_no_onset(failed):
    assert onset(np.array(failed, dtype=bool)) is None


def test_chance_seldom_has_an_onset():
    random = np.random.default_rng(5)
    found = [onset(random.random(40) < 0.4) for _ in range(300)]
    assert sum(one.p <= 0.05 for one in found if one) <= 0.08 * 300


def test_a_break_is_beyond_doubt_where_there_are_runs_enough_however_many_tests_are_asked():
    found = onset(np.arange(90) >= 50)
    assert found is not None and found.p < 1e-9


@pytest.mark.parametrize(("runs", "failures"), [(9, 3), (12, 5), (13, 6)])
def test_the_bound_on_a_p_value_is_never_below_the_truth(runs, failures):
    every = []
    for places in combinations(range(runs), failures):
        failed = np.zeros(runs, dtype=bool)
        failed[list(places)] = True
        every.append(failed)
    ratios = np.array([_ratios(failed[None, :].astype(np.int64)).max() for failed in every])
    for seen in np.unique(ratios):
        assert (ratios >= seen - 1e-9).mean() <= beyond(seen, runs)
