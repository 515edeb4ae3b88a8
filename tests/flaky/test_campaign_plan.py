from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.flaky.campaign import left, order_hash, rows, run
from pipelinelab.reports import TestCase


def test_a_run_is_a_function_of_the_campaigns_seed_and_its_number():
    assert [run(7, number) for number in range(40)] == [run(7, number) for number in range(40)]
    assert run(7, 3) != run(8, 3)


def test_every_order_comes_twice_in_two_different_worlds_and_each_eighth_run_doubles_the_tests():
    made = [run(1, number) for number in range(64)]
    assert [one.number for one in made if one.twice] == [7, 15, 23, 31, 39, 47, 55, 63]
    shuffles = [one.shuffle for one in made if one.shuffle is not None]
    assert {shuffles.count(one) for one in shuffles[:48]} == {2}
    assert len({one.seed for one in made}) == 64
    assert made[0].shuffle is made[1].shuffle is None


def test_the_two_runs_of_one_order_are_never_side_by_side_so_that_a_bad_hour_does_not_look_like_a_bad_order():
    shuffles = [one.shuffle for one in (run(1, number) for number in range(64)) if one.shuffle is not None]
    assert all(one != following for one, following in pairwise(shuffles))


def test_without_shuffling_all_runs_are_in_the_suites_own_order():
    assert {run(1, number, shuffle=False).shuffle for number in range(64)} == {None}


@given(st.sets(st.integers(0, 20)))
def test_what_is_left_and_what_is_done_are_the_whole(done):
    numbers = [one.number for one in left(3, 21, done)]
    assert sorted([*numbers, *done]) == list(range(21))


def test_an_order_has_a_name_and_so_has_its_doubling():
    assert order_hash(["a", "b"]) == order_hash(["a", "b"]) != order_hash(["b", "a"])
    assert order_hash(["a"]) != order_hash(["a"], twice=True)
    assert order_hash([]) == ""


def test_a_reports_own_order_is_its_order():
    cases = [TestCase("s", "a", "passed"), TestCase("s", "b", "failed")]
    assert {row["order_hash"] for row in rows("r", cases)} == {order_hash(["s::a", "s::b"])}
