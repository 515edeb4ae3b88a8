import pytest
from library.reminders import majority, reminder_is_due


def test_a_reminder_goes_out_after_three_days():
    assert reminder_is_due(3)


def test_no_reminder_for_those_in_time():
    assert not reminder_is_due(0)


@pytest.mark.parametrize(("votes", "members", "carried"), [(0, 10, False), (5, 10, False), (6, 10, True), (1, 1, True)])
def test_half_is_no_majority(votes, members, carried):
    assert majority(votes, members) is carried
