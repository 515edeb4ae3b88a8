import pytest

from pipelinelab.diagnosis import diagnose
from pipelinelab.diagnosis.explain import as_text
from pipelinelab.diagnosis.nature import nature_of
from pipelinelab.recording.bitbucket_log import parse_log


@pytest.mark.parametrize(
    ("output", "nature"),
    [
        ("===== 1 failed, 3 passed in 0.05s =====", "tests failed: 1 failed, 3 passed in 0.05s"),
        ("Ran 3 tests in 0.1s\n\nFAILED (failures=1)", "tests failed: FAILED (failures=1)"),
        ("Tests:       1 failed, 1 total\nTime: 0.5 s", "tests failed: Tests:       1 failed, 1 total"),
        ("3 tests, 1 failure", "tests failed: 3 tests, 1 failure"),
        (
            "a.py:1: error: x\nFound 1 error in 1 file (checked 1 source file)",
            "the code does not compile or type-check",
        ),
        ("error: could not compile `app` due to 1 previous error", "the code does not compile or type-check"),
        ("✖ 2 problems (2 errors, 0 warnings)", "a linter found faults: ✖ 2 problems (2 errors, 0 warnings)"),
        (
            "FILE: /app/src/Cart.php\n---\nFOUND 1 ERROR AFFECTING 1 LINE\n---\n 3 | ERROR | Each class must\n---\n",
            "a linter found faults: /app/src/Cart.php: 3: Each class must – FOUND 1 ERROR",
        ),
        ("  1 failing\n\n  1) API\n       pays:\n     Error: 402\n", "tests failed: API: pays – 1 failing"),
        ("[  FAILED  ] Queue.PushPop\n\n 1 FAILED TEST", "tests failed: Queue.PushPop – 1 FAILED TEST"),
        ("a.LedgerTest > deposit FAILED\n3 tests completed, 1 failed", "tests failed: a.LedgerTest > deposit – "),
        ("Failing scenarios:\n  a.feature:8  pays\n1 scenario passed, 1 failed", "tests failed: a.feature:8 pays – "),
        ("1/2 int   FAIL   0.01s\nOk:   1\nFail:   1", "tests failed: int – Fail:   1"),
        ("Found 1 error.", "a linter found faults: Found 1 error."),
        ("panic: assignment to entry in nil map", "the program ended with an exception: panic: assignment"),
        ("12 examples, 0 failures", ""),
        ("[INFO] Tests run: 44, Failures: 0, Errors: 0, Skipped: 0", ""),
        ("all is well", ""),
        ("not ok 3 - retries # TODO not written\nok 4", ""),
        ("a.rst:4: WARNING: ValueError: x", ""),
    ],
)
def test_the_line_that_says_what_kind_of_failure_it_is_is_found(output: str, nature: str) -> None:
    assert nature_of(output + "\n").startswith(nature) and bool(nature_of(output + "\n")) == bool(nature)


def test_failed_tests_have_no_rule_but_are_called_what_they_are() -> None:
    diagnosis = diagnose(parse_log(b"\x1d+ pytest\nE   assert 3 == 4\n===== 1 failed, 1 passed in 0.05s =====\n"))
    assert not diagnosis.findings
    assert "No rule of the rulebook fits – tests failed: 1 failed, 1 passed in 0.05s" in as_text(diagnosis)


@pytest.mark.parametrize(
    ("output", "nature"),
    [
        (
            "FAILED a_test.py::test_b - assert 3 == 4\n==== 1 failed in 0.05s ====",
            "a_test.py::test_b – 1 failed in 0.05s",
        ),
        (
            "FAIL: test_a (shop.tests.T.test_a)\nFAILED (failures=1)",
            "test_a (shop.tests.T.test_a) – FAILED (failures=1)",
        ),
        ("1) CartTest::testTotal\nFAILURES!\nTests: 2, Failures: 1.", "CartTest::testTotal – Tests: 2, Failures: 1."),
        ("  1) Error:\nUsersTest#test_x:\n2 runs, 1 assertions, 0 failures, 1 errors", "UsersTest#test_x:"),
        ("--- FAIL: TestGross (0.00s)\nFAIL\nFAIL\tacme\t0.003s", "TestGross – FAIL\tacme\t0.003s"),
        ("src/a.c:3:5: error: x\nsrc/a.c:9:5: error: y", "src/a.c:3:5: error: x – src/a.c:9:5: error: y"),
        ("/src/a.js\n  1:7  error  'x' is unused  no-unused-vars\n\n✖ 1 problem (1 error)", "/src/a.js: 1:7 error 'x'"),
        ("In a.sh line 2:\nrm $X\n   ^-- SC2086 (warning): Quote.\n", "a.sh: SC2086 (warning): Quote."),
    ],
)
def test_the_first_place_of_a_failure_is_told_with_its_kind(output: str, nature: str) -> None:
    assert nature_of(output + "\n").partition(": ")[2].startswith(nature)
