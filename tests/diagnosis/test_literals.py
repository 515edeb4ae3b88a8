import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.diagnosis.literals import NoLiteral, required
from pipelinelab.diagnosis.rulebook import shipped


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"No space left on device", ("No space left on device",)),
        (r"[Nn]o space left", ("o space left",)),
        (r"port (?P<port>\d+) is taken", (" is taken",)),
        (r"(?:ETIMEDOUT|ECONNRESET)", ("ETIMEDOUT", "ECONNRESET")),
        (r"ENOSPC|EMFILE", ("ENOSPC", "EMFILE")),
        (r"colou?r code", ("r code",)),
        (r"(?<!not )found it", ("found it",)),
        (r"a\.b\.c\(d", ("a.b.c(d",)),
        (r"ab{3}cdef", ("bcdef",)),
    ],
)
def test_the_plain_text_that_a_match_must_hold(pattern: str, words: tuple[str, ...]) -> None:
    assert required(pattern) == words


@pytest.mark.parametrize("pattern", [r"\d+", r"a.b.c", r"(?:long enough|x)", r"(long enough)?", r"[a-z]{9}"])
def test_an_expression_that_asks_for_no_plain_text_is_refused(pattern: str) -> None:
    with pytest.raises(NoLiteral):
        required(pattern)


def test_of_several_alternatives_the_one_with_too_little_plain_text_is_named() -> None:
    with pytest.raises(NoLiteral, match=r"every match of '\[Mm\]y\[Ss\]ql' holds"):
        required("[Dd]atabase|[Mm]y[Ss]ql|postgres")


def test_every_example_of_the_rulebook_that_an_expression_matches_holds_one_of_its_words() -> None:
    for rule in shipped():
        for pattern in rule.any:
            for log in rule.examples.positive:
                try:
                    found = re.search(pattern.source, log, re.MULTILINE)
                except re.error:
                    continue
                if found:
                    assert any(word.decode() in log for word in pattern.words), (rule.id, pattern.source)


parts = st.sampled_from(
    ["abcd", "efgh", "x", r"\d", "[yz]", "(?:abcd|efgh)", "(?:qrst)?", "(uvwx)+", r"\.", "m*", "n{2}"]
)
texts = st.text(alphabet="abcdefghxyz0.qrstuvwmn", max_size=40)


@given(st.lists(parts, min_size=1, max_size=5).map("".join), texts)
def test_whatever_matches_holds_a_required_word(pattern: str, text: str) -> None:
    try:
        words = required(pattern)
    except NoLiteral:
        return
    found = re.search(pattern, text)
    assert found is None or any(word in found.group() for word in words)
