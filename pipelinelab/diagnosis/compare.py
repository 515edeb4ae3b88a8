# ruff: noqa: E501 - the expressions read best one a line
"""The lines of a red log that a green run of the same commands does not have. Pure.

Numbers, times, hashes and generated names are made alike first. Of the lines that are left, those that tell of the
failure are chosen by what they say and where they stand: failures are told in blocks, most often towards the end.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass

from pipelinelab.recording.log_text import strip_ansi

_BREAKS = re.compile(rb"\r\n|\n|\r")
_PREFIX = re.compile(
    r"^(?:[^\t\n]{1,60}\t[^\t\n]{1,80}\t)?(?:\ufeff?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)? ?)?"
)
_RULES = (
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.I), "<id>"),
    (re.compile(r"\b(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,64}\b", re.I), "<hash>"),
    (re.compile(r"@[0-9a-f]{4,8}\b"), "@<hash>"),
    (re.compile(r"\b\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?\b"), "<time>"),
    (re.compile(r"(?:/tmp|/var/folders|[A-Z]:\\Temp)[\w./\\-]*"), "<tmp>"),
    (
        re.compile(
            r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? |\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* "
        ),
        "",
    ),
    (re.compile(r"\d+(?:[.,]\d+)*"), "0"),
    (re.compile(r"\s+"), " "),
)
_ROUTINE = re.compile(
    r"^(?:\[?(?:INFO|DEBUG|info|debug)\]?:? *)?(?:Download(?:ing|ed)\b|Progress|\[?(?:WS-CLEANUP|Pipeline)\]|Sending e-?mails?|Started by"
    r"|Checking out|Commit message|Fetching|> git |> Task :|Get:0|Hit:0|Ign:0|Running as|Building (?:remotely|in workspace)|Seen branch"
    r"|remote: |Receiving|Resolving|Total time|Finished at|Cloning|HEAD is now|From http|\* \[new|Post job cleanup|\[command\]"
    r"|Tests run: 0, Failures: 0, Errors: 0, Skipped: 0(?! *<<<)|Running [\w.]+|Recording |Archiving|Cleaning up|Terminate orphan"
    r"|-{5,}|={5,}|Notifying|GitHub Issue|Triggering|No emails|No changes|Cache |Adding |Setting )"
)
_BLOCK = 20  # lines at the most between two telling ones of one block
_BANAL = re.compile(r"^\W*(?:\[?\w+\]?\W*)?$")
_ERROR = re.compile(
    r"ERROR|FAIL|FATAL|\b[Ee]rror\b|\b[Ff]ail(?:ed|ure|s|ing)?\b|[a-z]Exception\b|[a-z]Error\b|\bCaused by|^\s+at [\w.$/<>]+\(|\b[Cc]annot\b"
    r"|\b[Cc]ould not\b|\b[Uu]nable to\b|\bnot found\b|\bdenied\b|No space left|\bExpected|\bexpected|symbol:|location:|required:|found:|reason:"
    r"|^e: |^E  |^> {2,}\S|^\s+File \".*line|<<<|\bKilled\b|exit(?:ed)?(?: with)?(?: code| status)|exited|unresolved|[Uu]ndefined|does not exist|\bmissing\b|timed out|refused"
)
_AFTERMATH = re.compile(
    r"marked build as failure|re-run Maven|Re-run Maven|\[Help 0\]|For more information about the errors|-> \[Help"
)
_VERDICT = re.compile(
    r"^(?:\[INFO\] )?(?:BUILD FAIL(?:URE|ED)\b|0 errors?$|[\w .-]+ \.{3,} FAILURE|COMPILATION ERROR)|^\[ERROR\] COMPILATION ERROR|^Finished: FAIL"
    r"|actionable tasks?:|^0 tests completed, 0 failed|Process completed with exit code|^\[INFO\] (?!.*(?:error|Error|Exception))"
    r"|^\* What went wrong:|^Execution failed for task|^> (?:There were failing tests|Compilation (?:failed; see|error\. See))|^FAILURE: Build failed|^:\S+ FAILED$|^Stage .* skipped due to earlier"
)  # says that it failed, not why


@dataclass(frozen=True)
class Unseen:
    """A line of the red log that the green one lacks. ``line`` counts from 1 (also at lone carriage returns);
    ``score`` is higher for lines that tell more."""

    line: int
    text: str
    score: float


def log_lines(data: bytes) -> list[str]:
    """The log's lines without colours, split at newlines and at lone carriage returns (before the colours go: Travis
    writes a code between the two)."""
    return [strip_ansi(line).decode("utf-8", "replace") for line in _BREAKS.split(data)]


def normalised(line: str) -> str:
    """The line with what changes from run to run made alike: idempotent, and "" for a blank line."""
    text = _PREFIX.sub("", line[:2000], count=1)
    for pattern, put in _RULES:
        text = pattern.sub(put, text)
    return text.strip()


def unseen(red: bytes, green: bytes) -> list[Unseen]:
    """The telling lines that the green run lacks, in the order of the log."""
    lines = log_lines(red)
    cleaned = [_PREFIX.sub("", line[:2000], count=1) for line in lines]
    normal = [normalised(line) for line in lines]
    known = set(map(normalised, log_lines(green)))
    counts = Counter(normal)
    scores = [_score(cleaned[i], normal[i], known, counts[normal[i]]) if normal[i] else 0.0 for i in range(len(lines))]
    chosen = {i for i, score in enumerate(scores) if score >= 1.0}
    chosen |= _continued(chosen, scores, cleaned)
    chosen |= _gaps(chosen, normal, scores)
    return [Unseen(i + 1, lines[i], round(max(scores[i], 0.1), 3)) for i in sorted(chosen)]


def unseen_lines(red: bytes, green: bytes) -> tuple[tuple[int, str], ...]:
    """(line, text) of the telling lines, the most telling first."""
    ranked = sorted((one for one in unseen(red, green) if one.text.strip()), key=lambda one: (-one.score, one.line))
    return tuple((one.line, one.text.strip()[:500]) for one in ranked)


def _score(text: str, normal: str, known: set[str], count: int) -> float:
    if normal in known or _ROUTINE.match(normal) or _BANAL.match(normal) or _VERDICT.search(normal):
        return 0.0
    score = 0.5 + 0.3 / count
    if _ERROR.search(text):
        score += 1.0
    if _AFTERMATH.search(normal):
        score -= 0.25
    return score


def _continued(chosen: set[int], scores: list[float], cleaned: list[str]) -> set[int]:
    """Indented unseen lines that go on below a chosen one: the rest of a compiler's message."""
    more: set[int] = set()
    for i in range(1, len(cleaned)):
        if i not in chosen and scores[i] > 0 and cleaned[i][:2].isspace() and (i - 1 in chosen or i - 1 in more):
            more.add(i)
    return more


def _gaps(chosen: set[int], normal: list[str], scores: list[float]) -> set[int]:
    """What stands between two chosen lines and belongs to the same block: up to three lines that are not routine, or
    more where the green run has none of them (a snippet of source, the frames of a traceback)."""
    filled: set[int] = set()
    ordered = sorted(chosen)
    for before, after in itertools.pairwise(ordered):
        between = range(before + 1, after)
        if not 0 < len(between) <= _BLOCK:
            continue
        if len(between) <= 3:
            one_block = all(not _ROUTINE.match(normal[i]) for i in between)
        else:
            one_block = all(scores[i] > 0 or not normal[i] for i in between)
        if one_block:
            filled.update(between)
    return filled
