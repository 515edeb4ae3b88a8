"""Numbers on the command line: finite, and within their range."""

from __future__ import annotations

import math
from typing import Any

import click


class Number(click.FloatRange):
    """A ``FloatRange`` that also refuses nan and infinity, which every comparison lets through."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is no finite number", param, ctx)
        return number
