import os

from library import fines, reminders


def test_the_rate_can_be_set():
    os.environ["LIBRARY_FINE_PER_DAY"] = "50"
    assert fines.fine(2) == 100


def test_without_a_setting_the_rate_is_the_usual_one():
    os.environ.pop("LIBRARY_FINE_PER_DAY", None)
    assert fines.fine(1) == fines.PER_DAY


def test_members_ask_for_an_amnesty():
    reminders.ask_amnesty()
    assert reminders.majority(6, 10)


def test_the_council_grants_what_is_asked():
    reminders.grant_amnesty()
    assert not reminders.majority(4, 10)
