import pytest

from pipelinelab.diagnosis.questions import VOCABULARY, ask, holds


def test_a_question_takes_exactly_its_arguments() -> None:
    assert ask("port_open", {"port": "3306", "host": "127.0.0.1"}, 0).mapping == {"host": "127.0.0.1", "port": "3306"}
    with pytest.raises(ValueError, match="host, port"):
        ask("port_open", {"port": "3306"}, 0)
    with pytest.raises(KeyError):
        ask("phase_of_the_moon", {}, 0)


@pytest.mark.parametrize(
    ("conditions", "answer", "expected"),
    [
        ({"open": True}, {"open": True, "since_s": None}, True),
        ({"open": True}, {"open": False}, False),
        ({"open": True}, {"open": None}, None),
        ({"open": True}, None, None),
        ({"total": {"at_least": 1}}, {"total": 0}, False),
        ({"free_mib": {"below": 500}}, {"free_mib": 12}, True),
        ({"charset": {"not": "utf8mb4"}}, {"charset": "latin1"}, True),
        ({"mode": {"matches": "STRICT"}}, {"mode": "STRICT_TRANS_TABLES"}, True),
        ({"charsets": {"contains": "latin1"}}, {"charsets": ["latin1", "utf8"]}, True),
        ({"host": {"in": ["", "localhost"]}}, {"host": ""}, True),
        ({"a": 1, "b": 2}, {"a": 1}, None),
    ],
)
def test_conditions_hold_fail_or_stay_unknown(conditions: dict[str, object], answer: object, expected: object) -> None:
    assert holds(conditions, answer) is expected


def test_the_module_documents_every_question() -> None:
    from pipelinelab.diagnosis import questions

    assert all(f"| {name} |" in (questions.__doc__ or "") for name in VOCABULARY)
