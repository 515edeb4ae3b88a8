"""Plain cases by pattern and every element by expat are one reader."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelinelab.reports import ReportRefused
from pipelinelab.reports.junit import read_junit
from pipelinelab.reports.junit_parse import by_elements, by_rows

PLAIN = '<testcase classname="c" name="{}" time="0.1" />'
PIECES = st.one_of(
    st.sampled_from([PLAIN.format(n) for n in "abcd"] + ["é", "日本", "a'b", "x > y"]).map(
        lambda one: one if one.startswith("<") else PLAIN.format(one)
    ),
    st.sampled_from([
        "\n", "  ", "\r\n", "\u00a0", "\x1c", "text", "&amp;", "&nope;", "<!--", "-->", "<![CDATA[", "]]>", "<?pi",
        "?>", "<failure>", "</failure>", '<failure message="m">', "<skipped/>", '<error type="E">', "</error>",
        "</testcase>",
        "<system-out>", "</system-out>", '<testsuite name="s" tests="2">', "</testsuite>", "<properties/>",
        '<testcase name="only"/>', '<testcase classname="c" name="d" time="0.1">', PLAIN.format("a&amp;b"),
        PLAIN.format("a&b"), PLAIN.format("a<b"), PLAIN.format("tab\t"), PLAIN.format("\ufffe"), PLAIN.format("\x01"),
        "<testcase classname='c' name='q' time='0.1' />", '<testcase name="f" classname="c" time="0.1" />',
        '<testcase classname="c" name="s" time="0.1" status="notrun" />', '<testcase classname="c" classname="c"/>',
        '<testcase classname="c" name="e" time="0.1"></testcase>', '<b a="', '"/>', "<pipelinelab-row/>",
    ]),
)  # fmt: skip
HEADS = st.sampled_from([
    "", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-8"?>\n', '<?xml version="1.0" encoding="latin-1"?>',
    "\ufeff", '<!DOCTYPE s [<!ATTLIST testcase status CDATA "notrun">]>', "<!-- c -->",
    '<!DOCTYPE s [<!ENTITY e "x">]>',
])  # fmt: skip
SUITE = '<testsuites><testsuite name="s" tests="3">', "</testsuite></testsuites>"


def told(reader, data: bytes):
    try:
        found = reader("r", data)
    except ReportRefused as refused:
        return str(refused)
    return found and (found.count, {n: c for n, c in found.columns.items() if any(c)}, found.suites, found.results,
                      found.attempts, str(found.problem))  # fmt: skip


@settings(max_examples=1500)
@given(HEADS, st.lists(PIECES, max_size=14), st.booleans())
@example("", [PLAIN.format("a"), "<![CDATA[", PLAIN.format("b"), "]]>", PLAIN.format("c")], True)
@example("", [PLAIN.format("a"), "<!--", PLAIN.format("b"), "-->"], True)
@example("", [PLAIN.format("a"), "<failure>", "x", PLAIN.format("b"), "  ", PLAIN.format("c"), "</failure>"], True)
@example("<!-- c -->", [PLAIN.format("a"), PLAIN.format("b"), "<!-- d -->"], False)
def test_cases_taken_by_pattern_are_those_that_expat_finds(head, pieces, wrapped):
    before, after = SUITE if wrapped else ("", "")
    data = (head + before + "".join(pieces) + after).encode("utf-8", "surrogatepass")
    quick = told(by_rows, data)
    assert quick is None or quick == told(by_elements, data)


@pytest.mark.parametrize("inside", ["{}{}", "{}\n  {}\n", "{}<testcase classname='c' name='x'/>{}", "<a/>{}<a/>{}<a/>"])
def test_plain_cases_are_taken_by_pattern_wherever_they_stand(inside):
    data = (SUITE[0] + inside.format(PLAIN.format("a"), PLAIN.format("b")) + SUITE[1]).encode()
    assert told(by_rows, data) == told(by_elements, data) is not None


@pytest.mark.parametrize(
    "data",
    [
        b"", b"<testsuite/>", PLAIN.format("a").encode(), (SUITE[0] + PLAIN.format("a")).encode(),
        (SUITE[0] + PLAIN.format("a") + "<!--" + PLAIN.format("b") + "-->" + SUITE[1]).encode(),
        (SUITE[0] + PLAIN.format("a") + SUITE[1]).encode("utf-16"),
        ("<!DOCTYPE s [<!ATTLIST testcase status CDATA 'notrun'>]>" + SUITE[0] + PLAIN.format("a") + SUITE[1]).encode(),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_left_to_expat(data):
    assert by_rows("r", data) is None


def test_an_attribute_that_a_declaration_gives_is_heeded():
    data = "<!DOCTYPE s [<!ATTLIST testcase status CDATA 'notrun'>]>" + SUITE[0] + PLAIN.format("a") + SUITE[1]
    assert [one.outcome for one in read_junit("r", data.encode())] == ["skipped"]
