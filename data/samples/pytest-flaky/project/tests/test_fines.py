import pytest
from library.fines import PER_DAY, fine


def test_a_week_late_is_dear():
    assert fine(7) == 140


@pytest.mark.parametrize("days", [0, -1, -28])
def test_in_time_is_free(days):
    assert fine(days) == 0


def test_the_usual_rate_is_a_number_of_cents():
    assert isinstance(PER_DAY, int)
