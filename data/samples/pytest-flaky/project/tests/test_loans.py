from datetime import date, timedelta

import pytest
from library.loans import DAYS, Loan, renew
from weather import happens

LOAN = Loan("Война и мир", date(2021, 5, 3))


def test_a_loan_is_for_four_weeks():
    assert date(2021, 5, 31) == LOAN.due


def test_a_renewal_adds_four_weeks():
    assert renew(LOAN).due - LOAN.due == timedelta(days=DAYS)


def test_the_third_renewal_is_refused():
    with pytest.raises(ValueError, match="renewed 2 times"):
        renew(renew(renew(LOAN)))


@pytest.mark.parametrize("days", [1, 7, 365])
def test_late_by_days(days):
    assert LOAN.late(LOAN.due + timedelta(days=days)) == days


@pytest.mark.parametrize("days", [0, 1, 28])
def test_not_late_before(days):
    assert LOAN.late(LOAN.due - timedelta(days=days)) == 0


def test_a_loan_does_not_change():
    renew(LOAN)
    assert LOAN.renewed == 0


def test_the_day_does_not_turn_meanwhile():
    before = date(2021, 5, 3)
    after = before + timedelta(days=happens("midnight strikes", 0.3))
    assert before == after
