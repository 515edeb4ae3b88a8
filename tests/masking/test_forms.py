"""What of a value is looked for: itself, its lines, its base64; nothing so short that it stands anywhere."""

import base64

from hypothesis import given
from hypothesis import strategies as st
from quotes import SECRETS

from pipelinelab.masking.forms import SHORTEST, patterns, too_short


def forms(value: str) -> list[bytes]:
    return [form for form, _ in patterns({"KEY": value})]


def test_short_values_are_left_alone_and_told():
    assert forms("abc") == []
    assert too_short({"N": "abc", "EMPTY": "", "LONG": "abcdef"}) == ("N",)


@given(st.one_of(SECRETS, st.text(max_size=80)))
def test_no_form_is_shorter_than_a_value_may_be_and_the_longest_come_first(value: str):
    sizes = [len(form) for form in forms(value)]
    assert sizes == sorted(sizes, reverse=True)
    assert all(len(form.strip()) >= SHORTEST for form in forms(value))


def test_a_value_of_several_lines_is_looked_for_whole_and_by_the_line():
    found = forms('{\n    "key": "s3cr3t-key"\n    }\n')
    assert b'{\n    "key": "s3cr3t-key"\n    }\n' in found
    assert b'"key": "s3cr3t-key"' in found
    assert b"    }" not in found


def test_a_value_that_is_json_is_looked_for_as_what_it_stands_for_too():
    assert b"MIIEpAIBAAKCAQEA" in forms(r'{"key": "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\n-----END KEY-----\n"}')
    assert b"p@ss word" in forms("p%40ss%20word")


def test_a_long_value_is_looked_for_by_the_lines_of_its_base64():
    value = "0123456789abcdef" * 8
    for width in (64, 76):
        whole = base64.b64encode(value.encode()).decode()
        assert {whole[at : at + width].encode() for at in range(0, len(whole) - width, width)} <= set(forms(value))


@given(SECRETS)
def test_two_secrets_of_one_value_have_the_first_ones_name(value: str):
    assert {name for _, name in patterns({"B": value, "A": value})} == {b"$A"}
