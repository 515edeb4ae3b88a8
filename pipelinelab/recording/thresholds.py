"""How far a check may fail by what its command asks: pylint's least score, npm's level, yamllint's strictness;
and checks that print nothing but what is wrong. Pure."""

from __future__ import annotations

import re

_LEAST_SCORE = re.compile(r"\bpylint\b[^;&|]* --fail-under[= ](?P<least>\d+(?:\.\d+)?)")
_SCORE = re.compile(rb"^Your code has been rated at (?P<score>-?\d+(?:\.\d+)?)/10", re.MULTILINE)
_LEVELS = ("low", "moderate", "high", "critical")
_LEAST_LEVEL = re.compile(rf"\b(?:npm|pnpm) audit\b[^;&|]* --audit-level[= ](?P<level>{'|'.join(_LEVELS)})\b")
_VULNERABLE = re.compile(rb"^(?:\d+ vulnerabilities \(|\d+ \w+ severity vulnerabilit|Severity: )[^\n]*$", re.MULTILINE)
_AT_LEVEL = re.compile(rf"\b[1-9]\d* ({'|'.join(_LEVELS)})\b".encode())

_COMPARES = re.compile(r"(?:diff|cmp) (?!.*\|)[^;&]*$")
_PIP_CHECK = re.compile(r"(?:\S*python\S* -m )?pip3? check\b[^;&|]*$")
_STRICT = re.compile(r"\byamllint\b[^;&|]* (?:-s|--strict)\b")
_FAULT = re.compile(rb"^ +\d+:\d+ +(?:warning|error) ", re.MULTILINE)


def within_threshold(command: str, output: bytes) -> bool | None:
    """Whether what a check found is within what its command lets pass; None where either is not told."""
    asked, told = _LEAST_SCORE.search(command), _SCORE.search(output)
    if asked and told:
        return float(told["score"]) >= float(asked["least"])
    if _COMPARES.match(command) and output.strip():
        return False  # it prints what differs, and nothing else
    if _PIP_CHECK.match(command) and output.strip():
        return b"No broken requirements found" in output
    if _STRICT.search(command) and _FAULT.search(output):
        return False
    level, sums = _LEAST_LEVEL.search(command), _VULNERABLE.findall(output)
    if level and sums:
        found = {name.decode() for name in _AT_LEVEL.findall(sums[-1])}
        return found.isdisjoint(_LEVELS[_LEVELS.index(level["level"]) :])
    return None
