import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from team_rule import TEAM_RULE

from pipelinelab.cli.explain_command import command as explain
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


def test_a_teams_rules_count_in_every_folder_of_the_repository_and_explain_shows_them(tmp_path: Path) -> None:
    team(tmp_path, "vpn.acme.example: no answer")
    (tmp_path / ".git").mkdir()
    (tmp_path / "sub").mkdir()
    assert "team-vpn" in run("--own", "-C", str(tmp_path / "sub"))[1]
    page = CliRunner().invoke(explain, ["team-vpn", "-C", str(tmp_path / "sub")], standalone_mode=False).output
    assert "The office VPN is down" in page


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("    cures: [{kind: rm-rf, title: x}]", "no cure is of the kind 'rm-rf'"),
        ("    alternatives: [{what: x, ask: the_weather}]", "'the_weather' is not one of"),
        ("    explains: [no-such-rule]", "explains no-such-rule, and no rule has that id"),
    ],
)
def test_what_a_teams_rule_names_and_is_not_there_is_told(tmp_path: Path, line: str, said: str) -> None:
    team(tmp_path, "vpn.acme.example: no answer")
    path = tmp_path / ".pipelinelab/rules/own.yml"
    path.write_text(path.read_text().replace("    examples:", f"{line}\n    examples:", 1))
    code, told = run("--own", "-C", str(tmp_path))
    assert code == 1 and said in told


def test_the_template_for_a_teams_rules_is_whole_and_passes_its_own_examples(tmp_path: Path) -> None:
    folder = tmp_path / ".pipelinelab/rules"
    folder.mkdir(parents=True)
    (folder / "own.yml").write_text(run("--template")[1])
    assert run("-C", str(tmp_path), "--own", "--test") == (0, "1 rules, 4 examples, 0 failed\n")
