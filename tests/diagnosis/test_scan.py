from hypothesis import given, settings
from hypothesis import strategies as st

from pipelinelab.diagnosis import scan
from pipelinelab.diagnosis.large_scan import CHUNK, hashed

WORDS = [b"error", b"err0r:", b"rror: x", b"Permission denied", b"enied", b"aaaa"]
pieces = st.sampled_from([*WORDS, b"aaaaaaaaaa", b"\n", b"x", b"Permission ", b"denied", b"error: x"])


def naive(text: bytes, word: bytes) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(word, at)]


@settings(max_examples=60)
@given(st.lists(pieces, max_size=40).map(b"".join))
def test_small_and_large_texts_are_searched_alike(text: bytes) -> None:
    small = scan.hits(text, scan.Words.of(WORDS))
    large = {word: places for word, places in hashed(text, sorted(WORDS)).items() if places}
    expected = {word: naive(text, word) for word in WORDS if word in text}
    for word, places in expected.items():
        first, last = places[: scan.KEEP], places[-scan.KEEP :]
        for found in (small[word], large[word]):
            assert (set(found) <= set(places) and set(first) | set(last) <= set(found)) or len(places) > 2 * scan.KEEP
    assert set(small) == set(large) == set(expected)


def test_a_word_across_two_chunks_is_found() -> None:
    text = b"." * (CHUNK - 5) + b"Permission denied" + b"." * 300_000
    assert scan.hits(text, scan.Words.of(WORDS)) == {b"Permission denied": [CHUNK - 5], b"enied": [CHUNK + 7]}


def test_frequent_words_do_not_hide_rare_ones() -> None:
    text = b"error: x\n" * 500_000 + b"Permission denied\n"
    found = scan.hits(text, scan.Words.of(WORDS))
    assert found[b"Permission denied"] == [4_500_000]
    assert len(found[b"error"]) == 2 * scan.KEEP and found[b"error"][-1] == 4_500_000 - 9
