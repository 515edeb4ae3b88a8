"""What pytest, unittest and Django print, and the JSON of mocha and jest."""

import json
import subprocess
import sys
import textwrap

import pytest

from pipelinelab.reports import ReportRefused, kind_of, read

PYTEST = """
============================= test session starts ==============================
tests/test_a.py::test_ok PASSED                                          [ 10%]
tests/test_a.py::test_says hello
PASSED                                                                   [ 20%]
tests/test_a.py::test_p[a b] FAILED                                      [ 30%]
tests/test_a.py::TestC::test_m SKIPPED (no net)                          [ 40%]
tests/test_a.py::test_x XFAIL (later)                                    [ 50%]
tests/test_a.py::test_t PASSED                                           [ 60%]
tests/test_a.py::test_t ERROR                                            [ 60%]
tests/test_a.py::test_r RERUN                                            [ 70%]
tests/test_a.py::test_r PASSED                                           [ 70%]
=========================== short test summary info ============================
FAILED tests/test_a.py::test_p[a b] - AssertionError: assert 1 == 2
ERROR tests/test_a.py::test_t - RuntimeError: down
==================== 1 failed, 5 passed, 1 error in 0.12s ======================
"""


def test_pytest_text_gives_each_test_in_the_order_it_ran():
    found = read("log", PYTEST.encode())
    assert [(one.test, one.outcome) for one in found] == [
        ("test_ok", "passed"), ("test_says", "passed"), ("test_p[a b]", "failed"), ("test_m", "skipped"),
        ("test_x", "xfailed"), ("test_t", "passed"), ("test_t", "error"), ("test_r", "failed"), ("test_r", "passed"),
    ]  # fmt: skip
    assert found[2].message == "AssertionError: assert 1 == 2"
    assert found[3].suite == "tests.test_a.TestC"


def test_without_v_the_summary_tells_the_failures():
    text = "==== short test summary info ====\nFAILED tests/test_a.py::test_b - ValueError: no\n==== 1 failed ===="
    assert read("log", text.encode())[0][:3] == ("tests.test_a", "test_b", "failed")


def test_xdist_lines():
    text = "=== test session starts ===\n[gw0] [ 50%] PASSED tests/test_a.py::test_b \n"
    assert read("log", text.encode())[0][:3] == ("tests.test_a", "test_b", "passed")


SUITE = '''
import unittest

class A(unittest.TestCase):
    def test_doc(self):
        """A first line (with brackets). More."""
    def test_prints(self):
        print("partial", end="")
    def test_says_ok(self):
        print("all is ok")
        self.fail("and yet")
    def test_error(self):
        raise KeyError("x")
    @unittest.skip("it's off")
    def test_skip(self): pass
    @unittest.expectedFailure
    def test_known(self): self.fail()
    @unittest.expectedFailure
    def test_mended(self): pass
    def test_parts(self):
        for i in range(3):
            with self.subTest(i=i): self.assertEqual(i, 1)
    def test_жук(self): pass

class B(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise ValueError("no")
    def test_b(self): pass
'''


def test_unittest_text_of_this_python_is_read(tmp_path):
    (tmp_path / "tests.py").write_text(SUITE, encoding="utf-8")
    ran = subprocess.run([sys.executable, "-X", "utf8", "-u", "-m", "unittest", "-v", "tests"], cwd=tmp_path,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)  # fmt: skip
    found = {one.test: one for one in read("log", ran.stdout)}
    assert {name: one.outcome for name, one in found.items()} == {
        "test_doc": "passed", "test_prints": "passed", "test_says_ok": "failed", "test_error": "error",
        "test_skip": "skipped", "test_known": "xfailed", "test_mended": "xpassed", "test_parts": "failed",
        "test_жук": "passed", "setUpClass": "error",
    }  # fmt: skip
    assert found["test_error"].message == "KeyError: 'x'"
    assert found["test_skip"].message == "it's off"
    assert {one.suite for one in found.values()} == {"tests.A", "tests.B"}


OLD = """
Creating test database for alias 'default' ('test_shop')...
test_a (shop.tests.CartTest) ... ok
test_sub (shop.tests.CartTest) ... test_z (shop.tests.CartTest)
It is documented. ... skipped u'no mysql'
test_says (shop.tests.CartTest) ... hello
ok
======================================================================
FAIL: test_sub (shop.tests.CartTest) (i=2)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "tests.py", line 3, in test_sub
AssertionError: 2 != 1

----------------------------------------------------------------------
Ran 4 tests in 0.004s

FAILED (failures=1, skipped=1)
"""


