"""No form of a secret gets through, however it is quoted and however the stream is cut."""

import base64
import json
import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quotes import QUOTES, SECRETS

from pipelinelab.masking.mask import Masker, patterns
from pipelinelab.recording.log_text import readable, strip_ansi

VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=0x4FF), min_size=4, max_size=40)
CUTS = st.lists(st.integers(0, 999), max_size=6)
COLOURS = ["\x1b[01;31m\x1b[K", "\x1b[m\x1b[K", "\x1b[0m", "\x1b]8;;https://x\x1b\\"]


def masked(secrets: dict[str, str], *pieces: bytes) -> bytes:
    masker = Masker(patterns(secrets))
    return b"".join([masker.feed(piece) for piece in pieces] + [masker.end()])


def cut(whole: bytes, places: list[int]) -> list[bytes]:
    cuts = sorted(place % (len(whole) + 1) for place in places)
    return [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]


@given(VALUES, st.binary(max_size=30), st.binary(max_size=30), CUTS)
def test_a_secret_cut_anywhere_is_replaced_by_its_name(value: str, before: bytes, after: bytes, places: list[int]):
    whole = before + value.encode() + after
    result = masked({"KEY": value}, *cut(whole, places))
    assert value.encode() not in result.replace(b"$KEY", b"\0")
    assert result == masked({"KEY": value}, whole)


@given(SECRETS, st.lists(st.sampled_from(sorted(QUOTES)), min_size=1, max_size=2), CUTS)
def test_a_secret_that_is_quoted_and_quoted_again_is_masked_however_it_is_cut(value: str, ways: list[str], places):
    quoted = value
    for way in ways:
        quoted = QUOTES[way](quoted)
    result = masked({"KEY": value}, *cut(f"a {quoted} b\n".encode(), places))
    assert b"$KEY" in result
    assert quoted.strip("'\"").encode() not in result
    assert not [word for word in re.findall("[A-Za-z0-9]{4,}", value) if word.encode() in result]
    assert result == masked({"KEY": value}, f"a {quoted} b\n".encode())


@given(SECRETS, st.sampled_from(["as it is", "JSON", "a URL", "HTML"]), CUTS, st.data())
def test_a_secret_within_colours_is_masked_before_anything_takes_them_out(value: str, way: str, places, data):
    quoted = QUOTES[way](value)
    for place in data.draw(st.lists(st.integers(0, len(quoted)), min_size=1, max_size=4)):
        quoted = quoted[:place] + data.draw(st.sampled_from(COLOURS)) + quoted[place:]
    if strip_ansi(quoted.encode()) != QUOTES[way](value).encode():
        return  # one was put into another
    result = masked({"KEY": value}, *cut(f"a {quoted} b\n".encode(), places))
    assert QUOTES[way](value).strip('"') not in readable(result)
    assert "$KEY" in readable(result)


def test_a_colour_within_a_secret_goes_on_behind_its_name():
    line = b"\x1b[01;31m\x1b[Ktopsecret\x1b[32mpassword\x1b[m\x1b[K=1\n"
    assert masked({"KEY": "topsecretpassword"}, line) == b"\x1b[01;31m\x1b[K$KEY\x1b[32m\x1b[m\x1b[K=1\n"


@given(st.text(st.characters(min_codepoint=33, max_codepoint=0x17F), min_size=8, max_size=200), st.binary(max_size=70),
       st.binary(max_size=20), st.sampled_from([60, 64, 76]), st.sampled_from(["\n", "\r\n", "\n    "]), st.booleans(),
       CUTS)  # fmt: skip
