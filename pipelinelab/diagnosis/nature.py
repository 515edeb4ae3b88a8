# ruff: noqa: E501 - the table of expressions reads best one a line
"""What kind of failure it is where no rule fits: the project's own tests, its code, or a check of it. Pure.

These have no rule, for their cause is in the project and not around it; their tools print one line that says it all."""

from __future__ import annotations

import re

_TAIL = 400_000
_SHOWN = 200
_BARE = re.compile(r"In \S+ line \d+:|FAIL|FAILURES!")  # tells nothing beside a place
EXCEPTION = "the program ended with an exception"
"""The nature of what ended so."""
_BEGINNINGS: dict[str, tuple[str, ...]] = {
    "tests failed": (
        r"=+ .*\b[1-9]\d* (?:failed|errors?)\b.*=",  # pytest
        r"[1-9]\d* (?:failed[, ]|tests? failed|errors? in [\d.]+s)",
        r"FAILED \(",  # unittest
        r"[^\s:]+: \S+\.(?:c|cc|cpp|cxx|h|hpp):\d+: .*: Assertion [`'].*' failed\.",  # assert.h
        r"FAIL \S+\.(?:test|spec|cy)\.[jt]sx?\b|(?:Tests|Test Suites):? .*\b[1-9]\d* failed| +Tests  .*\b[1-9]\d* failed",  # jest, vitest
        r"Tests: .*(?:Failures|Errors): [1-9]|FAILURES!",  # PHPUnit
        r" *\d+ FAILED TESTS?$| +[1-9]\d* failing|\d+% tests passed, [1-9]|Result: FAIL\b",  # mocha, CTest, prove
        r"ℹ fail [1-9]|FAILED \| \d+ passed| +[1-9]\d* fail$| *[1-9]\d* tests? failed$",  # node, Deno, Bun, AVA
        r"\d\d:\d\d \+\d+(?: ~\d+)? -\d+: Some tests failed| +[1-9]\d* failed$",  # Flutter, Playwright
        r"not ok \d+(?!.*# (?:TODO|SKIP|todo|skip)\b)|# fail +[1-9]",  # TAP
        r"\d+ (?:examples?|tests?|runs?|scenarios?|features?)\b.*\b[1-9]\d* (?:failures?|failed|errors?)",
        r"test result: FAILED|FAIL\t\S|--- FAIL:",  # Rust, Go
        r" *(?:\[(?:ERROR|INFO|junit)\] )?Tests run: \d+,(?! Failures: 0, Errors: 0)|.*There (?:were|are) (?:failing tests|test failures)",
        r"\d+ success(?:es)? / (?:[1-9]\d* failures? / |\d+ failures? / [1-9]\d* errors? )|Fail: +[1-9]\d* *$",  # busted, Meson
        r" +Failed: [1-9]\d*\. +Skipped: \d+\. +Passed: |│ +assertions │ +\d+ │ +[1-9]",  # EUnit, Newman
        r"Failed! +- Failed:|\*\* TEST FAILED \*\*|.*\bTestsFailedException\b",  # .NET, Xcode, sbt
    ),
    "the code does not compile or type-check": (
        r".*(?:COMPILATION ERROR|[Cc]ompilation failed)|error: could not compile|Failed to compile|Build FAILED|ERROR in \S",
        r".*\berror (?:TS|CS)\d+:|(?:[✘X] )?\[ERROR\] (?:TS|NG)-?\d+:|Type error:|Found \d+ errors? in \d+ files?",
        r"\S+\.(?:c|cc|cpp|cxx|h|hpp|m|swift):\d+:\d+: (?:fatal )?error:|\S+\.java:\d+: error:|e: (?:file://)?\S+\.kts?",
        r"Error: .*(?=\n +╷)| +\S+:\d+:\d+ - error: |svelte-check found [1-9]\d* errors?|(?:vet: )?\S+\.go:\d+:\d+: |.*undefined reference to |\[ERROR\] \S+\.(?:java|kt|scala|groovy):\[\d+,\d+\] |error: cannot format \S+: Cannot parse",
    ),
    "a linter found faults": (
        r"✖ \d+ problems?\b(?! \(0 errors)|.*too many warnings|Found \d+ (?:errors?|violations?)\.?$| *\[ERROR\] Found \d+ errors?",
        r"\d+ files? inspected, [1-9]\d* offenses?|Your code has been rated at (?!10\.00/10)|.*You have \d+ (?:Checkstyle|PMD) violations?",
        r"FOUND [1-9]\d* ERRORS? .*AFFECTING ",  # PHP_CodeSniffer
        r" +\d+:\d+ +error +\S.*[ (][a-z][\w@/-]+\)?$",  # yamllint, ESLint
        r"\S+\.\w+:\d+:\d+: [A-Z]+\d+ |.*Lint found errors|In (?!\S+\.php )\S+ line \d+:",
        r"E[0-3]\d{3} [A-Z'].*(?=\n\S+:\d+:\d+$)|== \[\S+\] FAIL$|❌ Validation failed with [1-9]|.{1,80}?\.{3,}(?:\(.*\))?Failed$",  # sqlfluff, Redocly, pre-commit
    ),
    EXCEPTION: (
        r"(?:[\w.]+\.)?[A-Z]\w*(?:Error|Exception)(?: \[\w+\])?(?:: |$)|panic: |Exception in thread |Uncaught |\S+\.rb:\d+:in ",
    ),
}
_PLACES: dict[str, tuple[str, ...]] = {
    "tests failed": (
        r"FAILED ([\w./-]+::\S+)|ERROR (\S+\.py\b.*)|(?:FAIL|ERROR): (\w+ \([\w.]+\))$",  # pytest, unittest
        r" +● (?!Console|Validation|Test suite failed)(\S.*)| *--- FAIL: (\S+)| FAIL +(\S+ > .+)| +\d+\) (\[\w+\] › [^─\n]+)",  # jest, Go, vitest, Playwright
        r" *1\) (?!(?:Error|Failure):$|.*\n +# )(\S.*)\n((?: {6,}\S.*\n){0,4}? {6,}\S.*):\n| *1\) (?!(?:Error|Failure):$|.*\n +# )(\S.*)| +1\) (?:Error|Failure):\n(\S+)",  # PHPUnit, JUnit, mocha; minitest
        r"# +Failed test '([^'\n]+)'| *(\S+\.tsx?:\d+:\d+ - error TS\d+: .*)",  # Perl; ts-jest
        r" +✘ (?:\[fail\]: )?(\S.*)|\t +\d+ - (\S+ \(\w.*\))",  # PHPUnit's testdox, AVA; CTest
        r"\[  FAILED  \] (\S+\.\S+)|([\w.$]+ > \S.*) FAILED$|Failing scenarios:\n +(\S.*)",  # GoogleTest, Gradle, behave
        r"(\S.*?) +\| FAIL \|\n(\S.*)|(?:Failure|Error) -> (\S+ @ \d+\n.*)|\d+/\d+ (\S.*?) +FAIL\b",  # Robot, busted, Meson
        r" +(\w+: \w+)\.\.\.\*failed\*| +1\. +(AssertionError +\S.*)",  # EUnit, Newman
        r"rspec (\./\S+ # .+)|test (\S+) \.\.\. FAILED$|not ok \d+ (?:- )?(\S.*)",  # RSpec, Rust, TAP
        r" +\[junit\] Testcase: (\S+\(\S+\)):\s+(?:FAILED|Caused an ERROR)| +\[junit\] Testcase: (\S+) took .*\n +\[junit\]\s+(?:FAILED|Caused an ERROR)|\[ERROR\] +(?:Failures: |Errors: )?([\w.$]+\.\w+:\d+ .*)| +Failed (\w\S+) \[",  # Surefire, .NET
    ),
    "the code does not compile or type-check": (
        r" *(\S+\.\w+(?:[:(]\d+(?:[:,]\d+\)?)?):? (?:- )?(?:fatal )?error\b.*)|(\S+\.svelte:\d+:\d+)\n(Error: .*)|(?:vet: )?(\S+\.go:\d+:\d+: .*)|(e: (?:file://)?\S+\.kts?.*)",
        r"\[ERROR\] (\S+\.(?:java|kt|scala|groovy):\[\d+,\d+\] .*)|(error\[E\d+\]: .*)|(.*undefined reference to .*)",
        r"(\./\S+:\d+:\d+)\n(Type error: .*)|(Error: .*)\n +╷\n(?:.*\n){1,6}? +(\S+\.s[ac]ss \d+:\d+)",  # Next.js, Sass
    ),
    "a linter found faults": (
        r"(\S+\.\w+:\d+(?::\d+)?: \[?[A-Z]+\d*:? .*|\S+\.\w+:\d+: error: .*)|([A-Z]{1,4}\d{3,4} .*)\n +--> (\S+)",  # flake8, RuboCop; ruff
        r"In (\S+) line \d+:\n(?:.*\n){1,2} *\^-+\^? (SC\d+ \((?:error|warning)\): .*)",  # ShellCheck
        r"(\S+\.\w+)\n(?: +.*\n)*? +(\d+:\d+ +(?:error|✖) +\S.*)",  # ESLint, yamllint, stylelint
        r"== (\S+) ==\n([WCEF]: +\d+: +\d+: .*)|(E[0-3]\d{3} .*)\n(\S+:\d+:\d+)$",  # RuboCop's other form, cfn-lint
        r"== \[(\S+)\] FAIL\nL: +(\d+) \| P: +\d+ \| (\w+ \| .*)|\[\d+\] (\S+:\d+:\d+) at .*\n\n?(\S.*)",  # sqlfluff, Redocly
        r"FILE: (\S+)\n(?:.*\n){1,60}? +(\d+) +\| ERROR +\| (.*)",  # PHP_CodeSniffer
        r"(.{1,80}?)\.{3,}(?:\(.*?\))?Failed\n- hook id: .*\n(?:- .*\n)*\n?(\S.*)?",  # pre-commit
    ),
}
"""The places of failures, in the groups that fit; the first in the output is told."""
_POINTS = {name: re.compile(f"^(?:{'|'.join(some)})", re.MULTILINE) for name, some in _PLACES.items()}
_NATURES = {name: re.compile(f"^(?:{'|'.join(some)}).*$", re.MULTILINE) for name, some in _BEGINNINGS.items()}