def test_an_old_runner_leaves_no_status_for_a_failed_subtest():
    found = read("log", OLD.encode())
    assert [(one.test, one.outcome) for one in found] == [
        ("test_a", "passed"), ("test_sub", "failed"), ("test_z", "skipped"), ("test_says", "passed"),
    ]  # fmt: skip
    assert found[1].message == "AssertionError: 2 != 1"


def test_an_output_that_breaks_off_names_the_test_that_ran():
    text = "test_a (shop.tests.T) ... ok\ntest_b (shop.tests.T) ... "
    assert [one.outcome for one in read("log", text.encode())] == ["passed", "error"]


def test_mocha_json_is_found_inside_the_console_and_retries_are_attempts():
    tests = [
        {"title": "adds", "fullTitle": "cart adds", "duration": 12, "currentRetry": 2, "err": {}},
        {"title": "sums", "fullTitle": "cart sums", "currentRetry": 0, "err": {"message": "1 != 2"}},
        {"title": "later", "fullTitle": "cart later", "err": {}},
    ]
    hook = {"title": '"before each" hook', "fullTitle": 'cart "before each" hook', "err": {"message": "down"}}
    report = {"stats": {}, "tests": tests, "pending": [tests[2]], "failures": [tests[1], hook], "passes": [tests[0]]}
    text = "console {noise\n" + json.dumps(report) + "\ndone"
    assert [(one.suite, one.test, one.outcome, one.seconds) for one in read("m.json", text.encode())] == [
        ("cart", "adds", "failed", None), ("cart", "adds", "failed", None), ("cart", "adds", "passed", 0.012),
        ("cart", "sums", "failed", None), ("cart", "later", "skipped", None),
        ("cart", '"before each" hook', "failed", None),
    ]  # fmt: skip


def test_jest_json_with_a_retry_and_a_file_that_could_not_run():
    report = {"numTotalTests": 2, "testResults": [
        {"name": "/a.test.js", "status": "passed", "assertionResults": [
            {"ancestorTitles": ["cart"], "title": "adds", "status": "passed", "duration": 5, "retryReasons": ["boom"]},
            {"ancestorTitles": [], "title": "todo", "status": "todo"}]},
        {"name": "/b.test.js", "status": "failed", "assertionResults": [], "message": "SyntaxError"},
    ]}  # fmt: skip
    assert [one[:3] for one in read("j.json", json.dumps(report).encode())] == [
        ("cart", "adds", "failed"), ("cart", "adds", "passed"), ("/a.test.js", "todo", "skipped"),
        ("/b.test.js", "(the file)", "error"),
    ]  # fmt: skip


def test_a_cut_mocha_report_is_refused():
    with pytest.raises(ReportRefused, match="no whole mocha report"):
        read("m.json", b'{"stats": {}, "tests": [], "failures": [')


def test_reportlog_folds_setup_call_and_teardown():
    def line(**fields):
        return json.dumps({"$report_type": "TestReport", "nodeid": "t/test_a.py::test_b", "duration": 0.5, **fields})

    crash = {"reprcrash": {"message": "assert 0"}}
    text = "\n".join([
        '{"pytest_version": "8", "$report_type": "SessionStart"}', line(when="setup", outcome="passed"),
        line(when="call", outcome="failed", longrepr=crash), line(when="teardown", outcome="passed"),
        line(when="setup", outcome="passed"), '{"cut',
    ])  # fmt: skip
    found = read("l.jsonl", text.encode())
    assert found[0] == ("t.test_a", "test_b", "failed", 1.5, 0, "assert 0")
    assert found[1].outcome == "error" and "ended" in found[1].message


@pytest.mark.parametrize("data", [b"", b"\x00\xff\x00", b"hello", b"{}", b"\x89PNG\r\n", "日本語".encode() * 1000])
def test_what_is_no_report_is_refused_by_name(data):
    assert kind_of(data) == ""
    with pytest.raises(ReportRefused, match=r"^thing: this is no test report"):
        read("thing", data)


def test_pytest_and_its_junit_file_name_a_test_alike(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "test_a.py").write_text(
        textwrap.dedent("""
        import pytest
        class TestC:
            @pytest.mark.parametrize("x", ["a::b", "c/d.py"])
            def test_m(self, x): pass
    """)
    )
    ran = subprocess.run([sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "--junitxml=r.xml"],
                         cwd=tmp_path, stdout=subprocess.PIPE, check=True)  # fmt: skip
    printed = [one[:2] for one in read("log", ran.stdout)]
    assert printed == [one[:2] for one in read("r.xml", (tmp_path / "r.xml").read_bytes())]
