# ruff: noqa: E501 - the tables of expressions read best one a line
"""The last line of an output that says that all is well, whatever program said it. Pure.

The summaries of known tools are in ``success_words``. Of any other program the sense of its last line is still told: "no
issues found", "already up to date", "deployed to staging". What failed does not end so, but for a few that speak as
well of what they did about the failure ("rolled back successfully"), or of what they wait for.
"""

from __future__ import annotations

import re

_TROUBLES = (
    r"(?:issues|errors|problems|vulnerabilities|violations|warnings|offen[cs]es|leaks|differences|conflicts|failures"
    r"|advisories|discrepancies)"
)
_WELL = (
    rf"(?<!identified )\bno (?:[\w-]+ ){{0,3}}{_TROUBLES}\b",  # Django says "identified no issues" before its tests
    r"\bno (?:vulnerable|circular|unused|outdated|broken) \w+|\bno results with a severity of 'error'|\bno depcheck issue",
    rf"(?<![\w.,/-])0 (?:failed|broken|{_TROUBLES})\b|\b(?:failed|failures|errors)[:=] *0\b",
    r"\balready (?:up[ -]to[ -]date|at the latest|formatted)\b|\bis up[ -]to[ -]date\b|\bno work to do\b",
    r"\bnothing to (?:be done|do|migrate|install|update)\b|\bno (?:schema |local )?changes (?:detected|to (?:deploy|apply|save))\b",
    r"\bno (?:new |pending )?(?:migrations?|upgrade operations)(?: files)? (?:\w+ )?"
    r"(?:pending|to apply|to run|to execute|executed|applied|detected|necessary|needed)\b",
    r"\bsuccess(?:ful|fully)?\b(?! rate|\W{1,3}(?:false|no|0)\b)|: migrated \([\d.]+ ?m?s\)",
    r"(?:^|[^\w-])(?:ok|passed|valid|healthy|active|ready)[.!]*(?: in [\d.]+ ?m?s)?[ \t]*$",
    r"\bdeployed[.!]*[ \t]*$|^\W*(?:done[.!]*[ \t]*$|all (?:set|good|matched files|modules verified)\b|(?:deployed|published|released|migrated) )",
)
_BUT = (
    r"\b(?:not|never|\w+n't|cannot|without|unless|until|un\w*success\w*|invalid|inactive|unhealthy|fail(?:ed)? to|false)\b",
    r"\b(?:but|except|only|if|should|expected|unexpected|unknown|make sure|branch|nothing (?:to commit|added))\b",
    r"\b(?:roll(?:ed|ing)?[ -]?back|revert(?:ed|ing)?|clean(?:ed|ing)?[ -]?up|stopp(?:ed|ing)|remov(?:ed|ing)|shut(?:ting)? ?down)\b",
    r"\b(?:terminat\w+|abort\w*|waiting)\b|\?[ \t]*$",
    r"\b[1-9]\d* (?:of|out of|from|/) ?\d+ (?:ok|passed)\b|\b0 (?:of \d+ )?(?:passed|successful|ok)\b",
    rf"\b[1-9]\d* (?:failed|broken|error|failure|problem|violation|{_TROUBLES})\b",
)


def _any_of(expressions: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile("|".join(expressions).encode(), re.IGNORECASE)


_SAYS_WELL, _SAYS_ELSE = _any_of(_WELL), _any_of(_BUT)


def closes_well(line: bytes) -> bool:
    """Whether ``line``, the last of an output, colours already taken off, says that all is well."""
    return _SAYS_WELL.search(line) is not None and _SAYS_ELSE.search(line) is None
