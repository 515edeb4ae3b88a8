"""JUnit XML as the tools of the field write it, and as broken runs leave it."""

import gc
import time
from xml.sax.saxutils import quoteattr

import junitparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.reports import ReportRefused, read
from pipelinelab.reports.junit import read_junit

NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=30)


def suite(*cases: str, tests: int | None = None) -> bytes:
    declared = "" if tests is None else f' tests="{tests}"'
    inside = f'<testsuite name="pytest"{declared}>{"".join(cases)}</testsuite>'
    return f'<?xml version="1.0" encoding="utf-8"?><testsuites>{inside}</testsuites>'.encode()


def case(name: str, inside: str = "", place: str = "tests.test_a") -> str:
    return f'<testcase classname="{place}" name="{name}" time="0.25">{inside}</testcase>'


def outcomes(data: bytes) -> list[tuple[str, str]]:
    return [(one.test, one.outcome) for one in read("report.xml", data)]


def test_a_case_has_its_suite_name_outcome_seconds_position_and_message():
    found = read("r.xml", suite(case("test_ok"), case("test_bad", '<failure message="assert 1 == 2">trace</failure>')))
    assert found[0] == ("tests.test_a", "test_ok", "passed", 0.25, 0, "")
    assert found[1] == ("tests.test_a", "test_bad", "failed", 0.25, 1, "assert 1 == 2")


def test_a_failure_without_a_message_tells_its_text():
    found = read("r.xml", suite(case("test_bad", "<failure type='AssertionError'>\nE  boom &lt;1&gt;\n</failure>")))
    assert found[0].message == "E  boom <1>"


@pytest.mark.parametrize(
    ("inside", "outcome"),
    [
        ("", "passed"), ("<system-out>noise</system-out>", "passed"), ("<error message='x'/>", "error"),
        ("<skipped/>", "skipped"), ('<skipped type="pytest.skip" message="no"/>', "skipped"),
        ('<skipped type="pytest.xfail" message=""/>', "xfailed"),
    ],
)  # fmt: skip
def test_outcomes(inside, outcome):
    assert outcomes(suite(case("t", inside))) == [("t", outcome)]


def test_a_rerun_that_has_no_result_is_a_failed_attempt_and_no_pass():
    data = suite(
        case("flaky"), case("flaky"), case("other"), case("bad"), case("bad", "<failure message='m'/>"), tests=3
    )
    assert outcomes(data) == [
        ("flaky", "failed"), ("flaky", "passed"), ("other", "passed"), ("bad", "failed"), ("bad", "failed"),
    ]  # fmt: skip


def test_two_tests_of_one_name_that_the_suite_counts_are_two_passes():
    assert outcomes(suite(case("same"), case("same"), tests=2)) == [("same", "passed"), ("same", "passed")]


def test_surefire_attempts_come_before_the_result():
    data = suite(case("t", '<flakyFailure message="first try">x</flakyFailure><system-out>y</system-out>'))
    assert [(one.outcome, one.message) for one in read("r", data)] == [("failed", "first try"), ("passed", "")]


def test_a_case_without_a_class_belongs_to_its_testsuite():
    data = b'<testsuite name="spec"><testcase name="a"/><testcase name="b" classname="C" time="1,234.5"/></testsuite>'
    assert [one[:4] for one in read("r", data)] == [("spec", "a", "passed", None), ("C", "b", "passed", 1234.5)]


def test_gtest_says_notrun():
    data = b'<testsuite name="S"><testcase name="a" classname="S" status="notrun" time="0"/></testsuite>'
    assert outcomes(data) == [("a", "skipped")]


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "iso-8859-1"])
def test_encodings(codec):
    inside = '<testsuite name="é"><testcase classname="é" name="naïve"/></testsuite>'
    text = f'<?xml version="1.0" encoding="{codec}"?>{inside}'
    assert outcomes(text.encode(codec)) == [("naïve", "passed")]


def test_an_entity_bomb_is_refused_at_once():
    bomb = '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY a{n} "{"&a%s;" % (n - 1 or "") * 10}">' for n in range(1, 10)
    )
    data = (bomb + "]><testsuite><testcase name='&a9;'/></testsuite>").encode()
    began = time.monotonic()
    with pytest.raises(ReportRefused, match="entities"):
        read("bomb.xml", data)
    assert time.monotonic() - began < 1


def test_an_outside_entity_is_refused():
    data = b'<!DOCTYPE t [<!ENTITY x SYSTEM "file:///etc/hostname">]><testsuite><testcase name="&x;"/></testsuite>'
    with pytest.raises(ReportRefused, match="entities"):
        read("x.xml", data)


def test_a_truncated_report_says_where_and_keeps_the_whole_cases():
    data = suite(case("one"), case("two", "<failure message='m'/>"), case("three"))
    with pytest.raises(ReportRefused, match=r"^cut\.xml:1:\d+: not well-formed") as found:
        read("cut.xml", data[: data.index(b"three")])
    assert [one.test for one in found.value.cases] == ["one", "two"][: len(found.value.cases)]
    assert "killed" in found.value.hint


@given(st.integers(0, 600))
def test_whatever_is_cut_off_gives_one_error_or_whole_cases(at):
    data = suite(*[case(f"t{n}", "<failure message='m'>text</failure>" if n % 2 else "") for n in range(6)])
    whole = read("r", data)
    try:
        assert read("r", data[:at]) == whole
    except ReportRefused as problem:
        assert problem.cases == whole[: len(problem.cases)]


@pytest.mark.parametrize("data", [b"<html><body/></html>", b'<?xml version="1.0"?><test-run/>', b"<project/>"])
def test_foreign_xml_is_named(data):
    with pytest.raises(ReportRefused, match="no JUnit report: its root is"):
        read("x.xml", data)


@given(st.lists(st.tuples(NAMES, NAMES), min_size=1, max_size=20))
def test_names_of_every_script_come_back_as_junitparser_reads_them(names):
    text = "<testsuite name='s'>" + "".join(
        f"<testcase classname={quoteattr(a)} name={quoteattr(b)} time='0.1'/>" for a, b in names
    )
    data = (text + "</testsuite>").encode()
    theirs = [(one.classname, one.name) for one in junitparser.TestSuite.fromstring(data)]
    assert [one[:2] for one in read("r", data)] == theirs


def test_the_collector_is_left_as_it_was_found():
    gc.disable()
    try:
        read_junit("r", suite(case("a")))
        assert not gc.isenabled()
    finally:
        gc.enable()
    read_junit("r", suite(case("a")))
    assert gc.isenabled()


def test_a_hundred_thousand_cases_are_read():
    data = suite(*[f'<testcase classname="m{n % 99}" name="t{n}" time="0.001"/>' for n in range(100_000)])
    found = read("r", data)
    assert len(found) == 100_000
    assert found[-1] == ("m9", "t99999", "passed", 0.001, 99_999, "")
