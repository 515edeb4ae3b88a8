"""What pytest printed with -v, and its short test summary."""

from __future__ import annotations

import re

from pipelinelab.reports.case import RERUN, TestCase, brief, numbered, python_names

_WORDS = {
    "PASSED": "passed", "FAILED": "failed", "ERROR": "error", "SKIPPED": "skipped", "XFAIL": "xfailed",
    "XPASS": "xpassed", "RERUN": "failed",
}  # fmt: skip
_WORD = "|".join(_WORDS)
_BEGUN = re.compile(r"^(?P<id>[^\s:]+\.py::\S.*?) (?P<rest>.*)$")
_VERBOSE = re.compile(rf"^(?P<id>\S+?::.+?) (?P<word>{_WORD})(?: \((?P<why>.*)\))?\s*(?:\[ *\d+%\])?$")
_XDIST = re.compile(rf"^\[gw\d+\] \[ *\d+%\] (?P<word>{_WORD}) (?P<id>\S+?::.+?)\s*$")
_SUMMARY = re.compile(rf"^(?P<word>{_WORD}) (?P<id>\S+?(?:::.+?)?)(?: - (?P<why>.*))?$")
_BARE = re.compile(rf"(?P<word>{_WORD})(?: \((?P<why>.*)\))?\s*(?:\[ *\d+%\])?$")
_DURATION = re.compile(r"^(?P<seconds>\d+\.\d+)s (?P<when>setup|call|teardown) +(?P<id>\S+?::.+?)\s*$")
# The last line of a run, with or without its rule: "=== 1 failed, 3 passed in 0.12s ===".
TOTAL = re.compile(
    r"^(?:=+ )?(?:\d+ [a-z]+(?: [a-z]+)?, )*\d+ (?:passed|failed|errors?|skipped|xfailed|xpassed|warnings?|deselected)"
    r"(?:, \d+ [a-z]+(?: [a-z]+)?)* in \d[\d.]*(?:s| seconds)\b.*$",
    re.MULTILINE,
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def looks_like_pytest(text: str) -> bool:
    """Whether this is what pytest prints."""
    if "test session starts" in text or "short test summary info" in text:
        return True
    return bool(_any_verbose(text) or TOTAL.search(_COLOUR.sub("", text)))


def _any_verbose(text: str) -> re.Match[str] | None:
    return re.search(rf"^\S+\.py::.+ (?:{_WORD})\b", text, re.MULTILINE)


def read_pytest_text(text: str) -> tuple[TestCase, ...]:
    """The cases that pytest's output names, in the order they ran where -v shows it, else in the summary's.

    Seconds are there where ``--durations`` printed them, the sum of setup, call and teardown. Without -v only what
    the summary lists is known: the tests that passed are not.
    """
    cases: list[TestCase] = []
    messages: dict[tuple[str, str], str] = {}
    extra: list[TestCase] = []
    seconds: dict[tuple[str, str], float] = {}
    open_id, summary = "", False
    for line in _COLOUR.sub("", text).replace("\r", "").split("\n"):
        if line.startswith("=") and "short test summary info" in line:
            summary = True
        elif summary and (found := _SUMMARY.match(line)):
            names = python_names(found["id"])
            messages[names] = brief(found["why"] or "")
            extra.append(TestCase(*names, _WORDS[found["word"]], None, None, brief(found["why"] or "")))
        elif took := _DURATION.match(line):
            names = python_names(took["id"])
            seconds[names] = seconds.get(names, 0.0) + float(took["seconds"])
        elif not summary and (found := _VERBOSE.match(line) or _XDIST.match(line)):
            why = found.groupdict().get("why") or (RERUN if found["word"] == "RERUN" else "")
            cases.append(TestCase(*python_names(found["id"]), _WORDS[found["word"]], None, None, why))
            open_id = ""
        elif open_id and not line.startswith("=") and (found := _BARE.search(line)):
            cases.append(TestCase(*python_names(open_id), _WORDS[found["word"]], None, None, found["why"] or ""))
            open_id = ""
        elif not summary and (begun := _BEGUN.match(line)):
            open_id = begun["id"]
    known = {case[:2] for case in cases}
    torn = {(case[:2], case.outcome) for case in cases}
    cases += [
        c for c in extra if c.test and (c[:2] not in known or (c.outcome == "error" and (c[:2], "error") not in torn))
    ]
    return numbered(c._replace(seconds=seconds.get(c[:2]), message=c.message or messages.get(c[:2], "")) for c in cases)
