import pytest
from library import members


def test_a_new_member_gets_a_card():
    assert members.issue("Grace Hopper") >= 1000


def test_the_first_visitor_has_the_first_number():
    members.visitors = getattr(members, "visitors", 0) + 1
    assert members.visitors == 1


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Ada Lovelace", "AL"), ("ελένη παππά", "ΕΠ"), ("李 小雨", "李小"), ("дмитро коваль", "ДК"), ("zoë", "Z")],
)
def test_initials(name, initials):
    assert members.initials(name) == initials


def test_nobody_has_no_initials():
    assert members.initials("") == ""
