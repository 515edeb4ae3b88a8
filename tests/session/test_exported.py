"""What a probe is told of the variables that a script had set."""
# ruff: noqa: E501 - scripts are lines of their own length

import pytest

from pipelinelab.recording.records import CommandRecord, StepRecord
from pipelinelab.session.exported import exported, reads_more


def step(*commands: str) -> StepRecord:
    records = [
        CommandRecord(phase="script", index=at, command=one, result="passed" if at < len(commands) - 1 else "failed")
        for at, one in enumerate(commands)
    ]
    return StepRecord(index=1, name="Test", result="failed", commands=tuple(records))


@pytest.mark.parametrize(
    ("commands", "found"),
    [
        (("export DB_PORT=3307", "export NAME='a b' HOST=db", "./t"), {"DB_PORT": "3307", "NAME": "a b", "HOST": "db"}),
        (("DJANGO_SETTINGS_MODULE=shop.test A=1 python manage.py test B=2",), {"DJANGO_SETTINGS_MODULE": "shop.test", "A": "1"}),
        (("export DB_PASSWORD=$ROOT_PW", 'export URL="http://$HOST"', "./t"), {}),
        (("export A=1 && export B=2", "./t"), {"A": "1"}),
        (("A=1", "echo export A=1", "export 'A=never closed", "./t"), {}),
    ],
)  # fmt: skip
def test_plain_values_of_the_script_itself_are_known(commands: tuple[str, ...], found: dict[str, str]) -> None:
    assert exported(step(*commands)) == found


def test_a_script_that_reads_variables_from_a_file_may_have_more() -> None:
    assert reads_more(step("set -a; . ./.env; set +a", "./t"))
    assert reads_more(step("source venv/bin/activate", "./t"))
    assert not reads_more(step("./t . x"))
