"""The XML of a JUnit report as columns of strings, one value a test case, and by index what is not plain about some.

Expat reads it, with a callback an element. Where thousands of cases are alike, ``<testcase>`` with the same attributes
and nothing inside, a regular expression takes their values, and expat reads the rest, with one empty element where a
row of them stood: what was well-formed stays so, and nothing else does. Where expat does not meet each of these
elements (they stood in a comment or in CDATA), or where anything else is unusual, it reads the whole file after all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, repeat
from xml.parsers import expat

from pipelinelab.reports.case import ReportRefused, brief

_RESULTS = {"failure": "failed", "error": "error", "skipped": "skipped"}
_ATTEMPTS = {"flakyFailure": "failed", "flakyError": "error", "rerunFailure": "failed", "rerunError": "error"}
_KEPT = ("classname", "name", "time", "status")

_ROW = "pipelinelab-row"
_BLANK = " \t\r\n"
_GAP = f"[{_BLANK}]"
_VALUE = r'[^"<&\x00-\x1f]*'
_FIRST = re.compile(rf'<testcase(?:{_GAP}+[A-Za-z_][A-Za-z0-9_.-]*="{_VALUE}")+{_GAP}*(?:/>|></testcase>)')
_NO_CHARACTERS = ("\ufffe", "\uffff")
_OTHER_CODEC = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*[\"'](?!utf-?8[\"'])", re.IGNORECASE)


@dataclass
class Document:
    """``columns`` are the values of each attribute, one a case. ``results`` and ``attempts`` are by the index of the
    case; ``suites`` are testsuites with the index of their first case. ``problem`` is what stopped the parser."""

    count: int
    columns: dict[str, list[str]]
    suites: list[tuple[int, dict[str, str]]]
    results: dict[int, tuple[str, str]]
    attempts: dict[int, list[tuple[str, str]]]
    problem: expat.ExpatError | None = None


class _Unusual(Exception):
    """What was taken by pattern stands where a case is not plain."""


def parse(name: str, data: bytes) -> Document:
    """The report in ``data``, as far as it is whole; ``name`` is for messages. Raises ReportRefused for XML that is no
    JUnit report or declares entities."""
    return by_rows(name, data) or by_elements(name, data)


def by_elements(name: str, data: bytes) -> Document:
    """As ``parse``, every element by expat."""
    return _Reading(name, _KEPT).read(data)


def by_rows(name: str, data: bytes) -> Document | None:
    """As ``parse``, plain cases by pattern; None where there are none, or where it would not be the same."""
    if _OTHER_CODEC.match(data):
        return None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    first = _FIRST.search(text)
    if first is None or "<!DOCTYPE" in text[: first.start()] or any(one in text for one in _NO_CHARACTERS):
        return None
    names, shape = _shape(first[0])
    kept = [one for one in names if one in _KEPT]
    if not kept or len(names) != len(set(names)):
        return None
    cells = re.split(shape, text)
    width = 1 + len(kept)
    between = cells[::width]
    marks = [at for at, one in enumerate(between) if one and one.strip(_BLANK)]
    rest = [between[at] for at in marks]
    if not marks or marks[0] != 0 or marks[-1] != len(between) - 1 or any(_ROW in one for one in rest):
        return None
    rows = (cells[width * begin : width * end] for begin, end in pairwise(marks))
    try:
        found = _Reading(name, kept, rows).read(f"<{_ROW}/>".join(rest))
    except _Unusual:
        return None
    return found if found.problem is None and next(rows, None) is None else None


def _shape(case: str) -> tuple[list[str], str]:
    """The names of a plain case's attributes, and a pattern for all cases that differ from it in their values alone."""
    *before, end = re.split(f'"{_VALUE}"', case)
    names = [one.split()[-1].removesuffix("=") for one in before]
    values = (f"({_VALUE})" if name in _KEPT else _VALUE for name in names)
    return names, "".join(f'{re.escape(one)}"{value}"' for one, value in zip(before, values, strict=True)) + re.escape(
        end
    )


@dataclass
class _Reading:
    """What the callbacks gather. A case is a cell that nobody looks at and one for each name in ``kept``: so a row of
    plain cases, as the pattern splits it, is already in place."""

    name: str
    kept: Sequence[str]
    rows: Iterator[list[str]] = field(default_factory=lambda: iter(()))
    cells: list[str] = field(default_factory=list)
    suites: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    results: dict[int, tuple[str, str]] = field(default_factory=dict)
    attempts: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    inside: tuple[str, dict[str, str], list[str]] | None = None
    root: str = ""

    def read(self, source: bytes | str) -> Document:
        """The document that expat finds in ``source``."""
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EntityDeclHandler = self.start, self.declared
        problem = None
        try:
            parser.Parse(source, True)
        except expat.ExpatError as found:
            problem = found
        finally:  # The callbacks hold on to all this: it would wait for the garbage collector.
            parser.StartElementHandler = parser.EntityDeclHandler = parser.EndElementHandler = None
            parser.CharacterDataHandler = None
            del self.parser
        width = 1 + len(self.kept)
        columns = {name: self.cells[at::width] for at, name in enumerate(self.kept, 1)}
        return Document(self.count, columns, self.suites, self.results, self.attempts, problem)

    @property
    def count(self) -> int:
        """How many cases there are so far."""
        return len(self.cells) // (1 + len(self.kept))

    def declared(self, *_: object) -> None:
        """An entity."""
        said = f"{self.name}: the report declares XML entities, and is refused"
        raise ReportRefused(said, "no test tool writes them")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Whatever starts."""
        if tag == "testcase":
            if self.kept is not _KEPT and any(one in attributes for one in _KEPT if one not in self.kept):
                raise _Unusual
            self.cells.append("")
            self.cells.extend(map(attributes.get, self.kept, repeat("")))
        elif tag == _ROW and self.kept is not _KEPT:
            if self.inside or not self.root:
                raise _Unusual
            self.cells.extend(next(self.rows))
        else:
            self.other(tag, attributes)

    def other(self, tag: str, attributes: dict[str, str]) -> None:
        """Whatever starts that is no testcase."""
        if not self.root:
            self.root = tag
            if tag not in ("testsuites", "testsuite"):
                raise ReportRefused(f"{self.name}: this is XML, but no JUnit report: its root is <{tag[:60]}>",
                                    "a JUnit report begins with <testsuites> or <testsuite>")  # fmt: skip
        if tag == "testsuite":
            self.suites.append((self.count, attributes))
        elif (tag in _RESULTS or tag in _ATTEMPTS) and self.cells and self.inside is None:
            if message := attributes.get("message"):
                self.told(tag, attributes, message)
                return
            self.inside = (tag, attributes, [])
            self.parser.CharacterDataHandler = self.inside[2].append
            self.parser.EndElementHandler = self.end

    def end(self, tag: str) -> None:
        """The end of a result; the callbacks that only a result needs are taken away again."""
        if self.inside is None or tag != self.inside[0]:
            return
        _, attributes, text = self.inside
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None
        self.inside = None
        self.told(tag, attributes, "".join(text).strip() or attributes.get("type", ""))

    def told(self, tag: str, attributes: dict[str, str], message: str) -> None:
        """A result of the newest case."""
        at = self.count - 1
        if tag in _ATTEMPTS:
            self.attempts.setdefault(at, []).append((_ATTEMPTS[tag], brief(message)))
            return
        outcome = "xfailed" if attributes.get("type") == "pytest.xfail" else _RESULTS[tag]
        if at not in self.results or self.results[at][0] not in ("failed", "error"):
            self.results[at] = (outcome, brief(message))
