"""What ``pipelinelab explain`` tells."""

from click.testing import CliRunner

from pipelinelab.cli.explain_command import command
from pipelinelab.errors import UsageError
from pipelinelab.reading.codes import CODES


def test_a_code_is_told_with_an_example_and_what_to_write_instead() -> None:
    output = CliRunner().invoke(command, ["PL108"], standalone_mode=False).output
    assert "MYSQL_RANDOM_ROOT_PASSWORD: yes" in output
    assert "must be a map" in output
    assert "Instead" in output


def test_all_codes_are_listed_without_one() -> None:
    output = CliRunner().invoke(command, [], standalone_mode=False).output
    assert all(code in output for code in CODES)


def test_an_unknown_code_gets_a_suggestion() -> None:
    result = CliRunner().invoke(command, ["PL1088"], standalone_mode=False)
    assert isinstance(result.exception, UsageError)
    assert "PL108" in result.exception.hint
