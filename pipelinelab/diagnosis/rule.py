"""A diagnosis rule as a value. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from pipelinelab.diagnosis.literals import required
from pipelinelab.recording.log_text import to_ascii_quotes


@dataclass(frozen=True)
class Pattern:
    """A regular expression (the ``regex`` package's dialect, ``^`` and ``$`` at lines) and the plain strings of which
    every match holds one."""

    source: str
    words: tuple[bytes, ...]


def pattern(source: str, words: Mapping[str, Sequence[str]] = MappingProxyType({})) -> Pattern:
    """A pattern with its strings (looked up in ``words`` first); raises ``literals.NoLiteral`` where it asks for no
    plain text. Output is read with plain quotes in place of typographic ones, and so is the expression."""
    source = to_ascii_quotes(source.encode()).decode()
    return Pattern(source, tuple(word.encode() for word in words.get(source) or required(source)))


@dataclass(frozen=True)
class Required:
    """A pattern that must occur, and how often."""

    pattern: Pattern
    at_least: int = 1


@dataclass(frozen=True)
class AskedBy:
    """A question of a rule: arguments may name groups ("{port}"); conditions as ``questions.holds`` reads them."""

    ask: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    supports: Mapping[str, Any] = field(default_factory=dict)
    refutes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Otherwise:
    """What else it could be, and the answer that rules it out."""

    what: str
    ask: str = ""
    ruled_out_by: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Examples:
    """Logs that show the rule, look-alikes with the rule that should come first (None: no rule), green logs."""

    positive: tuple[str, ...] = ()
    confusable: tuple[tuple[str, str | None], ...] = ()
    green: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Rule:
    """One rule of the rulebook. ``places`` are where to look: command, step, service, platform, teardown, end (the last
    words of the failing command, where nothing else was found).

    ``priority`` 1 to 100: a cause ranks above what it brings about. ``explains`` names rules that are consequences.
    ``refusal``: these words are said of a red step alone, so a log that holds them is red. A rule equals itself alone,
    so that a rulebook is known again at once (``index``)."""

    id: str
    title: str
    category: str
    severity: str = "error"
    any: tuple[Pattern, ...] = ()
    requires: tuple[Required, ...] = ()
    excludes: tuple[Pattern, ...] = ()
    command: str = ""
    exit_codes: frozenset[int] = frozenset()
    results: frozenset[str] = frozenset()
    places: tuple[str, ...] = ("command", "step")
    priority: int = 50
    confidence: float = 0.9
    at_end: bool = False
    even_green: bool = False
    refusal: bool = False
    explains: tuple[str, ...] = ()
    cause: str = ""
    cure: str = ""
    cures: tuple[Mapping[str, str], ...] = ()
    questions: tuple[AskedBy, ...] = ()
    alternatives: tuple[Otherwise, ...] = ()
    references: tuple[str, ...] = ()
    examples: Examples = Examples()
    origin: str = "pipelinelab"

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """What it looks for, what must be there too, and what must not be."""
        return (*self.any, *(one.pattern for one in self.requires), *self.excludes)

    @cached_property
    def words(self) -> frozenset[bytes]:
        """All plain strings that its patterns look for."""
        return frozenset(word for one in self.patterns for word in one.words)
