import pytest

from pipelinelab.recording.bitbucket_log import parse_log


@pytest.mark.parametrize(("least", "result"), [("6.5", "passed"), ("9", "failed"), ("6.67", "passed")])
def test_pylints_score_is_held_against_what_the_command_asks(least: str, result: str) -> None:
    said = "app.py:1:0: C0114: Missing module docstring\n\nYour code has been rated at 6.67/10\n"
    assert parse_log(f"\x1d+ pylint app --fail-under={least}\n{said}".encode()).result == result
    assert parse_log(f"\x1d+ pylint app\n{said}".encode()).result == "unknown"


@pytest.mark.parametrize(("level", "result"), [("critical", "passed"), ("high", "failed"), ("low", "failed")])
def test_an_audit_fails_from_the_level_on_that_its_command_names(level: str, result: str) -> None:
    said = "Severity: high\n\n3 vulnerabilities (2 moderate, 1 high)\n\nTo address all issues, run:\n  npm audit fix\n"
    assert parse_log(f"\x1d+ npm audit --audit-level={level}\n{said}".encode()).result == result


def test_where_yamllint_is_strict_a_warning_fails() -> None:
    said = 'a.yml\n  1:1       warning  missing document start "---"  (document-start)\n'
    assert parse_log(f"\x1d+ yamllint --strict .\n{said}".encode()).result == "failed"
    assert parse_log(f"\x1d+ yamllint .\n{said}".encode()).result != "failed"
