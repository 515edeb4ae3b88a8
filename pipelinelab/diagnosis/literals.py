"""The plain text that a match of a regular expression must contain, so that most rules need no search at all. Pure."""

from __future__ import annotations

import re

MINIMUM = 4
_PLAIN = re.compile(r"[^\\\[\](){}.*+?^$|]+(?![*+?{])")
_CLASSES = set("dDwWsSbBAZhXRN")
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class NoLiteral(ValueError):
    """The expression asks for no stretch of at least four plain characters that every match would hold."""


def required(pattern: str) -> tuple[str, ...]:
    """Strings of which every match holds at least one, each of four characters or more; raises NoLiteral.

    Conservative: what it does not understand (classes, look-arounds, back-references) it takes for a gap."""
    best, end = _alternatives(pattern, 0)
    if end != len(pattern):
        raise NoLiteral(f"unbalanced parenthesis at {end} in {pattern!r}")
    if best is None or min(map(len, best)) < MINIMUM:
        raise NoLiteral(f"no four plain characters in a row that every match of {_poorest(pattern)!r} holds")
    return tuple(dict.fromkeys(best))


def _poorest(pattern: str) -> str:
    """The first of its alternatives that asks for too little plain text."""
    begin = 0
    while begin < len(pattern):
        best, end = _sequence(pattern, begin)
        if best is None or min(map(len, best)) < MINIMUM:
            return pattern[begin:end]
        begin = end + 1
    return pattern


_Set = tuple[str, ...] | None


def _alternatives(pattern: str, at: int) -> tuple[_Set, int]:
    """The best required set of ``a|b|c`` from ``at`` to the closing parenthesis or the end, and where it stopped."""
    branches: list[_Set] = []
    while True:
        best, at = _sequence(pattern, at)
        branches.append(best)
        if at < len(pattern) and pattern[at] == "|":
            at += 1
            continue
        break
    if any(branch is None for branch in branches):
        return None, at
    return tuple(word for branch in branches for word in branch or ()), at


def _sequence(pattern: str, at: int) -> tuple[_Set, int]:
    sets: list[tuple[str, ...]] = []
    run = ""
    while at < len(pattern) and pattern[at] not in "|)":
        if plain := _PLAIN.match(pattern, at):  # many at once: the rulebook has a hundred thousand such characters
            run, at = run + plain[0], plain.end()
            continue
        item, inner, at = _item(pattern, at)
        optional, repeated, at = _quantifier(pattern, at)
        if item and not optional:
            run += item
            if repeated:
                sets.append((run,))
                run = item
            continue
        if run:
            sets.append((run,))
            run = ""
        if inner is not None and not optional:
            sets.append(inner)
    if run:
        sets.append((run,))
    return max(sets, key=lambda words: min(map(len, words)), default=None), at


def _item(pattern: str, at: int) -> tuple[str, _Set, int]:
    """One item: its plain character ("" for a gap), the required set inside it, and where the next begins."""
    char = pattern[at]
    if char == "\\":
        follow = pattern[at + 1 : at + 2]
        if follow in _PLAIN_ESCAPES:
            return _PLAIN_ESCAPES[follow], None, at + 2
        if follow.isdigit() or follow in _CLASSES or follow in "xuUpPkKgGmM":
            skip = {"x": 4, "u": 6}.get(follow, 2)
            return "", None, at + skip
        return follow, None, at + 2
    if char == "[":
        return "", None, _class_end(pattern, at)
    if char == "(":
        return _group(pattern, at)
    if char in ".^$":
        return "", None, at + 1
    return char, None, at + 1


def _group(pattern: str, at: int) -> tuple[str, _Set, int]:
    begin, counts = at + 1, True
    if pattern.startswith("?", begin):
        if pattern.startswith("?P<", begin) or (pattern.startswith("?<", begin) and pattern[begin + 2] not in "=!"):
            begin = pattern.index(">", begin) + 1
        elif pattern.startswith("?:", begin) or pattern.startswith("?>", begin):
            begin += 2
        else:
            counts = False  # a look-around, a flag or a back-reference
            begin = begin + (3 if pattern[begin + 1] == "<" else 2)
    best, end = _alternatives(pattern, begin)
    return "", best if counts else None, end + 1


def _class_end(pattern: str, at: int) -> int:
    end = at + 1
    if pattern[end : end + 1] == "^":
        end += 1
    if pattern[end : end + 1] == "]":
        end += 1
    while end < len(pattern) and pattern[end] != "]":
        end += 2 if pattern[end] == "\\" else 1
    return end + 1


def _quantifier(pattern: str, at: int) -> tuple[bool, bool, int]:
    """Whether the item before may be missing, whether it may repeat, and where the next item begins."""
    char = pattern[at : at + 1]
    optional = repeated = False
    if char and char in "?*+":
        optional, repeated = char in "?*", char in "*+"
        at += 1
    elif char == "{" and (close := pattern.find("}", at)) > 0 and pattern[at + 1 : close].replace(",", "").isdigit():
        optional, repeated = pattern[at + 1 : close].split(",")[0] in ("0", ""), True
        at = close + 1
    else:
        return False, False, at
    return optional, repeated, at + (1 if pattern[at : at + 1] in ("?", "+") and pattern[at : at + 1] else 0)
