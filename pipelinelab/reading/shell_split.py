"""Enough of the shell's grammar to see lists and pipes: commands and the operators between them.

Not a shell parser: what it is not sure of (here-documents, functions, control structures) it leaves alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_LINE = 5000
_CONTROL = re.compile(
    r"\s*(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|function|select|\{|\}|!|[\w-]+\s*\(\))(?:\s|;|$)"
)
_OPENS = re.compile(r"\b(?:if|for|while|until|case|select)\b")
_CLOSES = re.compile(r"\b(?:fi|done|esac)\b")


@dataclass(frozen=True, slots=True)
class Part:
    """A command between two operators. ``after`` is the operator that follows it ("" at the end); ``line`` counts from
    1 and ``column`` from 1, both in the item's text."""

    text: str
    after: str
    line: int
    column: int


def lists(text: str) -> list[tuple[Part, ...]]:
    """The command lists of an item, one for each line outside of control structures and here-documents."""
    found: list[tuple[Part, ...]] = []
    depth = 0
    number = 0
    rows = text.split("\n")
    while number < len(rows):
        first, row = number, rows[number]
        while row.rstrip().endswith("\\") and number + 1 < len(rows):
            number += 1
            row = row.rstrip()[:-1] + " " + rows[number]
        number += 1
        if len(row) > LONGEST_LINE:
            continue
        if "<<" in row and re.search(r"<<-?\s*[\"'\\]?\w", row):
            return found
        plain = re.sub(r"'[^']*'|\"(?:\\.|[^\"\\])*\"|#.*", "", row)
        opens, closes = len(_OPENS.findall(plain)), len(_CLOSES.findall(plain))
        inside = depth > 0
        depth = max(0, depth + opens - closes)
        if inside or opens or closes or _CONTROL.match(row) or "{" in plain.split():
            if re.search(r"\{\s*$", plain):
                return found
            continue
        parts = split(row)
        if parts is None:
            return found
        if any(part.text.strip() for part in parts):
            found.append(tuple(Part(p.text, p.after, first + 1, p.column) for p in parts))
    return found


def split(row: str) -> list[Part] | None:
    """A line as its commands; None where a quote or a bracket stays open."""
    parts: list[Part] = []
    begin = at = depth = 0
    quote = ""
    while at < len(row):
        sign = row[at]
        if quote:
            if sign == "\\" and quote == '"':
                at += 1
            elif sign == quote:
                quote = ""
        elif sign == "\\":
            at += 1
        elif sign in "'\"`":
            quote = sign
        elif row.startswith("[[", at):
            depth += 1
            at += 1
        elif row.startswith("]]", at):
            depth = max(0, depth - 1)
            at += 1
        elif sign in "({":
            depth += 1
        elif sign in ")}":
            depth = max(0, depth - 1)
        elif sign == "#" and (at == 0 or row[at - 1].isspace()):
            break
        elif not depth:
            operator = next((one for one in ("&&", "||", "|&", "|", ";") if row.startswith(one, at)), "")
            if sign == "&" and not operator and row[at - 1 : at] not in (">", "<") and row[at + 1 : at + 2] != ">":
                operator = "&"
            if operator == "|" and row[at - 1 : at] == ">":
                operator = ""
            if operator:
                parts.append(Part(row[begin:at], operator, 1, begin + 1))
                at += len(operator)
                begin = at
                continue
        at += 1
    if quote or depth:
        return None
    parts.append(Part(row[begin:at], "", 1, begin + 1))
    return parts


def words(text: str) -> list[str]:
    """A command's words without its leading assignments, redirections left in."""
    found = text.split()
    while found and re.match(r"\w+=", found[0]):
        found.pop(0)
    return found
