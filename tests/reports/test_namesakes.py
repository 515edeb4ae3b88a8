"""Tests that share a name in one report, and tests that were run again."""

from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.reports import OUTCOMES, TestCase
from pipelinelab.reports.namesakes import before, namesakes, told_apart


def cases(*outcomes: str, test: str = "a") -> list[TestCase]:
    return [TestCase("s", test, outcome) for outcome in outcomes]


def test_a_name_that_comes_again_after_it_passed_belongs_to_several_tests():
    assert namesakes(cases("passed", "failed")) == {("s", "a")}
    assert namesakes(cases("passed", "passed")) == {("s", "a")}


def test_what_failed_before_it_came_again_may_have_been_run_again():
    assert namesakes(cases("failed", "error", "passed")) == set()
    assert namesakes([*cases("passed"), *cases("passed", test="b")]) == set()


def test_from_the_second_on_they_have_a_number():
    found = told_apart([*cases("passed", "failed", "passed"), *cases("failed", "passed", test="b")], {("s", "a")})
    assert [case.test for case in found] == ["a", "a #2", "a #3", "b", "b"]


def test_what_was_told_apart_before_is_known_by_its_number():
    assert before([("s", "a"), ("s", "a #2"), ("s", "issue #7"), ("t", "a")]) == {("s", "a")}


@given(st.lists(st.builds(TestCase, st.just("s"), st.sampled_from("ab"), st.sampled_from(OUTCOMES))))
def test_what_is_told_apart_has_no_namesakes_left(listed):
    found = told_apart(listed, namesakes(listed))
    assert namesakes(found) == set() and [one.outcome for one in found] == [one.outcome for one in listed]
