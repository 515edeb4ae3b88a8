# ruff: noqa: E501 - the expressions read best as tables
"""Whether a log without an end marker tells of success: the last words decide. Pure.

A downloaded Bitbucket log carries no exit code, so "unknown" is an answer. Signs are lines that build tools print when
they are done; of the signs in the last part of the text, the later one counts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAIL = 256 * 1024
_LONG = re.compile(rb"([^\n]{2000})[^\n]+")
_LAST_WORDS = 30  # a success that is followed by more lines than this tells nothing about the end

_SUCCESS = re.compile(
    r"""^(?:
      OK(?:[ ]\([^\n]*\))?[ \t]*$                                # unittest, Django, PHPUnit, nose
    | =+[ ](?![^\n]*(?:[ ]failed|error))[^\n]*\b\d+[ ]passed[^\n]*=+[ \t]*$ | (?![^\n]*(?:[ ]failed|error))\d+[ ]passed\b[^\n]*
    | [ ]+\d+[ ]passed[ ]\([\d.]+m?s?\)[ \t]*$                      # Playwright
    | [ ]*Tests:[ ]+(?![^\n]*failed)[^\n]*\d+[ ]passed            # jest, Pest
    | [ ]*(?:Test[ ]Files|[ ]Tests)[ ]+(?![^\n]*failed)[^\n]*\d+[ ]passed      # vitest
    | [ \t]*\d+[ ]passing\b | PASS[ \t]*$ | ok[ ]+\t?\S+\t[^\n]*
    | test[ ]result:[ ]ok\.
    | \d+[ ]examples?,[ ]0[ ]failures(?![^\n]*[ ]errors?[ ]occurred) | \d+[ ]runs,[^\n]*[ ]0[ ]failures,[ ]0[ ]errors
    | (?:\[INFO\][ ])?BUILD[ ]SUCCESS(?:FUL)?\b[^\n]* | Build[ ]succeeded\.?[ \t]* | Passed![ \t]+-[^\n]*
    | (?:[ ]*(?:webpack|Webpack)[^\n]*)?[Cc]ompiled[ ]successfully[^\n]* | (?:✓|✔)[ ]built[ ]in[^\n]*
    | (?:✨[ ]+)?Done(?:[ ]in[ ][\d.]+m?s|!|\.)[^\n]* | added[ ]\d+[ ]packages?[^\n]* | up[ ]to[ ]date[^\n]*
    | found[ ]0[ ]vulnerabilities[ \t]* | (?:Successfully|Success:?)[ ](?:built|tagged|installed|deployed|published|pushed
        |created|updated|applied|completed|finished|synced|logged|copied|uploaded[ ](?!artifact))[^\n]*
    | \S*[ ]?[Dd]eploy(?:ment)?[ ](?:complete|succeeded|successful|finished)[^\n]* | ✔[ ]+Deploy[ ]complete![^\n]*
    | Deployment[ ]Complete[^\n]* | Status:[ ]Succeeded[^\n]* | Login[ ]Succeeded[ \t]* | Everything[ ]up-to-date[ \t]*
    | Already[ ]up[ -]to[ -]date\.?[ \t]* | naming[ ]to[ ][^\n]*done[ \t]* | [^\n]*:[ ]digest:[ ]sha256:[0-9a-f]{64}[^\n]*
    | \#\d+[ ]DONE[^\n]* | All[ ]\w*[ ]?(?:tests|checks|specs)\b[^\n]*passed[^\n]* | mysqld[ ]is[ ]alive[ \t]*
    | (?:All[ ]specs|\d\d:\d\d[ ]\+\d+(?:[ ]~\d+)?:[ ]All[ ]tests)[ ]passed!?[^\n]* | 0[ ]failed\b[^\n]* | Generating[ ](?:optimized[ ])?autoload[ ]files[ \t]*
    | [ ]*(?:✔[ ])?Container[ ]\S+[ ]+(?:Started|Healthy)[^\n]* | (?:Apply|Destroy|Pod[ ]installation)[ ]complete![^\n]* | Plan:[ ]\d+[ ]to[ ]add,[^\n]* | No[ ]changes\.[ ][^\n]* | No[ ]broken[ ]requirements[ ]found[^\n]* | Finished:[ ]SUCCESS[ \t]*
    | Bundle[ ]complete![^\n]* | INFO:[ ]Build[ ]completed[ ]successfully[^\n]* | ✔[ ]Success!?[^\n]*
    | [^\n]*(?:executed|finished|exited|completed|Process)[^\n]*[ ](?:exit[ ]code|code|status):?[ ]0[ \t]*
    | [^\n]*(?:is[ ]available[ ]after|[ ]-[ ]accepting[ ]connections|is[ ](?:up|ready|healthy)\b)[^\n]*
    | [^\n]*:[ ]Successful[ \t]* | [^\n]{0,40}\bPASSED[ \t]*$ | deployment[ ]"[^"\n]+"[ ]successfully[ ]rolled[ ]out
    | STATUS:[ ]deployed[ \t]* | PONG[ \t]* | \(\d+[ ]rows?\)[ \t]* | [ ]{2}Applying[ ]\S+\.\.\.[ ]OK[ \t]*
    | [ ]+No[ ]migrations[ ]to[ ]apply\. | \[100%\][ ]Built[ ]target[^\n]* | config\.status:[ ]creating[^\n]*
    | --[ ](?:Configuring|Generating)[ ]done[^\n]* | INFO:[ ](?:EXECUTION|ANALYSIS)[ ]SUCCESS[^\n]*
    | \S+[ ]+:[ ]ok=\d+[^\n]*unreachable=0[^\n]*failed=0[^\n]* | [ ]+congratulations[ ]:\) [^\n]*
    | \d+[ ]tests?,[ ](?:\d+[ ]passed,[ ]0[ ]failed|0[ ]failures)[^\n]* | total[ ]size[ ]is[ ][^\n]*speedup[ ]is[^\n]*
    | Build[ ]at:[ ]\S+[ ]-[ ]Hash:[^\n]* | [^\n]{1,120}[ ]has[ ]been[ ]deployed\b[^\n]* | \d+[ ](?:steps|scenarios)[ ]passed,[ ]0[ ]failed[^\n]* | \[success\][ ]Total[ ]time[^\n]*
    | [ ]+[0-9a-f]{7,40}\.\.[0-9a-f]{7,40}[ ]+\S+[ ]->[ ]\S+[ \t]*$ | [ ]\*[ ]\[new[ ](?:branch|tag)\][^\n]*
    | Release[ ]"[^"\n]+"[ ]has[ ]been[ ]upgraded[^\n]* | \d+[ ]static[ ]files?[ ](?:copied|unmodified)[^\n]*
    | [ ]*Finished[ ](?:release|dev|test|`\w+`)[^\n]*target[^\n]* | Results:[ ]0[ ]failed[^\n]*
    | (?:Assembling[ ]contents[ ]of[ ]new[ ]cache|Skipping[ ]upload[ ]for[ ]existing[ ]cache)[^\n]*
    )""".encode(),
    re.MULTILINE | re.VERBOSE,
)
_FAILURE = re.compile(
    r"""
      \bFAILED\b(?![ ]?[:=][ ]?0) | BUILD[ ]FAIL | \bnpm[ ](?:ERR!|error)[ ] | ^Traceback[ ]\(most | Finished:[ ]FAILURE
    | ^(?:[\w.$]*[.\w])?(?:Error|Exception|Warning\#)(?::|$)(?![ ]0) | ^Caused[ ]by: | ^(?:fatal|FATAL|panic|PANIC):
    | ^(?:\S+:[ ])?(?:error|ERROR|Error|ERR!|E:|E[ ]{2,})[:!](?![ ]0) | ^\[ERROR\] | ^(?:ERROR|FATAL)[ ]
    | \berror(?:[ ]\w+\d+)?:[ ] | ^error[ ] | \b[1-9]\d*[ ](?:failed|failing|failures?|errors?)\b | \b(?:errors|failures)=[1-9]
    | \b(?:exit(?:ed)?[ ](?:code|status|with(?:[ ]code)?)|status[ ]code|code)[ :=]*(?!0\b|200\b|20\d\b)[1-9]\d*\b
    | returned[ ]a[ ]non-zero[ ]code | \bKilled\b | \bAborted\b | Segmentation[ ]fault | core[ ]dumped
    | :[ ]command[ ]not[ ]found | :[ ]not[ ]found$ | Permission[ ]denied | No[ ]such[ ]file[ ]or[ ]directory
    | [Cc]onnection[ ]refused | \b[Cc]an(?:not|'t)[ ] | [Cc]ould[ ]not[ ] | \bdenied\b | exceeded[ ] | ✖ | ✘ | ✗ | \bUnable[ ]to\b
    | ^[ \t]*--->[ ] | \[remote[ ]rejected\] | \[rejected\] | Oops | ^✕
    """.encode(),
    re.MULTILINE | re.VERBOSE,
)

# What ends with a code above zero although words of success follow or surround it.
_DECISIVE = re.compile(
    rb"""
      ^FAIL[ ]Required[ ]test[ ]coverage[ ]of | ^Coverage[ ]failure:[ ]total
    | ^Jest:[ ](?:[^\n]*coverage[ ]threshold[ ]|Coverage[ ]for[ ]) | ^Test[ ]Suites:[ ][^\n]*\b[1-9]\d*[ ]failed
    | ^ERROR:[ ]Coverage[ ]for[ ] | ^Rule[ ]violated[ ]for[ ]
    | ^An[ ]error[ ]occurred[ ]\(\w+\)[ ]when[ ]calling[ ]the[ ]
    """,
    re.MULTILINE | re.VERBOSE,
)
_WARNING = re.compile(rb"\b(?:[Ww]arn(?:ing)?|WARN(?:ING)?)\b")


@dataclass(frozen=True)
class Verdict:
    """``word`` is passed, failed or unknown. ``success_at`` is the byte where the last sign of success begins, -1
    where there is none: whatever alarmed before it was survived."""

    word: str
    success_at: int = -1


def verdict(text: bytes) -> Verdict:
    """What the end of this output tells, colours already taken off. Only the last 256 KiB are looked at."""
    start = max(0, len(text) - _TAIL)
    tail = text[start:].replace(b"\r\n", b"\n ").replace(b"\r", b"\n")
    if _LONG.search(tail):  # keeps the expressions linear; positions shrink, so the last success is only a lower bound
        tail = _LONG.sub(rb"\1", tail)
    if _DECISIVE.search(tail):
        return Verdict("failed")
    success = -1
    success_end = 0
    for match in _SUCCESS.finditer(tail):
        success, success_end = match.start(), match.end()
    failure = _first_failure(tail, success_end)
    at = start + success if success >= 0 else -1
    if failure > success:
        return Verdict("failed", at)
    if success >= 0:
        after = [line for line in tail[success_end:].split(b"\n") if line.strip() and not line.startswith(b"# ")]
        return Verdict("passed" if len(after) <= _LAST_WORDS else "unknown", at)
    return Verdict("unknown", at)


def alarmed(text: bytes) -> bool:
    """Whether any line of this output, colours already taken off, sounds like a failure."""
    return _first_failure(text, 0) >= 0


def _first_failure(tail: bytes, begin: int) -> int:
    for match in _FAILURE.finditer(tail, begin):
        line_begin = tail.rfind(b"\n", 0, match.start()) + 1
        line_end = tail.find(b"\n", match.start())
        line = tail[line_begin : min(line_begin + 400, line_end if line_end >= 0 else len(tail))]
        if not _WARNING.search(line):
            return match.start()
    return -1
