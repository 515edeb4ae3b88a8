import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, fisher_exact, hypergeom

from pipelinelab.flaky.order import _tails, after_whom, dependence, over_orders


def test_over_orders_is_pearsons_chi_square_where_counts_are_large():
    order = np.repeat([0, 1, 2], 100)
    failed = np.concatenate([np.arange(100) < 10, np.arange(100) < 20, np.arange(100) < 40])
    theirs = chi2_contingency([[10, 20, 40], [90, 80, 60]], correction=False).pvalue
    assert over_orders(order, failed) == pytest.approx(theirs)


def test_over_orders_by_permutation_agrees_with_the_exact_test_of_two_orders():
    order = np.repeat([0, 1], 12)
    failed = np.concatenate([np.arange(12) < 6, np.arange(12) < 1])
    theirs = fisher_exact([[6, 1], [6, 11]]).pvalue
    assert over_orders(order, failed) == pytest.approx(theirs, abs=0.02)


def test_the_same_data_give_the_same_p():
    order, failed = np.repeat([0, 1, 2], 4), np.arange(12) % 5 == 0
    assert over_orders(order, failed) == over_orders(order, failed)


@pytest.mark.parametrize(("order", "failed"), [([0, 0, 0], [1, 0, 1]), ([0, 1, 2], [1, 0, 1]), ([0, 0, 1], [0, 0, 0])])
def test_nobody_can_tell_from_one_order_or_from_orders_that_ran_once(order, failed):
    assert np.isnan(over_orders(np.array(order), np.array(failed, dtype=bool)))


def test_chance_is_seldom_taken_for_order():
    random = np.random.default_rng(1)
    wrong = 0
    for _ in range(200):
        places = np.array([random.permutation(30) for _ in range(20)]).repeat(2, axis=0).astype(np.int32)
        failed = random.random(40) < 0.3
        found = dependence(0, np.arange(20).repeat(2), failed, places, np.arange(40))
        wrong += found.p < 0.05
    assert wrong <= 18


@given(st.integers(2, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n - 1), st.integers(1, n - 1))))
def test_the_tails_are_those_of_scipys_hypergeometric_distribution(drawn):
    runs, failures, total = drawn
    fewer, more = _tails(runs, failures, np.array([total]))
    hit = np.arange(failures + 1)
    assert fewer[0] == pytest.approx(hypergeom.cdf(hit, runs, failures, total), rel=1e-7, abs=1e-12)
    assert more[0] == pytest.approx(hypergeom.sf(hit - 1, runs, failures, total), rel=1e-7, abs=1e-12)


@pytest.mark.parametrize(("kind", "rule"), [("victim", np.less), ("brittle", np.greater)])
def test_the_partner_and_its_role_are_found(kind, rule):
    random = np.random.default_rng(2)
    places = np.array([random.permutation(40) for _ in range(40)], dtype=np.int32)
    p, partner, found = after_whom(places, 5, rule(places[:, 17], places[:, 5]))
    assert (partner, found) == (17, kind)
    assert p < 1e-6
