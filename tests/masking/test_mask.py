"""No form of a secret gets through, however the stream is cut."""

import base64
import json
import shlex
import subprocess
from html import escape
from urllib.parse import quote
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.masking.mask import Masker, patterns, too_short

VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=0x4FF), min_size=4, max_size=40)


def masked(secrets: dict[str, str], *pieces: bytes) -> bytes:
    masker = Masker(patterns(secrets))
    return b"".join([masker.feed(piece) for piece in pieces] + [masker.end()])


@given(VALUES, st.binary(max_size=30), st.binary(max_size=30), st.data())
def test_a_secret_cut_anywhere_is_replaced_by_its_name(value: str, before: bytes, after: bytes, data: st.DataObject):
    whole = before + value.encode() + after
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    result = masked({"KEY": value}, *pieces)
    assert value.encode() not in result.replace(b"$KEY", b"\0")
    assert result == masked({"KEY": value}, whole)


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=6, max_size=40), st.binary(max_size=9),
       st.binary(max_size=9))  # fmt: skip
def test_the_base64_of_a_text_that_holds_a_secret_cannot_be_decoded_back(value: str, before: bytes, after: bytes):
    text = base64.b64encode(before + value.encode() + after)
    assert text not in masked({"KEY": value}, text)


def test_a_heroku_netrc_in_base64_is_masked_at_every_alignment():
    for user in ("a:", "ab:", "abc:"):
        text = base64.b64encode(f"{user}s3cr3t-key-0123\n".encode())
        assert b"$KEY" in masked({"KEY": "s3cr3t-key-0123"}, text)


def test_the_url_form_and_each_line_of_a_private_key_are_masked():
    key = "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\nq8+/dk==\n-----END KEY-----\n"
    assert masked({"KEY": key}, b"x MIIEpAIBAAKCAQEA y") == b"x $KEY y"
    assert masked({"PASS": "p@ss/w:rd"}, quote("p@ss/w:rd", safe="").encode()) == b"$PASS"


AWKWARD = "s3&<k>'\"$z`\\ é"


@pytest.mark.parametrize(
    "written",
    [json.dumps(AWKWARD), json.dumps(AWKWARD, ensure_ascii=False), repr(AWKWARD), escape(AWKWARD), quoteattr(AWKWARD),
     shlex.quote(AWKWARD)],
)  # fmt: skip
def test_a_value_that_is_quoted_is_masked(written: str):
    found = masked({"KEY": AWKWARD}, written.encode())
    assert found.replace(b'"', b"").replace(b"'", b"") == b"$KEY"


@pytest.mark.parametrize("way", ["declare -p KEY", 'printf %q "$KEY"', 'set -x; : "$KEY"', "export -p", "set"])
def test_no_way_in_which_bash_shows_a_variable_shows_a_secret(way: str):
    value = AWKWARD.removesuffix(" é")
    done = subprocess.run(["bash", "-c", way], env={"KEY": value}, capture_output=True, check=True)
    assert b"s3" in done.stdout + done.stderr
    assert b"s3" not in masked({"KEY": value}, done.stdout + done.stderr).replace(b"-s3-", b"")


def test_short_values_are_left_alone_and_told():
    assert masked({"N": "abc"}, b"abc") == b"abc"
    assert too_short({"N": "abc", "EMPTY": "", "LONG": "abcdef"}) == ("N",)


def test_a_secret_that_holds_another_is_masked_whole():
    assert masked({"A": "secret", "B": "secret-and-more"}, b"secret-and-more") == b"$B"


@given(st.binary(max_size=200))
def test_without_secrets_the_stream_is_untouched(data: bytes):
    assert masked({}, data) == data


@given(
    st.lists(st.text("abc", min_size=4, max_size=9), min_size=1, max_size=4),
    st.lists(st.text("abcx", max_size=6), max_size=12),
)
def test_secrets_that_overlap_or_begin_alike_are_masked_alike_however_the_stream_is_cut(values, pieces):
    secrets = {f"S{number}": value for number, value in enumerate(values)}
    cut = [piece.encode() for piece in pieces]
    assert masked(secrets, *cut) == masked(secrets, b"".join(cut))


def test_a_secret_that_begins_like_another_one_does_not_let_the_rest_of_it_through():
    assert masked({"A": "pass", "B": "password123"}, b"pass", b"word123") == b"$B"
