# ruff: noqa: E501 - logs are lines of their own length
import pytest

from pipelinelab.diagnosis import diagnose
from pipelinelab.diagnosis.assertions import only_assertions
from pipelinelab.recording.bitbucket_log import parse_log

REFUSED = "Error: connect ECONNREFUSED 127.0.0.1:3306\n"
FAILED = {
    "Django": "AssertionError: 3 != 4\n\nRan 9 tests in 0.1s\n\nFAILED (failures=1)\n",
    "pytest": "FAILED test_a.py::test_b - assert 3 == 4\n==== 1 failed, 8 passed in 0.12s ====\n",
    "jest": "  ● adds\n\n    expect(received).toBe(expected) // Object.is equality\n\nTests:       1 failed, 8 passed, 9 total\n",
    "mocha": "  8 passing (9ms)\n  1 failing\n\n  1) adds:\n\n      AssertionError: expected 3 to equal 4\n      + expected - actual\n",
    "node": "✖ refuses a bad password (2ms)\nℹ pass 8\nℹ fail 1\n\n✖ failing tests:\n\n  AssertionError [ERR_ASSERTION]: 3 == 4\n    code: 'ERR_ASSERTION',\n",
    "Deno": "connection refused is retried ... ok (1ms)\nerror: AssertionError: Values are not equal.\n\nFAILED | 8 passed | 1 failed (12ms)\n\nerror: Test failed\n",
    "Bun": "error: expect(received).toBe(expected)\n\n✗ returns 404 not found [0.90ms]\n\n 8 pass\n 1 fail\nRan 9 tests across 1 files. [9.00ms]\n",
    "vitest": " FAIL  src/auth.test.ts > guests\nAssertionError: expected 200 to be 403\n      2| test('permission denied for guests', () => {\n\n Test Files  1 failed (1)\n      Tests  1 failed | 1 passed (2)\n",
    "Flutter": "00:02 +0: wrong password is refused\n  Expected: <119>\n    Actual: <120>\n00:02 +1 -1: Some tests failed.\n",
    "cargo": "  assertion `left == right` failed\ntest result: FAILED. 8 passed; 1 failed; 0 ignored\n",
    "prove": "#   Failed test 'adds'\n#          got: '4'\n#     expected: '5'\nResult: FAIL\n",
    "Go": "--- FAIL: TestSum (0.00s)\n    sum_test.go:9: got 2, want 3\nFAIL\nFAIL\tshop\t0.003s\n",
    "RSpec": "       expected: 3\n            got: 2\n\n9 examples, 1 failure\n",
    "PHPUnit": "Failed asserting that 2 is identical to 3.\n\nFAILURES!\nTests: 9, Assertions: 9, Failures: 1.\n",
    "minitest": "  1) Failure:\nT#test_count [inv_test.rb:12]:\nExpected: 7\n  Actual: 2\n\n3 runs, 3 assertions, 1 failures, 0 errors, 0 skips\n",
    "Surefire": "[ERROR] adds  Time elapsed: 0.1 s  <<< FAILURE!\norg.opentest4j.AssertionFailedError: expected: <3> but was: <4>\n[ERROR] Tests run: 9, Failures: 1, Errors: 0, Skipped: 0\n",
    ".NET": "   Assert.Equal() Failure\n\nFailed!  - Failed:     1, Passed:     8, Skipped:     0, Total:     9\n",
}


@pytest.mark.parametrize("runner", FAILED)
def test_what_was_printed_beside_failed_assertions_is_no_cause(runner: str) -> None:
    assert only_assertions(FAILED[runner])
    assert not diagnose(parse_log(f"+ run-tests\n{REFUSED}{FAILED[runner]}# exit=1\n".encode())).findings


def test_an_error_that_ended_a_test_is() -> None:
    log = f"+ python manage.py test\n{REFUSED}AssertionError: 3 != 4\n\nFAILED (failures=1, errors=1)\n"
    assert not only_assertions(log)
    assert diagnose(parse_log(f"{log}# exit=1\n".encode())).findings[0].rule == "mysql-refused"


def test_rules_of_tests_go_on_to_tell_why_an_assertion_failed() -> None:
    log = (
        "+ python manage.py test --keepdb shop\nUsing existing test database for alias 'default'...\n"
        "    self.assertEqual(Item.objects.count(), 0)\nAssertionError: 1 != 0\nFAILED (failures=1)\n"
    )
    assert diagnose(parse_log(log.encode())).findings[0].rule == "django-test-leak"


def test_what_earlier_commands_complained_of_does_not_fail_the_projects_own_check() -> None:
    log = "+ npm whoami || true\nnpm error code ENEEDAUTH\nnpm error need auth\n+ npx tsc\nsrc/y.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'.\n# exit=2\n"
    assert not diagnose(parse_log(log.encode())).findings


RULE, LINE = "=" * 70, "-" * 70


def test_what_unittest_printed_before_its_reports_is_no_cause() -> None:
    report = f"{RULE}\nERROR: test_tea (shop.Tests)\n{LINE}\nTraceback (most recent call last):\nKeyError: 'name'\n"
    log = f"+ python manage.py test\n{REFUSED}E\n{report}\n{LINE}\nRan 7 tests in 0.1s\n\nFAILED (errors=1)\n# exit=1\n"
    assert not diagnose(parse_log(log.encode())).findings
    caused = log.replace("KeyError: 'name'", REFUSED.strip())
    assert diagnose(parse_log(caused.encode())).findings[0].rule == "mysql-refused"
