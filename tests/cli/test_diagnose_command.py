import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from team_rule import TEAM_RULE

from pipelinelab.cli.diagnose_command import command
from pipelinelab.cli.rules_command import command as rules
from pipelinelab.system.log_input import read_stream

RED = b"+ yarn build\nbash: line 1: yarn: command not found\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_log_whose_cause_is_found_ends_with_0(folder: Path) -> None:
    (folder / "build.log").write_bytes(RED)
    result = CliRunner().invoke(command, ["build.log"], standalone_mode=False)
    assert result.return_value == 0
    assert "no command yarn" in result.output


def test_what_a_log_says_moves_no_cursor_and_colours_no_terminal(folder: Path) -> None:
    (folder / "odd.log").write_bytes(b"+ ./x\nodd \x1b]0;title\x07 \x9b31m \x0b words\rover\n")
    result = CliRunner().invoke(command, ["odd.log"], standalone_mode=False)
    assert "words" in result.output
    assert not [sign for sign in result.output if (sign < " " and sign != "\n") or "\x7f" <= sign < "\xa0"]


def test_standard_input_is_read_like_a_file(folder: Path) -> None:
    result = CliRunner().invoke(command, ["-", "--format", "json"], input=RED, standalone_mode=False)
    assert json.loads(result.output)["findings"][0]["rule"] == "command-not-found"


def test_a_log_that_no_rule_fits_ends_with_1_and_a_green_one_with_0(folder: Path) -> None:
    (folder / "odd.log").write_bytes(b"+ ./x\nerror: the flux is low\n")
    (folder / "ok.log").write_bytes(b"+ pytest\n=== 2 passed in 0.1s ===\n")
    assert CliRunner().invoke(command, ["odd.log"], standalone_mode=False).return_value == 1
    assert CliRunner().invoke(command, ["ok.log"], standalone_mode=False).return_value == 0


def test_that_a_log_without_last_words_is_red_can_be_told(folder: Path) -> None:
    (folder / "silent.log").write_bytes(b"+ git diff --name-only HEAD~1 | grep -q ^docs/\n")
    asked = CliRunner().invoke(command, ["silent.log"], standalone_mode=False)
    assert asked.return_value == 1 and "--exit-code 1" in asked.output
    told = CliRunner().invoke(command, ["silent.log", "--exit-code", "1"], standalone_mode=False)
    assert told.return_value == 0 and "[exit-grep" in told.output
    green = CliRunner().invoke(command, ["silent.log", "--exit-code", "0"], standalone_mode=False)
    assert green.return_value == 0 and "silent.log: green" in green.output


def test_a_green_log_shows_what_only_the_red_one_has(folder: Path) -> None:
    (folder / "red.log").write_bytes(b"+ ./x\nbuilding\nerror: the flux is low\n")
    (folder / "green.log").write_bytes(b"+ ./x\nbuilding\ndone\n")
    result = CliRunner().invoke(command, ["red.log", "--green", "green.log", "--format", "json"], standalone_mode=False)
    assert json.loads(result.output)["unexplained"]["unseen_in_green"][0]["line"] == 3


def test_files_are_no_business_of_a_log_that_lies_in_no_project(folder: Path) -> None:
    (folder / "settings.py").write_text(SETTINGS)
    (folder / "red.log").write_text(SOCKET)
    alone = CliRunner().invoke(command, ["red.log"], standalone_mode=False)
    assert "HOST" in alone.output and "+++ b/settings.py" not in alone.output
    (folder / "bitbucket-pipelines.yml").write_text("pipelines: {}\n")
    beside = CliRunner().invoke(command, ["red.log"], standalone_mode=False)
    assert "+++ b/settings.py" in beside.output


def test_the_pipelines_file_gives_cures_their_diffs(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub/bitbucket-pipelines.yml").write_text(
        "pipelines:\n  default:\n    - step:\n        script:\n          - yarn build\n"
    )
    (folder / "build.log").write_bytes(RED)
    result = CliRunner().invoke(command, ["build.log", "--file", "sub/bitbucket-pipelines.yml"], standalone_mode=False)
    assert "+          - npm install -g yarn" in result.output


def test_what_is_not_there_is_one_clear_error(folder: Path) -> None:
    from pipelinelab.errors import UsageError

    result = CliRunner().invoke(command, ["nothing.log"], standalone_mode=False)
    assert isinstance(result.exception, UsageError) and "nothing.log" in str(result.exception)
    assert isinstance(CliRunner().invoke(command, ["./"], standalone_mode=False).exception, UsageError)


