"""Slips: pipelines files as people get them wrong, with what is told of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest

from pipelinelab.reading.cured import cured
from pipelinelab.reading.read import read_text


@dataclass(frozen=True)
class Slip:
    """``told`` are the (code, line) of its errors and warnings; ``cured`` that a safe cure makes a sound file of it."""

    text: str
    told: Sequence[tuple[str, int]]
    cured: bool = False


def each(slips: Mapping[str, Slip], only: Callable[[Slip], bool] = lambda slip: True) -> pytest.MarkDecorator:
    """The slips as a test's parameters, by their names."""
    chosen = {name: slip for name, slip in slips.items() if only(slip)}
    return pytest.mark.parametrize("slip", chosen.values(), ids=chosen)


def is_told_once_at_its_line(slip: Slip) -> None:
    reading = read_text(slip.text)
    found = [(problem.code, problem.span.line) for problem in reading.errors + reading.warnings]
    assert found == list(slip.told), str(reading)


def is_cured_for_good(slip: Slip) -> None:
    """No error is left, the file is read, and its comments are as they were."""
    before = read_text(slip.text)
    after = cured(before)
    assert not after.errors, str(after)
    assert after.pipelines is not None
    comments = [line.strip() for line in before.text.splitlines() if "#" in line]
    assert [line.strip() for line in after.text.splitlines() if "#" in line] == comments


def is_let_be(text: str) -> None:
    """No error, no warning, and a pipeline in it."""
    reading = read_text(text)
    assert not reading.errors + reading.warnings, str(reading)
    assert reading.pipelines is not None and reading.pipelines.pipelines
