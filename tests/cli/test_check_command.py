"""What ``pipelinelab check`` writes, and with which exit code it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelinelab.cli.check_command import command

GOOD = "pipelines:\n  default:\n    - step:\n        script:\n          - make\n"
BAD = GOOD.replace("script:", "size: 2  # two\n        script:")
WARNED = GOOD.replace("script:", "caches: [poetry]\n        script:")


def check(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(command, list(arguments), input=stdin, standalone_mode=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bitbucket-pipelines.yml"
    path.write_text(BAD)
    return path


def test_a_good_file_ends_with_zero_and_says_so(file: Path) -> None:
    file.write_text(GOOD)
    result = check(str(file))
    assert result.return_value == 0
    assert "no problems" in result.output


def test_a_warning_alone_ends_with_zero(file: Path) -> None:
    file.write_text(WARNED)
    result = check(str(file))
    assert result.return_value == 0
    assert "warning[PL202]" in result.output


def test_an_error_ends_with_one_and_shows_place_caret_and_cure(file: Path) -> None:
    result = check(str(file))
    assert result.return_value == 1
    assert f"error[PL106] {file}:4:15" in result.output
    assert "  4 |         size: 2  # two\n    |               ^" in result.output
    assert "+        size: 2x  # two" in result.output


def test_a_file_that_is_not_there_ends_with_two_and_the_others_are_checked_all_the_same(file: Path) -> None:
    result = check(str(file.parent / "none.yml"), str(file))
    assert result.return_value == 2
    assert "no such file" in result.output
    assert "PL106" in result.output


def test_a_folder_stands_for_the_file_in_it(file: Path) -> None:
    assert check(str(file.parent)).return_value == 1


def test_standard_input_is_read_for_a_dash() -> None:
    result = check("-", stdin=BAD)
    assert result.return_value == 1
    assert "<stdin>:4:15" in result.output


def test_json_holds_every_problem_with_its_place_and_cure(file: Path) -> None:
    found = json.loads(check("--format", "json", str(file)).output)["files"][0]
    assert found["ok"] is False
    problem = found["problems"][0]
    assert (problem["code"], problem["line"], problem["column"]) == ("PL106", 4, 15)
    assert problem["where"] == "pipelines > default > 0 > step > size"
    assert problem["fix"]["edits"][0]["text"] == "2x"


def test_sarif_names_rule_level_and_region(file: Path) -> None:
    log = json.loads(check("--format", "sarif", str(file)).output)
    assert log["version"] == "2.1.0"
    result = log["runs"][0]["results"][0]
    assert (result["ruleId"], result["level"]) == ("PL106", "error")
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 4
    assert log["runs"][0]["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "PL106"


def test_github_gets_one_command_a_problem_with_signs_escaped(file: Path) -> None:
    file.write_text("pipelines:\n  default:\n    - step:\n        script: 'a\n\n          100% : b'\n")
    lines = check("--format", "github", str(file)).output.splitlines()
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)
    assert ",line=4," in lines[0]


def test_fix_writes_the_safe_cures_shows_the_diff_and_keeps_comments(file: Path) -> None:
    file.chmod(0o640)
    result = check("--fix", str(file))
    assert result.return_value == 0
    assert "-        size: 2  # two\n+        size: 2x  # two" in result.output
    assert file.read_text() == BAD.replace("size: 2 ", "size: 2x ")
    assert file.stat().st_mode & 0o777 == 0o640


def test_fix_keeps_line_ends_and_byte_order_mark(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + BAD.replace("\n", "\r\n").encode())
    check("--fix", str(file))
    assert file.read_bytes() == b"\xef\xbb\xbf" + BAD.replace("size: 2 ", "size: 2x ").replace("\n", "\r\n").encode()


def test_diff_shows_the_cure_and_writes_nothing(file: Path) -> None:
    result = check("--diff", str(file))
    assert result.return_value == 1
    assert "+        size: 2x" in result.output
    assert file.read_text() == BAD


def test_shellcheck_is_heard_at_its_place_in_the_yaml_and_can_be_left_out(file: Path) -> None:
    file.write_text(GOOD.replace("- make", "- |\n            true\n            rm -rf $(pwd)/x"))
    heard = check(str(file)).output
    assert f"hint[PL306] {file}:7:20: SC2046" in heard
    assert "SC2046" not in check("--no-shellcheck", str(file)).output
    assert "SC2046" not in check("--quiet", str(file)).output


def test_a_traceback_is_never_shown_and_the_exit_codes_reach_the_shell(file: Path) -> None:
    for argument, code in ((str(file), 1), (str(file.parent / "none"), 2), ("--nonsense", 2)):
        done = subprocess.run([sys.executable, "-m", "pipelinelab", "check", argument], capture_output=True, text=True)
        assert done.returncode == code
        assert "Traceback" not in done.stderr


def test_in_a_folder_below_the_repositorys_own_file_is_checked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file.parent / ".git").mkdir()
    (file.parent / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(file.parent / "a" / "b")
    assert "../../bitbucket-pipelines.yml:" in check().output
    (file.parent / "a" / ".git").mkdir()
    assert check().return_value == 2, "that of another repository is not looked for"
