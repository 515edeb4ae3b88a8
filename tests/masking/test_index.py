"""A quick no is never wrong: what is there is found, and what may begin is known."""

import random

from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.masking.index import index

WORDS = st.lists(st.text("ab\n", min_size=4, max_size=30).map(str.encode), min_size=1, max_size=5, unique=True)
TEXTS = st.text("ab\nc", max_size=60).map(str.encode)


@given(WORDS, TEXTS, st.data())
def test_each_place_of_each_form_is_found(words: list[bytes], text: bytes, data: st.DataObject):
    text += data.draw(st.sampled_from(words)) + text
    found = index(tuple((word, b"$" + word) for word in words)).found(text)
    there = {(at, word, b"$" + word) for word in words for at in range(len(text)) if text.startswith(word, at)}
    assert set(found) == there


@given(WORDS, TEXTS, st.data())
def test_the_longest_end_that_begins_a_form_is_known(words: list[bytes], text: bytes, data: st.DataObject):
    word = data.draw(st.sampled_from(words))
    text += word[: data.draw(st.integers(0, len(word) - 1))]
    ends = [at for at in range(len(text)) for one in words if len(one) > len(text) - at and one.startswith(text[at:])]
    assert index(tuple((one, b"$X") for one in words)).beginning(text) == min(ends, default=len(text))


def test_long_runs_of_letters_are_found_among_others_and_alone():
    signs = random.Random(1)
    word = "".join(signs.choices("abcdefghijklmnopqrstuvwxyzABCDEF0123456789", k=60)).encode()
    forms = index(((word, b"$KEY"),))
    assert list(forms.found(b"x" * 100 + word)) == [(100, word, b"$KEY")]
    assert forms.worth(b"a " + word[:40] + b" b", last=False) == 0
    assert forms.worth(b"a " + word[:30] + b" b", last=True) == 34


def test_a_text_without_the_core_of_a_form_is_worth_reading_at_its_end_only():
    forms = index(((b"s3cr3t-&<", b"$KEY"),))
    text = b"%20" * 1000
    assert forms.worth(text, last=True) == len(text)
    assert len(text) - 100 < forms.worth(text, last=False) < len(text)
    assert forms.worth(text + b"s3cr3t", last=False) == 0
    assert index(((b"!&<!", b"$KEY"),)).worth(text, last=True) == 0
