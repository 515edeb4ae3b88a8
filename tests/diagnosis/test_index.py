from pipelinelab.diagnosis import read_rules
from pipelinelab.diagnosis.index import index_of
from pipelinelab.diagnosis.scan import hits

RULES, _ = read_rules(
    [
        (
            "own.yml",
            """
family: own
rules:
  - {id: one, title: Number one, any: [alpha, 'bravo|charlie'], cause: A first cause., cure: None., explains: [two], examples: {positive: [a], confusable: [{log: a}], green: [a]}}
  - {id: two, title: Number two, any: [charlie], requires: [delta], cause: A second cause., cure: None., examples: {positive: [a], confusable: [{log: a}], green: [a]}}
  - {id: three, title: Number three, exit_codes: [3], cause: A third cause., cure: None., examples: {positive: [a], confusable: [{log: a}], green: [a]}}
""",  # noqa: E501
        )
    ]
)
INDEX = index_of(RULES)


def candidates(text: bytes) -> list[str]:
    return [rule.id for rule in INDEX.candidates(hits(text, INDEX.words))]


def test_only_rules_that_may_match_a_text_are_tried_in_their_order() -> None:
    assert candidates(b"a charlie here") == ["one", "two"]
    assert candidates(b"bravo") == ["one"]
    assert candidates(b"delta is only required") == []


def test_rules_are_found_by_what_they_explain_and_those_without_words_by_themselves() -> None:
    assert [rule.id for rule in INDEX.causes(["two"])] == ["one"]
    assert [rule.id for rule in INDEX.wordless] == ["three"]


def test_the_same_rules_are_indexed_once() -> None:
    # Asked twice here: what was indexed when this file was read may have left the bounded cache since.
    assert index_of((*RULES,)) is index_of(RULES)
