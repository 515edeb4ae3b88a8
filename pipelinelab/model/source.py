"""Where a value was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a file. Lines and columns count from 1; the end is exclusive."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


NOWHERE = Span("", 0, 0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class Node:
    """What every part of the model has: its own span, and the spans of its keywords' values by keyword.

    ``span`` is where it is written: for what came through an alias, the place of the anchor; ``via`` then holds the
    aliases that led there, the outermost first.

    Spans never take part in comparison, so two files that say the same compare equal.
    """

    span: Span = field(default=NOWHERE, compare=False, repr=False)
    places: Mapping[str, Span] = field(default_factory=dict, compare=False, repr=False)
    via: tuple[Span, ...] = field(default=(), compare=False, repr=False)

    def place(self, keyword: str) -> Span:
        """The span of the value of ``keyword``, or of the whole node where it is not written."""
        return self.places.get(keyword, self.span)
