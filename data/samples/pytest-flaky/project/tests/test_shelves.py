import pytest
from library.shelves import shelf, sort_shelves, spine


def test_sorting_puts_a_title_by_its_letter():
    assert sort_shelves(["Emma", "Чайка"]) == {"Emma": "E", "Чайка": "Ч"}


def test_the_plan_knows_a_title():
    assert shelf("Emma") == "E"


@pytest.mark.offline
@pytest.mark.parametrize("title", ["Emma", "紅樓夢", "الف ليلة"])
def test_a_short_title_fits(title):
    assert spine(title) == title


@pytest.mark.parametrize(("title", "width"), [("Don Quijote de la Mancha", 12), ("Преступление и наказание", 8)])
def test_a_long_title_is_cut(title, width):
    assert len(spine(title, width)) == width
