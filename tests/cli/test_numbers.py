import pytest
from click import BadParameter

from pipelinelab.cli.numbers import Number


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "0", "1e999", "a"])
def test_a_number_outside_of_its_range_or_none_at_all_is_refused(text: str) -> None:
    with pytest.raises(BadParameter):
        Number(min=0, min_open=True).convert(text, None, None)


def test_a_number_within_its_range_is_taken() -> None:
    assert Number(min=0, min_open=True).convert("0.5", None, None) == 0.5
