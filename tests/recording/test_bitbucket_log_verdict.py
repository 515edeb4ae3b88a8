import time

import pytest

from pipelinelab.recording.log_text import readable, strip_ansi, strip_prefixes
from pipelinelab.recording.log_verdict import verdict, went_on


@pytest.mark.parametrize(
    "text",
    [
        "Ran 3 tests in 0.1s\n\nOK\n",
        "ERROR 2003 (HY000): Can't connect\nmysqld is alive\n",
        "[ERROR] logged by a test\n[INFO] BUILD SUCCESS\n[INFO] ------\n[INFO] Total time:  3 s\n",
        "npm WARN deprecated a@1\nadded 3 packages in 1s\n",
        "===== 12 passed, 1 warning in 1.2s =====\n",
        "Tests:       12 passed, 12 total\nSnapshots:   0 total\n",
        "FEHLER 0, Warnungen 3\nfertig\n",
        'The certificate has expired\n2026-11-30 00:46:03 URL:https://x.example/a.tgz [122/122] -> "a.tgz" [1]\n',
        "Could not load entry 4f1c from remote build cache: 503\n100% tests passed, 0 tests failed out of 4\n",
    ],
)
def test_a_success_that_nothing_follows_is_green(text: str) -> None:
    assert verdict(text.encode()).word == "passed"


@pytest.mark.parametrize(
    "text",
    [
        "Ran 1 test in 0.1s\n\nOK\nF\nFAILED (failures=1)\n",
        "Successfully installed x-1\nnpm ERR! code E404\n",
        "Traceback (most recent call last):\nValueError: x\n",
        "===== 1 failed, 12 passed in 1.2s =====\n",
        "Tests:       1 failed, 12 passed, 13 total\n",
        "bash: line 1: foo: command not found\n",
        "FAIL Required test coverage of 95% not reached. Total coverage: 60.00%\n===== 2 passed in 0.1s =====\n",
        "Test Suites: 1 failed, 3 passed, 4 total\nTests:       10 passed, 10 total\nRan all test suites.\n",
        "0 examples, 0 failures, 1 error occurred outside of examples\n",
        "3 runs, 3 assertions, 1 failures, 0 errors, 0 skips\n",
        "OK\nOK\nOOM command not allowed when used memory > 'maxmemory'.\n",
        "app/m.py:3:12: F821 undefined name 'u'\n",
        "./a.go:3:34: undefined: undefinedName\n",
    ],
)
def test_an_alarm_after_the_last_success_is_red(text: str) -> None:
    assert verdict(text.encode()).word == "failed"


def test_jest_that_does_not_end_may_have_been_ended_by_force() -> None:
    text = b"Tests:       1 passed, 1 total\nRan all test suites.\nJest did not exit one second after the test run.\n"
    assert verdict(text).word == "unknown"


def test_a_usage_belongs_to_the_command_that_was_misused() -> None:
    assert not went_on(
        b"BusyBox v1.35.0 multi-call binary.\n\nUsage: grep [-i] PATTERN\nSearch for PATTERN\nMore words\nAnd more\n"
    )


@pytest.mark.parametrize("text", ["", "hello\n", "bash: warning: setlocale: LC_ALL: cannot change locale (x)\nx\n"])
def test_where_the_text_does_not_tell_nothing_is_claimed(text: str) -> None:
    assert verdict(text.encode()).word == "unknown"


@pytest.mark.parametrize(
    "data", [b"\n" * 400_000, b"Process completed " * 20_000, b"error " * 60_000, b"a\r" * 200_000]
)
def test_no_shape_of_text_makes_it_slow(data: bytes) -> None:
    begun = time.process_time()
    verdict(data)
    assert time.process_time() - begun < 2


def test_colours_go_and_line_ends_stay() -> None:
    assert strip_ansi(b"\x1b[1;31mERROR\x1b[m a\n\x1b]0;title\x07b\n") == b"ERROR a\nb\n"
    assert strip_ansi(b"[\x1b[1;34mINFO\x1b[m] x") == b"[INFO] x"
    assert strip_ansi(b"[31mred[0m [m[minimized]") == b"red [minimized]"


def test_a_rewritten_line_reads_as_its_last_state() -> None:
    assert readable(b"10%\r50%\r100%\ndone\r\n") == "100%\ndone\n"


@pytest.mark.parametrize(
    ("line", "bare"),
    [
        ("#10 0.442 ERROR: unable to select packages:", "ERROR: unable to select packages:"),
        ("db_1  | FATAL: role missing", "FATAL: role missing"),
        ("2026-01-02T10:11:12.1234567Z npm ERR! code E404", "npm ERR! code E404"),
        ("2026-01-02T10:11:12.123456Z 00O make: *** [a] Error 1", "make: *** [a] Error 1"),
        ("[14:08:31] Could not find it", "Could not find it"),
        ("a | b", "a | b"),
        ("#10 DONE 0.4s", "#10 DONE 0.4s"),
    ],
)
def test_what_other_programs_put_before_a_line_goes(line: str, bare: str) -> None:
    assert strip_prefixes(f"x\n{line}\ny\n".encode()) == f"x\n{bare}\ny\n".encode()


@pytest.mark.parametrize(
    ("rest", "on"),
    [
        ("copying a\ncopying b\nwrote index\n", True),
        ("2026-01-02 10:00:00,1 INFO     migration applied on attempt 3\n", True),
        ("2026-01-02 10:00:00,1 INFO     shutting down\n", False),
        ("    at main (a.js:1)\n  code: 'X'\n}\nNode.js v20\n", False),
        ("copying a\ncopying b\nwrote index\nError: no room\n", False),
        ("See the manual for more.\nPlease run it again.\n", False),
        ("", False),
    ],
)
def test_a_command_went_on_where_other_lines_follow_and_no_alarm(rest: str, on: bool) -> None:
    assert went_on(rest.encode()) is on
