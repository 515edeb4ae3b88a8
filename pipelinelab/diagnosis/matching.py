"""Where rules match a stretch of output. Pure, and bounded: plain strings first, then expressions near their hits.

Every expression runs on a few lines around a hit of its own plain text, and under a time budget, so that neither a log
of 50 MB nor an expression that backtracks without end can stop a diagnosis.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import Any

from pipelinelab.diagnosis.rule import Pattern, Required, Rule
from pipelinelab.diagnosis.scan import Words, hits
from pipelinelab.recording.alarm_words import WARNING

REACH = 1500  # characters looked at on either side of a hit
_LINES_BEFORE, _LINES_AFTER = 4, 12
_INSTEAD = re.compile(
    r"\busing (?!password)[\w@./-]+(?: instead\b|[:.,]|$)|\b(?:falling|fell) back\b|\b(?:skipp|ignor)(?:ing|ed)\b"
)
_FIRST = 4  # places where a pattern fits that are looked at one by one
BUDGET_S = 0.25  # for one rule on one text


@dataclass(frozen=True)
class Match:
    """A rule's match. ``at`` is the byte offset in the text, ``line_text`` the matched lines, ``place`` as in Rule."""

    rule: Rule
    place: str
    at: int
    line_text: str
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Text:
    """A stretch of cleaned output (UTF-8, no colours) and where the asked-for strings are in it."""

    data: bytes
    found: dict[bytes, list[int]] = field(default_factory=dict)
    ran_out: set[str] = field(default_factory=set)

    @classmethod
    def scanned(cls, data: bytes, words: Words) -> Text:
        """The text with all hits of ``words``."""
        return cls(data, hits(data, words))


@lru_cache(maxsize=4096)
def _compiled(source: str) -> Any:
    import regex  # type: ignore[import-untyped]

    return regex.compile(source, regex.MULTILINE | regex.VERSION0)


def match_rule(
    rule: Rule, text: Text, place: str, command: str, *, after: int = -1, context: Callable[[], Text] | None = None
) -> Iterator[Match]:
    """The rule's matches in the text, the best pattern's first, and of each pattern the first few and the last.

    ``after``: matches that begin before this byte do not count (a later sign of success survived them). What a rule
    requires may also stand elsewhere in the step: in the command, or in ``context``."""
    if not any(word in text.found for one in rule.any for word in one.words):
        return
    try:
        if not fits_command(rule, command):
            return
        if any(_count(one, text, "", 1) for one in rule.excludes):
            return
        matches = (match for one in rule.any for match in _search(one, text, rule, place, after))
        best = next(matches, None)
        if best is None or not all(_required(one, text, command, context) for one in rule.requires):
            return
        yield best
        yield from matches
    except TimeoutError:
        text.ran_out.add(rule.id)


def fits_command(rule: Rule, command: str) -> bool:
    """Whether the rule is one for this command; raises TimeoutError."""
    return not rule.command or _compiled(rule.command).search(command[:4096], timeout=BUDGET_S) is not None


def warns(match: Match) -> bool:
    """Whether the line in which it begins calls itself a warning, or says what is done instead."""
    line = match.line_text.partition("\n")[0]
    return WARNING.search(line.encode("utf-8", "replace")) is not None or _INSTEAD.search(line) is not None


def _required(one: Required, text: Text, command: str, context: Callable[[], Text] | None) -> bool:
    if _count(one.pattern, text, command, one.at_least) >= one.at_least:
        return True
    return context is not None and _count(one.pattern, context(), command, one.at_least) >= one.at_least


def _count(one: Pattern, text: Text, command: str, enough: int) -> int:
    raw = command[:4096].encode("utf-8", "replace")
    found = 0
    if any(word in raw for word in one.words):
        found = len(_compiled(one.source).findall(command[:4096], timeout=BUDGET_S))
    seen: set[int] = set()
    for begin, window, _ in _windows(one, text):
        for match in _compiled(one.source).finditer(window, timeout=BUDGET_S):
            seen.add(begin + len(window[: match.start()].encode("utf-8", "surrogateescape")))
        if found + len(seen) >= enough:
            break
    return found + len(seen)


