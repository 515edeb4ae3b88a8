"""Whether tests failed for nothing but what they assert. Pure.

What passing tests and the program print beside that - a refused connection that a test provokes, a traceback that was
caught - is then no cause, however alarming it is."""

from __future__ import annotations

import re

_TAIL = 400_000
# of a runner: how many failed, as its last line says, and what one failed assertion looks like
_RUNNERS: tuple[tuple[str, str], ...] = (
    (
        r"^FAILED \(failures=(\d+)(?![^\n)]*errors=)",
        r"^(?:\w+\.)*AssertionError\b(?!: database connection)",  # that one is what an old Django asserts of psycopg2
    ),  # unittest, Django
    (
        r"^=* ?(\d+) failed\b(?![^\n]*\berrors?\b)[^\n]* in [\d.]+s",  # pytest
        r"^FAILED \S+ - (?:assert |AssertionError|Failed: DID NOT)",
    ),
    (r"^Tests: +(?:\d+ \w+, )?(\d+) failed", r"^ +(?:expect\(|AssertionError)"),  # jest
    (r"^ +Tests +(\d+) failed", r"^ *(?:FAIL [^\n]*\n)?AssertionError: "),  # vitest
    (r"^ +(\d+) failing", r"^ +AssertionError\b|^ +\+ expected - actual"),  # mocha
    (r"^[#ℹ] fail (\d+)", r"ERR_ASSERTION|AssertionError"),  # node --test
    (r"^FAILED \| \d+ passed[^\n]*\| (\d+) failed", r"AssertionError"),  # Deno
    (r"^ *(\d+) fail$", r"^error: expect\("),  # Bun
    (r"^ *(\d+) tests? failed$", r"^ *(?:Difference|Value (?:is|must)|AssertionError)\b"),  # AVA
    (r"^test result: FAILED\. [^\n]*?(\d+) failed", r"^ *assertion (?:`|failed)|panicked at [^\n]*assertion"),  # cargo
    (r"^Result: FAIL()", r"^# +Failed test"),  # prove
    (r"^FAIL\t()", r"_test\.go:\d+: [^\n]*(?:\bgot\b|\bwant\b|expected|Error Trace)"),  # Go
    (r"^\d+ examples?, (\d+) failures?(?![^\n]*errors? occurred)", r"^ +expected(?:: | )"),  # RSpec
    (
        r"^\d+ (?:runs|tests), \d+ assertions, (\d+) failures, 0 errors",
        r"^ *\d+\) Failure:|^Failure: ",
    ),  # minitest, test-unit
    (
        r"^\[ERROR\] Tests run: \d+, Failures: (\d+), Errors: 0, Skipped: \d+ *$",  # Surefire
        r"AssertionFailedError|AssertionError|ComparisonFailure",
    ),
    (r"^Tests: \d+, Assertions: \d+, Failures: (\d+)(?![^\n]*Errors)", r"^Failed asserting that"),  # PHPUnit
    (r"^Failed! +- Failed: +(\d+)", r"^ *Assert\.\w+\(\) Failure"),  # .NET
    (r"^\d\d:\d\d \+\d+(?: ~\d+)? -(\d+): Some tests failed", r"^ *Expected: "),  # Flutter
)
_READ = tuple((re.compile(end, re.MULTILINE), re.compile(one, re.MULTILINE)) for end, one in _RUNNERS)


_REPORTS = re.compile(rb"^={70}\n(?:ERROR|FAIL): [^\n]*\n(?:[^\n]*\n)?-{70}\n", re.MULTILINE)
_FAILED = re.compile(rb"^FAILED \([^\n]*$", re.MULTILINE)


def reports_begin(output: bytes) -> int:
    """Where unittest's reports of failed tests begin, 0 where there are none: what passing tests printed stands before
    them, and so does what the failed ones printed; their errors do not."""
    first = _REPORTS.search(output) if _FAILED.search(output, max(0, len(output) - _TAIL)) else None
    return first.start() if first is not None else 0


def only_assertions(output: str) -> bool:
    """Whether the output ends as a test runner's does, and every failure that it counts is a failed assertion."""
    tail = output[-_TAIL:]
    for end, assertion in _READ:
        ends = list(end.finditer(tail))
        if ends:
            failed = int(ends[-1].group(1) or 1)
            return 0 < failed <= len(assertion.findall(tail))
    return False
