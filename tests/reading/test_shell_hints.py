"""Shell lines that do not do what they seem to."""

import pytest

from pipelinelab.reading.questions import question
from pipelinelab.reading.read import read_text
from pipelinelab.reading.shell_split import split
from pipelinelab.reading.shellcheck_hints import scripts, with_hints


def codes(*commands: str) -> set[str]:
    items = "".join("          - |\n" + "".join(f"            {row}\n" for row in one.split("\n")) for one in commands)
    reading = read_text(f"pipelines:\n  default:\n    - step:\n        services: [docker]\n        script:\n{items}")
    assert not reading.errors, str(reading)
    return {problem.code for problem in reading.hints}


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("make && make install", "PL301"),
        ("cd app && npm ci", "PL301"),
        ("pytest | tee log", "PL302"),
        ("curl https://example.com/x.sh | bash", "PL302"),
        ("echo $?", "PL303"),
        ("exit $?", "PL303"),
        ("python manage.py flush", "PL304"),
        ("python3 manage.py migrate", "PL304"),
        ("apt-get update\napt-get install curl", "PL304"),
        ("npm init", "PL304"),
        ("ssh deploy@example.com ls", "PL305"),
        ("scp build.tar deploy@example.com:/srv", "PL305"),
    ],
)
def test_a_trap_is_told(command: str, code: str) -> None:
    assert code in codes(command)


@pytest.mark.parametrize(
    "command",
    [
        "make",
        "[ -f x ] && make",
        "command -v git && git status",
        "make && make install || exit 1",
        'echo "a && b | c"',
        "echo 'a | b'",
        "echo $TOKEN | docker login -u x --password-stdin",
        "cat list | sort",
        "set -o pipefail\npytest | tee log",
        "make\necho $?",
        "python manage.py flush --noinput",
        "yes | apt-get install curl",
        "apt-get install -y curl",
        "apt-get -qq install curl",
        "npm init -y",
        "if make && make test; then echo ok; fi",
        "cat <<EOF\na && b | c\nEOF",
        "ssh-keyscan example.com >> ~/.ssh/known_hosts\nssh deploy@example.com ls",
        "# make && make install",
        "terraform apply -auto-approve",
        "terraform apply plan.tfplan",
        "mysql -uroot -psecret -e 'select 1'",
    ],
)
def test_what_is_no_trap_is_let_be(command: str) -> None:
    assert codes(command) == set()


def test_pipefail_holds_for_the_commands_after_it_and_not_for_those_before() -> None:
    assert codes("set -eo pipefail", "pytest | tee log") == set()
    assert codes("pytest | tee log", "set -o pipefail") == {"PL302"}


def test_a_hint_points_at_its_command_in_every_style_of_text() -> None:
    reading = read_text(
        "pipelines:\n  default:\n    - step:\n        script:\n"
        "          - echo a; pytest | tee log\n"
        "          - 'echo a; pytest | tee log'\n"
        "          - |\n"
        "            echo a\n"
        "            pytest | tee log\n"
    )
    assert [(p.span.line, p.span.column) for p in reading.hints] == [(5, 21), (6, 22), (9, 13)]


def test_an_aliased_script_is_told_once() -> None:
    reading = read_text(
        "definitions:\n  s: &s\n    - make && make test\npipelines:\n  default:\n"
        "    - step: {script: *s}\n    - step: {script: *s}\n"
    )
    assert [p.code for p in reading.hints] == ["PL301"]


def test_operators_in_quotes_and_brackets_are_no_operators() -> None:
    parts = split("a 'b && c' \"d | e\" $(f && g) [[ -n x && -n y ]] && h")
    assert parts is not None
    assert [part.after for part in parts] == ["&&", ""]


def test_a_line_with_an_open_quote_is_left_alone() -> None:
    assert split("echo 'a && b") is None


def test_shellchecks_places_come_back_to_the_yaml() -> None:
    reading = read_text(
        "pipelines:\n  default:\n    - step:\n        script:\n          - make\n"
        "          - |\n            one\n              two\n"
    )
    (script,) = scripts(reading)
    assert script.text == "#!/bin/bash\nset -e\nmake\none\n  two\n"
    comment = {"line": 5, "endLine": 5, "column": 3, "endColumn": 6, "code": 2046, "message": "m", "level": "warning"}
    heard = with_hints(reading, [script], [[comment]])
    assert [(p.code, str(p.span)) for p in heard.hints] == [("PL306", "bitbucket-pipelines.yml:8:15")]


def test_a_question_says_which_option_keeps_it_away() -> None:
    assert question("sudo apt-get install curl") == "add -y"
    assert question("make") == ""


def test_a_step_on_a_windows_runner_is_no_shell_script() -> None:
    text = """\
pipelines:
  default:
    - step:
        runs-on: [self.hosted, windows]
        script:
          - curl x | sh
          - set A=b && make
"""
    assert not read_text(text).hints
    assert not scripts(read_text(text))
    assert read_text(text.replace("windows", "linux")).hints


def test_a_hint_of_many_lines_is_shown_once_with_the_other_lines() -> None:
    commands = "".join(f"          - make a{n} && make b\n" for n in range(3))
    reading = read_text("pipelines:\n  default:\n    - step:\n        script:\n" + commands)
    assert len(reading.hints) == 3
    shown = str(reading)
    assert shown.count("hint[PL301]") == 1
    assert "also in   line 6, 7" in shown
    assert "3 hints" in shown
