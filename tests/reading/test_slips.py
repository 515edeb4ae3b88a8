"""Files as people get them wrong, a family of slips a file in ``slips/``."""

from slips import Slip, each, is_cured_for_good, is_told_once_at_its_line


@each()
def test_a_slip_is_told_once_at_its_line_for_what_it_is(slip: Slip) -> None:
    is_told_once_at_its_line(slip)


@each(only=lambda slip: slip.cured)
def test_a_slip_with_a_safe_cure_is_cured_for_good(slip: Slip) -> None:
    is_cured_for_good(slip)
