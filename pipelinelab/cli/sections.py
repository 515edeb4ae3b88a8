"""A command whose options stand in sections, so that its help can be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click


class Sectioned(click.Command):
    """``sections`` are the options' parameter names by title, in the order of the help; what is in none comes last."""

    def __init__(self, *args: Any, sections: Mapping[str, Sequence[str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self._sections = sections

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        left = {one.name or "": told for one in self.get_params(ctx) if (told := one.get_help_record(ctx)) is not None}
        for title, names in self._sections.items():
            with formatter.section(title):
                formatter.write_dl([left.pop(name) for name in names])
        if left:
            with formatter.section("Other"):
                formatter.write_dl(list(left.values()))
