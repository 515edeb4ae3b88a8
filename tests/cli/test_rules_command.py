import json
from pathlib import Path

from click.testing import CliRunner
from team_rule import TEAM_RULE

from pipelinelab.cli.rules_command import command


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    return result.return_value, result.output


def team(root: Path, log: str) -> None:
    folder = root / ".pipelinelab/rules"
    folder.mkdir(parents=True)
    text = TEAM_RULE.replace('positive: ["vpn.acme.example: no answer"]', f'positive: ["{log}"]')
    (folder / "own.yml").write_text(text)


def test_words_choose_rules_by_id_category_and_title() -> None:
    code, told = run("mysql", "SOCKET")
    assert code == 0
    assert "mysql-socket " in told and all("mysql" in line and "socket" in line.lower() for line in told.splitlines())


def test_words_that_no_rule_has_are_told() -> None:
    code, told = run("mysql", "no-such-word")
    assert code == 1 and told == "error: no rule has mysql and no-such-word in its id, category or title\n"


def test_the_examples_of_the_chosen_rules_alone_are_run(tmp_path: Path) -> None:
    team(tmp_path, "vpn.acme.example: no answer")
    code, told = run("vpn", "--own", "--test", "-C", str(tmp_path))
    assert code == 0 and told == "1 rules, 4 examples, 0 failed\n"


def test_an_example_that_comes_out_otherwise_is_shown(tmp_path: Path) -> None:
    team(tmp_path, "vpn.acme.example: all is well")
    code, told = run("--own", "--test", "-C", str(tmp_path))
    assert code == 1
    assert told.splitlines()[:2] == [
        "team-vpn: a positive example gives nothing, not team-vpn",
        "  | vpn.acme.example: all is well",
    ]


def test_the_whole_rulebook_is_listed() -> None:
    code, told = run("--format", "json")
    assert code == 0 and len(json.loads(told)) >= 60
