import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, binomtest, false_discovery_control

from pipelinelab.flaky.intervals import adjusted, entropy, runs_to_see, wilson


@given(
    st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.sampled_from([0.8, 0.95, 0.99])
)
def test_the_interval_is_scipys(counted, confidence):
    k, n = counted
    theirs = binomtest(k, n).proportion_ci(confidence, method="wilson")
    low, high = wilson([k], [n], confidence)
    assert low[0] == pytest.approx(theirs.low, abs=1e-9)
    assert high[0] == pytest.approx(theirs.high, abs=1e-9)


@pytest.mark.parametrize(("runs", "percent"), [(10, 27.8), (59, 6.1), (170, 2.2)])
def test_no_failure_still_allows_a_rate(runs, percent):
    assert 100 * wilson([0], [runs])[1][0] == pytest.approx(percent, abs=0.05)


def test_no_run_allows_everything():
    assert [float(side[0]) for side in wilson([0], [0])] == [0.0, 1.0]


@pytest.mark.parametrize("runs", [30, 100, 400])
def test_the_interval_covers_the_rate_as_often_as_it_says(runs):
    rates = np.linspace(0.02, 0.98, 193)
    k = np.arange(runs + 1)
    low, high = wilson(k, np.full(runs + 1, runs))
    covered = [binom.pmf(k, runs, rate)[(low <= rate) & (rate <= high)].sum() for rate in rates]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.01)
    assert min(covered) > 0.82


@pytest.mark.parametrize(("rate", "runs"), [(0.2, 14), (0.1, 29), (0.05, 59), (0.01, 299), (1.0, 1)])
def test_runs_that_show_a_failure(rate, runs):
    assert runs_to_see(rate) == runs


@given(st.floats(0.001, 0.999))
def test_so_many_runs_do_and_one_fewer_does_not(rate):
    runs = runs_to_see(rate)
    assert (1 - rate) ** runs <= 0.05 * (1 + 1e-9)
    assert runs == 1 or (1 - rate) ** (runs - 1) > 0.05 * (1 - 1e-9)


@pytest.mark.parametrize("rate", [0, -0.1, 1.1])
def test_a_rate_that_is_none(rate):
    with pytest.raises(ValueError, match="failure rate"):
        runs_to_see(rate)


def test_entropy_is_one_bit_for_a_coin_and_none_for_the_sure():
    assert entropy([0, 5, 10], [10, 10, 10]).tolist() == [0.0, 1.0, 0.0]


def test_false_discoveries_are_held():
    random = np.random.default_rng(3)
    false = []
    for _ in range(300):
        p = np.append(random.random(90), random.random(10) * 1e-4)
        found = adjusted(p) <= 0.1
        false.append(found[:90].sum() / max(found.sum(), 1))
    assert np.mean(false) <= 0.1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_the_adjusted_p_values_are_scipys(p):
    assert adjusted(p) == pytest.approx(false_discovery_control(p))


def test_what_was_not_asked_is_not_counted():
    assert adjusted([0.04, np.nan])[0] == 0.04
    assert np.isnan(adjusted([0.04, np.nan])[1])