_SLIPS = re.compile(
    r"^(?:[\w.]*\.)?(?:Assertion(?:Failed)?|Attribute|Name|Type|Value|Key|Index|Reference|Syntax|Indentation|Range|ZeroDivision|NoMethod"
    r"|Argument|UnboundLocal|Recursion|NotImplemented)(?:Error|Exception)\b|NullPointerException|IndexOutOfBounds|ClassCastException"
    r"|TypeError\b|nil pointer dereference|index out of range",
    re.MULTILINE,
)


def own_fault(output: str) -> bool:
    """Whether it was the project's own tests, code or checks that failed, or a slip of its code that it ended with."""
    nature = nature_of(output)
    return bool(nature) and (not nature.startswith(EXCEPTION) or _SLIPS.search(output[-_TAIL:]) is not None)


def nature_of(output: str) -> str:
    """The kind of failure, the first place of it where one is told, and the line that sums it up ("tests failed:
    test_a.py::test_b – 1 failed, 3 passed in 0.1s"), or ""."""
    tail = output[-_TAIL:]
    for name, expression in _NATURES.items():
        lines = [match.group() for match in expression.finditer(tail) if "WARNING" not in match.group()]
        if lines:
            total = lines[-1].strip(" =")[:_SHOWN]
            place = _place(name, tail)
            both = place and place not in total and not _BARE.fullmatch(total)
            return f"{name}: {place} – {total}" if both else f"{name}: {place or total}"
    return ""


def _place(name: str, tail: str) -> str:
    found = _POINTS[name].search(tail) if name in _POINTS else None
    return "" if found is None else ": ".join(" ".join(group.split()) for group in found.groups() if group)[:_SHOWN]
