"""Whatever quotes a text, one of its layers is the text again, and each layer knows where it stands in what came."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quotes import QUOTES, SECRETS

from pipelinelab.masking.layers import layers

ESCAPED = [
    r"\u0026 \u003c \U0001f600 \ud83d\ude00",
    r"\x26 \074 \xf0\x9f\x98\x80 \360\237\230\200",
    "%26%20%3C%20%f0%9F%98%80",
    "&amp; &lt; &#128512; &#x1f600; &#x1F600;", r"\\u0026 \\\\u003c", "%255Cu0026", "&amp;lt;",
    "\x1b[31m&\x1b[0m \x1b]8;;http://x\x1b\\<\x1b]0;title\x07",
]  # fmt: skip


def read(text: bytes, last: bool = True) -> list[bytes]:
    return [layer.text for layer, _ in layers(text, last=last)]


@pytest.mark.parametrize("escaped", ESCAPED)
def test_escapes_percent_signs_entities_and_colours_are_read_back(escaped: str):
    assert set(read(escaped.encode())[-1].decode()) <= set("&< 😀\x1c4")


@given(st.sampled_from(sorted(QUOTES)), SECRETS)
def test_what_is_quoted_once_is_read_back_to_the_byte_or_read_on_like_the_text_itself(how: str, text: str):
    quoted, data = QUOTES[how](text).encode(), text.encode()
    forms = {data, data.replace(b" ", b"+"), read(data)[-1]}
    assert any(form in layer for form in forms for layer in read(quoted))


@given(st.sampled_from(sorted(QUOTES)), SECRETS, st.sampled_from(["", "a ", "[1, "]), st.sampled_from(["", " b", "]"]))
def test_a_layer_knows_where_its_bytes_stand_in_what_came(how: str, text: str, before: str, after: str):
    quoted = QUOTES[how](text)
    for layer, _ in layers((before + quoted + after).encode()):
        at = layer.text.find(text.encode())
        if at >= 0:
            begin, end = layer.raw(at, at + len(text.encode()))
            inner = (before + quoted + after).encode()[begin:end]
            assert any(text.encode() in one for one in read(inner))
            assert inner in quoted.encode()
            return


@pytest.mark.parametrize("width", [60, 64, 76])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\n  "])
def test_the_line_breaks_of_wrapped_base64_are_taken_out_also_where_json_quotes_them(width: int, end: str):
    whole = base64.b64encode(bytes(range(200))).decode()
    wrapped = end.join(whole[at : at + width] for at in range(0, len(whole), width))
    assert whole.encode() in read(wrapped.encode())
    assert any(whole.encode() in one for one in read(json.dumps(wrapped).encode()))


def test_lines_of_ordinary_output_stay_lines():
    text = b"INFO first\nsecond line\n" + b"/usr/lib/python3/dist-packages/x.py\n" + b"=" * 70 + b"\nend\n"
    assert read(text) == [text]


BEGINNINGS = [
    "\\", "\\u00", "\\\\u002", "\\ud83d", "\\ud83d\\ude", "%", "%2", "&", "&#3", "&am", "'", "'\\", "'\\'", "'\"",
    "'\"'", "\x1b", "\x1b[1;3", "\x1b]8;;http://x", "\r", "%5", "%5C%", "\\\\", "\\r",
]  # fmt: skip


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_the_beginning_of_something_quoted_is_not_read_before_the_rest_has_come(beginning: str):
    text = b"ab\ncd" + beginning.encode()
    assert min(reach for _, reach in layers(text, last=False)) == 5
    assert {reach for _, reach in layers(text, last=True)} == {len(text)}


def test_a_text_is_read_no_further_than_it_is_worth():
    assert read(b"%41 %42")[-1] == b"A B"
    assert [layer.text for layer, _ in layers(b"%41 %42", lambda text: len(text) - 3)][-1] == b"B"


@given(st.binary(max_size=60))
def test_any_bytes_are_read(data: bytes):
    for layer, reach in layers(data, last=False):
        assert reach <= len(data)
        if layer.text:
            assert 0 <= layer.raw(0, len(layer.text))[0] <= layer.raw(0, len(layer.text))[1] <= len(data)
