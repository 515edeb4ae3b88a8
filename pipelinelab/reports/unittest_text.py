"""What unittest -v and Django's ``test -v 2`` print (Python 2.7 to 3.14, Django 1.8 to 5.2).

A test's line is ``name (place) ... status``, but a docstring moves the status to the next line, prints land between
the dots and the status, a failed subTest leaves no status at all (before Python 3.11) or lines of its own (since), and
setUpClass fails under a name that is no test. The blocks at the end, ``FAIL: name (place)``, have the last word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import zip_longest

from pipelinelab.reports.case import FAILING, TestCase, brief, numbered

_STATUS = r"ok|FAIL|ERROR|skipped (?P<quote>u?['\"]).*(?:['\"])|expected failure|unexpected success"
_WORDS = {"ok": "passed", "FAIL": "failed", "ERROR": "error", "expected failure": "xfailed",
          "unexpected success": "xpassed"}  # fmt: skip
_PLACE = r"(?P<name>[\w.<>]+) \((?P<place>[\w.<>]+)\)"
_START = re.compile(rf"(?:^|(?<= \.\.\. )|(?<=^  )){_PLACE}(?P<sub> \[.*\]| \(.*?\))?"
                    r"(?P<dots>(?:\n[^\n]*?)?? \.\.\. |$)", re.MULTILINE)  # fmt: skip
_EXACT = re.compile(rf"^(?:{_STATUS})$", re.MULTILINE)
_LAST = re.compile(rf"(?:{_STATUS})$", re.MULTILINE)
_BLOCK = re.compile(rf"^={{70}}\n(?P<word>FAIL|ERROR|UNEXPECTED SUCCESS): {_PLACE}(?P<sub>.*)\n", re.MULTILINE)
_RULE = re.compile(r"^-{70}$", re.MULTILINE)
_RAN = re.compile(r"^Ran (\d+) tests? in ([\d.]+)s", re.MULTILINE)
_DOCTEST = re.compile(r"^Doctest: \S+ \.\.\. ", re.MULTILINE)
_FIXTURES = frozenset({"setUpClass", "tearDownClass", "setUpModule", "tearDownModule"})
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass
class _Open:
    suite: str
    test: str
    outcome: str = ""
    message: str = ""
    blocks: list[str] = field(default_factory=list)


def looks_like_unittest(text: str) -> bool:
    """Whether this is what unittest or Django's runner prints with -v."""
    return bool(_RAN.search(text) or re.search(rf"^{_PLACE}.* \.\.\. ", text, re.MULTILINE))


def count_named(text: str) -> list[tuple[int, int]]:
    """Of each run in the text without -v, how many tests ran and how many of them it names: those that failed.

    Runs that name all they ran are left out. ``text`` has no colours and no carriage returns."""
    found = []
    begin = 0
    for ran in _RAN.finditer(text):
        part = text[begin : ran.start()]
        begin = ran.end()
        if _DOCTEST.search(part) or any(start["dots"] for start in _START.finditer(part)):
            continue
        named = {(one["name"], one["place"]) for one in _BLOCK.finditer(part) if one["name"] not in _FIXTURES}
        if len(named) < int(ran[1]):
            found.append((int(ran[1]), len(named)))
    return found


def read_unittest_text(text: str) -> tuple[TestCase, ...]:
    """The cases that the output names, in the order they ran; suite is the dotted class, test the method.

    A test with failed subTests is one failed case. Without -v only the failures are known. A test that began and has
    no status, in an output without its end, is an error: the process ended there."""
    text = _COLOUR.sub("", text).replace("\r", "")
    blocks = list(_BLOCK.finditer(text))
    ran = _RAN.search(text)
    end = blocks[0].start() if blocks else ran.start() if ran else len(text)
    found: dict[tuple[str, str], _Open] = {}
    starts = [s for s in _START.finditer(text, 0, end) if s["dots"] or s["sub"] is None]
    for start, following in zip_longest(starts, starts[1:]):
        case = _named(found, start)
        body = text[start.end() : following.start() if following else end]
        if start["dots"]:
            _settle(case, body, bool(start["sub"]))
    for block, following in zip_longest(blocks, blocks[1:]):
        body = text[block.end() : following.start() if following else (ran.start() if ran else len(text))]
        _block(_named(found, block), block, body)
    cases = []
    for case in found.values():
        if not case.outcome and ran is None:
            case.outcome, case.message = "error", "the process ended while this test ran"
        if case.outcome:
            cases.append(TestCase(case.suite, case.test, case.outcome, None, None, brief(case.message)))
    return numbered(cases)


def _named(found: dict[tuple[str, str], _Open], match: re.Match[str]) -> _Open:
    name, place = match["name"], match["place"]
    suite = place.removesuffix("." + name) if place != name else place
    return found.setdefault((suite, name), _Open(suite, name))


def _settle(case: _Open, body: str, sub: bool) -> None:
    first = body.split("\n", 1)[0]
    status = re.fullmatch(_STATUS, first) or _EXACT.search(body)
    if status is None:
        status = next(reversed(list(_LAST.finditer(body))), None)
    if status is None:
        return
    word = status[0]
    outcome = _WORDS.get(word, "skipped")
    if sub and case.outcome in FAILING:
        return
    if sub and outcome == "skipped" and case.outcome:
        return
    case.outcome = outcome
    if outcome == "skipped":
        case.message = word.removeprefix("skipped ").lstrip("u")[1:-1]


def _block(case: _Open, block: re.Match[str], body: str) -> None:
    outcome = {"FAIL": "failed", "ERROR": "error"}.get(block["word"], "xpassed")
    if case.outcome not in FAILING:
        case.outcome = outcome
    rule = _RULE.search(body)
    trace = body[rule.end() :] if rule else body
    trace = _RULE.split(trace)[0]
    lines = [line for line in trace.strip().split("\n") if line]
    top = next((at for at in range(len(lines) - 1, -1, -1) if re.match(r"[\w.]+(?:: |$)", lines[at])), len(lines) - 1)
    if lines and not case.message:
        case.message = "\n".join(lines[top:])
