"""Slips: pipelines files as people get them wrong, with what is told of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelinelab.reading.cured import cured
from pipelinelab.reading.read import read_text

FAMILIES = Path(__file__).parent / "reading" / "slips"
_HEAD = re.compile(r"^=== (?P<name>.+?) \| (?P<told>[A-Z0-9: ]+?)(?P<cured> \| cured)?\n", re.MULTILINE)


@dataclass(frozen=True)
class Slip:
    """``told`` are the (code, line) of its errors and warnings; ``cured`` that a safe cure makes a sound file of it."""

    text: str
    told: Sequence[tuple[str, int]]
    cured: bool = False


def each(only: Callable[[Slip], bool] = lambda slip: True) -> pytest.MarkDecorator:
    """The slips of all families as a test's parameters, by family and name."""
    chosen = {name: slip for file in sorted(FAMILIES.iterdir()) for name, slip in slips_in(file).items() if only(slip)}
    return pytest.mark.parametrize("slip", chosen.values(), ids=chosen)


def slips_in(family: Path) -> dict[str, Slip]:
    """A family's slips: each is a head ``=== name | CODE:LINE … | cured`` and the file's text below it."""
    heads = [*_HEAD.finditer(text := family.read_bytes().decode())]
    ends = [head.start() for head in heads[1:]] + [len(text)]
    return {
        f"{family.stem}: {head['name']}": Slip(
            text[head.end() : end],
            [(code, int(line)) for code, _, line in (one.partition(":") for one in head["told"].split())],
            bool(head["cured"]),
        )
        for head, end in zip(heads, ends, strict=True)
    }


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
