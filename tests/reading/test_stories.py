"""Every code has a story that is true."""

import pytest

from pipelinelab.reading.codes import CODES
from pipelinelab.reading.read import read_text
from pipelinelab.reading.stories import _table, page, story


def test_every_code_has_a_story_and_no_story_is_left_over() -> None:
    assert set(_table()) == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_a_story_says_what_why_and_instead(code: str) -> None:
    told = story(code)
    assert told is not None
    assert all(len(part) > 15 for part in (told.what, told.why, told.instead))
    assert told.title in page(told)


@pytest.mark.parametrize("code", [code for code in CODES if _table()[code].get("example") and code != "PL306"])
def test_the_example_of_a_code_has_its_problem(code: str) -> None:
    assert code in {problem.code for problem in read_text(_table()[code]["example"]).problems}


@pytest.mark.parametrize("code", [code for code in CODES if "\n" in _table()[code]["instead"].strip()])
def test_what_to_write_instead_is_without_the_problem(code: str) -> None:
    assert code not in {problem.code for problem in read_text(_table()[code]["instead"]).problems}


def test_a_code_is_found_whatever_its_case() -> None:
    assert story("pl108") == story("PL108")


def test_an_unknown_code_has_no_story() -> None:
    assert story("PL999") is None
