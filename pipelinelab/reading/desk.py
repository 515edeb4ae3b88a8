"""Where a reading collects its problems. It knows the text, the way to the value in hand, and the format's table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pipelinelab.model.source import Span
from pipelinelab.reading.codes import CODES
from pipelinelab.reading.problems import Edit, Fix, Problem
from pipelinelab.reading.yaml_tree import Lines, Scalar, Sequence, YamlNode

if TYPE_CHECKING:
    from pipelinelab.reading.sections import Section

Path = tuple[str | int, ...]
MOST_PROBLEMS = 1000
"""Nobody reads more; a file that has them was written by a machine."""


class Desk:
    """One reading's desk: ``problems`` grows; ``explained`` holds places whose trouble has been told already, so that
    one slip gives one problem; ``names`` the keyword that each collection stands under."""

    def __init__(self, lines: Lines, sections: Mapping[str, Section]) -> None:
        self.lines = lines
        self.sections = sections
        self.problems: list[Problem] = []
        self.explained: set[Span] = set()
        self.told: set[tuple[str, Span, str]] = set()
        self.trail: list[Span] = []
        self.names: dict[Span, Span] = {}

    def report(self, code: str, at: YamlNode | Span, message: str, path: Path = (), **more: Any) -> None:
        """Add a problem, each once however many aliases lead to it, and at most ``MOST_PROBLEMS`` of them."""
        span = at if isinstance(at, Span) else at.span
        if (code, span, message) in self.told or len(self.problems) >= MOST_PROBLEMS:
            return
        self.told.add((code, span, message))
        own = () if isinstance(at, Span) else at.via
        severity = more.pop("severity", CODES[code].severity)
        says = more.pop("bitbucket_says", "")
        reason = more.pop("reason", "")
        message, says = cut(message), cut(says)
        more |= {name: cut(more[name]) for name in ("expected", "found", "suggestion") if name in more}
        if reason and not says:
            place = " > ".join(str(part) for part in path)
            says = f"There is an error in your bitbucket-pipelines.yml at [{place}]. {reason}"
        trail = (*self.trail, *own, *more.pop("via", ()))
        via = tuple(dict.fromkeys(trail))
        self.problems.append(
            Problem(
                code=code,
                severity=severity,
                span=span,
                message=message,
                path=path,
                via=via,
                bitbucket_says=says,
                **more,
            )
        )

    def problems_at(self, keyword: str) -> bool:
        """Whether a problem that was reported already says to write this keyword."""
        return any(one.expected == f"`{keyword}:`" for one in self.problems)

    @contextmanager
    def through(self, node: YamlNode) -> Iterator[None]:
        """While a node that came through aliases is read, every problem in it says so."""
        self.trail.extend(node.via)
        try:
            yield
        finally:
            if node.via:
                del self.trail[-len(node.via) :]

    def source(self, node: YamlNode) -> str:
        """A node as it is written."""
        return self.lines.slice(node.span)

    def replace(self, node: YamlNode, text: str, title: str, safe: bool = True) -> Fix:
        """The cure that writes ``text`` where the node stands."""
        return Fix(title=title, edits=(Edit(node.span, text),), safe=safe)


def cut(text: str, most: int = 300) -> str:
    """A text that fits into a report."""
    return text if len(text) <= most else text[: most - 1] + "…"


def kind_word(node: YamlNode) -> str:
    """What a node is, in a reader's words: ``a list``, ``a map``, ``text``, ``nothing``, ``the number 3`` …"""
    if isinstance(node, Scalar):
        words = {"str": "text", "null": "nothing", "bool": f"{node.value} (true or false)", "timestamp": "a date"}
        return words.get(node.kind, f"the number {node.value}" if node.kind in ("int", "float") else f"!!{node.kind}")
    return "a list" if isinstance(node, Sequence) else "a map"


def quoted(text: str) -> str:
    """A text as YAML in quotes that keep it as it is."""
    if "\n" in text or ("\\" in text and "'" in text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return "'" + text.replace("'", "''") + "'"