def test_a_service_log_is_given_by_name(folder: Path) -> None:
    (folder / "build.log").write_bytes(
        b"+ x\nERROR 1045 (28000): Access denied for user 'a'@'b' (using password: YES)\n"
    )
    (folder / "mysql.log").write_bytes(b"MYSQL_PASSWORD specified, but missing MYSQL_USER; it will be ignored\n")
    arguments = ["build.log", "--service", "mysql=mysql.log", "--format", "json"]
    told = json.loads(CliRunner().invoke(command, arguments, standalone_mode=False).output)
    assert told["findings"][0]["rule"] == "mysql-service-user-missing"


def test_team_rules_take_part_and_a_wrong_one_is_named_with_its_line(folder: Path) -> None:
    (folder / ".pipelinelab/rules").mkdir(parents=True)
    (folder / ".pipelinelab/rules/own.yml").write_text(TEAM_RULE)
    (folder / ".pipelinelab/rules/wrong.yml").write_text("family: x\nrules:\n  - id: Not An Id\n")
    (folder / "build.log").write_bytes(b"+ x\nerror: vpn.acme.example: no answer\n")
    result = CliRunner().invoke(command, ["build.log"], standalone_mode=False)
    assert "The office VPN is down" in result.output
    assert "wrong.yml:3" in result.output
    tested = CliRunner().invoke(rules, ["--test", "--own"], standalone_mode=False)
    assert tested.return_value == 1 and "1 rules, 4 examples, 0 failed" in tested.output


SETTINGS = "DATABASES = {'default': {'ENGINE': 'django.db.backends.mysql', 'HOST': 'localhost', 'NAME': 'a'}}\n"
SOCKET = (
    "+ python manage.py migrate\nOperationalError: (2002, \"Can't connect to local MySQL server through socket "
    "'/run/mysqld/mysqld.sock' (2)\")\n"
)


def test_below_the_top_of_the_project_its_files_are_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bitbucket-pipelines.yml").write_text("pipelines: {}\n")
    (folder / "shop").mkdir()
    (folder / "shop/settings.py").write_text(SETTINGS)
    (folder / "shop/red.log").write_text(SOCKET)
    monkeypatch.chdir(folder / "shop")
    told = CliRunner().invoke(command, ["red.log"], standalone_mode=False)
    assert "+++ b/shop/settings.py" in told.output


def test_a_project_within_the_project_is_left_alone(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / "samples").mkdir()
    (folder / "samples/bitbucket-pipelines.yml").write_text("pipelines: {}\n")
    (folder / "samples/settings.py").write_text(SETTINGS)
    (folder / "red.log").write_text(SOCKET)
    told = CliRunner().invoke(command, ["red.log"], standalone_mode=False)
    assert told.return_value == 0 and "+++" not in told.output


@pytest.mark.parametrize(
    "arguments",
    [["--prove", "--format", "json"], ["build.log", "--prove"], ["--service", "mysql=x.log"], ["--file", "build.log"]],
)
def test_an_option_that_would_have_no_effect_is_refused(folder: Path, arguments: list[str]) -> None:
    from pipelinelab.errors import UsageError

    (folder / "build.log").write_bytes(RED)
    problem = CliRunner().invoke(command, arguments, standalone_mode=False).exception
    assert isinstance(problem, UsageError) and "does not go with" in str(problem)


def test_a_service_log_goes_with_standard_input_too(folder: Path) -> None:
    (folder / "mysql.log").write_bytes(b"MYSQL_PASSWORD specified, but missing MYSQL_USER; it will be ignored\n")
    log = b"+ x\nERROR 1045 (28000): Access denied for user 'a'@'b' (using password: YES)\n"
    told = CliRunner().invoke(
        command, ["-", "--service", "mysql=mysql.log", "--format", "json"], input=log, standalone_mode=False
    )
    assert json.loads(told.output)["findings"][0]["rule"] == "mysql-service-user-missing"


def test_line_numbers_stay_true_behind_what_was_left_out() -> None:
    lines = [b"line %d\n" % number for number in range(600_000)]
    read = read_stream(io.BytesIO(b"".join(lines)), whole=5_000_000, first=1_000_000)
    assert len(read.data) < 6_500_000 and read.note
    assert read.data.splitlines()[599_990] == b"line 599990"


def test_a_log_larger_than_the_limit_keeps_its_first_and_last_parts(tmp_path: Path) -> None:
    path = tmp_path / "big.log"
    path.write_bytes(b"first\n" + b"." * 5_000_000 + b"\nlast\n")
    with path.open("rb") as stream:
        read = read_stream(stream, whole=3_000_000, first=1_000_000)
    assert read.data.startswith(b"first\n") and read.data.endswith(b"\nlast\n")
    assert len(read.data) < 4_200_000 and "left out" in read.data.decode() and "were not" in read.note