def _search(one: Pattern, text: Text, rule: Rule, place: str, after: int) -> Iterator[Match]:
    """Where a pattern fits, rising: the first places and the last one; of a rule of the end, the end alone."""
    found = _fits(one, text, after)
    if rule.at_end:
        last = [fit for fit in found if fit.end == len(text.data) and not _speaks(fit.window[fit.found.end() :])][-1:]
        yield from (fit.match(rule, place) for fit in last)
        return
    at = -1
    for fit in islice(found, _FIRST):
        at = fit.at
        yield fit.match(rule, place)
    if next(found, None) is not None:
        yield from (fit.match(rule, place) for fit in _fits(one, text, at + 1, last=True))


@dataclass(frozen=True)
class _Fit:
    """An expression's match in a window of the text: ``at`` is its byte in the text, ``end`` the window's last one."""

    at: int
    window: str
    end: int
    found: Any

    def match(self, rule: Rule, place: str) -> Match:
        begin = self.window.rfind("\n", 0, self.found.start()) + 1
        end = self.window.find("\n", max(self.found.end() - 1, self.found.start()))
        shown = self.window[begin : end if end >= 0 else len(self.window)]
        groups = {
            name: _bare(_sound(value.strip())) for name, value in self.found.groupdict().items() if value is not None
        }
        return Match(rule, place, self.at, _shortened(shown, self.found.start() - begin), groups)


def _fits(one: Pattern, text: Text, after: int, last: bool = False) -> Iterator[_Fit]:
    expression = _compiled(one.source)
    reached = after - 1
    for begin, window, end in _windows(one, text, last):
        for found in expression.finditer(window, timeout=BUDGET_S):
            at = begin + len(window[: found.start()].encode("utf-8", "surrogateescape"))
            if at > reached:
                reached = at
                yield _Fit(at, window, end, found)


def _speaks(rest: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith("#") for line in rest.split("\n"))


def _shortened(shown: str, at: int) -> str:
    shown = _sound(shown).replace("\r", "␍").strip()
    if len(shown) <= 600:
        return shown
    begin = max(0, min(at, len(shown)) - 200)
    return ("…" if begin else "") + shown[begin : begin + 600] + "…"


def _sound(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _bare(text: str) -> str:
    """An identifier without MySQL's quotes: `shop`.`item` is shop.item."""
    return text.replace("`.`", ".").strip("`")


def _windows(one: Pattern, text: Text, last: bool = False) -> Iterator[tuple[int, str, int]]:
    """(byte offset, text, byte end) of stretches around hits, rising; overlapping hits share one. ``last``: of the last
    hit alone."""
    places = sorted({at for word in one.words for at in text.found.get(word, ())})
    places = places[-1:] if last else places
    reached = -1
    data = text.data
    for at in places:
        if at < reached:
            continue
        begin, end = _back(data, at), _forth(data, at)
        reached = max(at + 1, end - REACH // 2)
        chunk = data[begin:end]
        while chunk and chunk[0] & 0xC0 == 0x80:  # a cut character
            begin, chunk = begin + 1, chunk[1:]
        yield begin, chunk.decode("utf-8", "surrogateescape").replace("\r\n", " \n"), end


def _back(data: bytes, at: int) -> int:
    limit, begin = max(0, at - REACH), at
    for _ in range(_LINES_BEFORE + 1):
        newline = data.rfind(b"\n", limit, begin)
        if newline < 0:
            return limit
        begin = newline
    return begin + 1


def _forth(data: bytes, at: int) -> int:
    limit, end = min(len(data), at + REACH), at
    for _ in range(_LINES_AFTER + 1):
        newline = data.find(b"\n", end, limit)
        if newline < 0:
            return limit
        end = newline + 1
    return end