def test_base64_that_is_wrapped_is_masked_wherever_the_secret_stands_in_it(
    value: str, before: bytes, after: bytes, width: int, end: str, in_json: bool, places: list[int]
):
    whole = base64.b64encode(before + value.encode() + after).decode()
    text = end.join(whole[at : at + width] for at in range(0, len(whole), width))
    written = (json.dumps({"content": text}) if in_json else f"{text}\n").encode()
    result = masked({"KEY": value}, *cut(written, places))
    assert result == masked({"KEY": value}, written)
    bits = (len(before) * 8, (len(before) + len(value.encode())) * 8)
    left = re.sub(rb"\s|\\[rn]", b"", result).decode()
    own = whole[-(-bits[0] // 6) : bits[1] // 6]
    others = whole[: -(-bits[0] // 6)], whole[bits[1] // 6 :]
    for piece in (own[at : at + 12] for at in range(len(own) - 11)):
        assert piece not in left or any(piece in other for other in others)


PEM = (
    "-----BEGIN KEY-----\n"
    + "\n".join(base64.b64encode(bytes(range(n, n + 48))).decode() for n in range(9))
    + "\nw==\n"
)


@pytest.mark.parametrize("value", [PEM, "one-line/" * 20])
@pytest.mark.parametrize("written", [
    lambda wrapped: wrapped, lambda wrapped: wrapped.replace("\n", "\r\n"), lambda wrapped: wrapped.replace("\n", " "),
    lambda wrapped: "".join(f"web_1  | {line}\n" for line in wrapped.split()), lambda wrapped: wrapped.split()[0],
    json.dumps, repr,
])  # fmt: skip
def test_no_line_of_wrapped_base64_is_left_whatever_stands_around_it(value: str, written):
    for width in (64, 76):
        whole = base64.b64encode(value.encode()).decode()
        wrapped = "".join(f"{whole[at : at + width]}\n" for at in range(0, len(whole), width))
        result = masked({"KEY": value}, written(wrapped).encode()).decode()
        assert not [line for line in wrapped.split() if len(line) > 16 and line.rstrip("=")[:-1] in result]


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
    assert masked({"PASS": "p@ss/w:rd"}, b"p%40ss%2Fw%3Ard p%40ss%2fw%3ard") == b"$PASS $PASS"


AWKWARD = "s3&<k>'\"$z`\\ é"


@pytest.mark.parametrize("way", ["declare -p KEY", 'printf %q "$KEY"', 'set -x; : "$KEY"', "export -p", "set"])
def test_no_way_in_which_bash_shows_a_variable_shows_a_secret(way: str):
    done = subprocess.run(["bash", "-c", way], env={"KEY": AWKWARD}, capture_output=True, check=True)
    assert b"s3" in done.stdout + done.stderr
    assert b"s3" not in masked({"KEY": AWKWARD}, done.stdout + done.stderr).replace(b"-s3-", b"")


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


def test_nothing_is_left_of_secrets_that_overlap():
    assert masked({"A": "abcdef", "B": "defghijk"}, b"-abcdefghijk-") == b"-$B-"


@pytest.mark.parametrize(
    "text", ["no reply, my app (C:\\temp\\new, 50% & more)\n", "noreply my_app\n", "a\nb 'it' \"x\"\n"]
)
def test_what_is_not_a_secret_is_left_as_it_is(text: str):
    assert masked({"A": "no-reply", "B": "my-app", "C": "abit"}, text.encode()) == text.encode()


@pytest.mark.parametrize(
    "text", ["Password: ", "Continue? [Y/n] ", "50 of 90", "line\n", "\x1b[32mdone\x1b[0m", "x" * 70 + "\n"]
)
def test_what_begins_no_secret_is_given_at_once(text: str):
    assert Masker(patterns({"KEY": "s3cr3t-key-0123"})).feed(text.encode()) == text.encode()


def test_a_stream_that_only_changes_its_colour_after_the_beginning_of_a_secret_is_not_held_for_ever():
    masker = Masker(patterns({"KEY": "s3cr3t-key-0123"}))
    given_out = [masker.feed(piece) for piece in [b"s3c", *[b"\x1b[0m" * 1000] * 40]]
    assert len(b"".join(given_out)) > 80_000
    assert len(masker.held) < 80_000


def test_what_was_given_out_at_the_end_of_a_command_is_not_taken_for_the_beginning_of_the_next():
    masker = Masker(patterns({"KEY": "s3cr3t-key-0123"}))
    assert masker.feed(b"s3cr3t-") + masker.end() == b"s3cr3t-"
    assert masker.feed(b"key-0123") + masker.end() == b"key-0123"
