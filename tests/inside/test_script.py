"""The script as one file: real shells run it, and what they send back tells the items apart."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.inside.channel import Channel, Message
from pipelinelab.inside.script import driver, environment_text, message, script_text
from pipelinelab.planning.plan import Item

NONCE = "0123456789abcdef01234567"
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=40)


def items(*texts: str) -> list[Item]:
    return [Item(phase="script", index=number, text=text) for number, text in enumerate(texts)]


def ran(shell: str, *texts: str) -> tuple[int, list[bytes | Message]]:
    text = script_text(items(*texts), NONCE, shell)
    done = subprocess.run([shell, "-c", 'exec 8>&1; . "$0"', "/dev/stdin"], input=text.encode(), capture_output=True)
    channel = Channel(NONCE.encode())
    return done.returncode, [*channel.feed(done.stdout)]


@pytest.mark.parametrize("shell", ["/bin/bash", "/bin/dash"])
def test_every_item_is_told_with_its_exit_code(shell):
    code, pieces = ran(shell, "echo one", "false && true", "exit 4", "echo never")
    assert code == 4
    verbs = [(one.verb, *one.fields[:2]) for one in pieces if isinstance(one, Message)]
    assert verbs == [("begin", "0"), ("end", "0", "0"), ("begin", "1"), ("end", "1", "1"), ("begin", "2")]


def test_bash_tells_every_part_of_a_pipe():
    _, pieces = ran("/bin/bash", "true | false | true")
    assert Message("end", ("0", "0", "0 1 0")) in pieces


@given(st.dictionaries(NAMES, TEXTS, max_size=5))
def test_a_variable_of_any_value_reaches_the_shell_as_it_is(variables):
    variables = {f"v_{name}": value for name, value in variables.items()}
    text = environment_text(variables)
    asked = [f'printf "%s\\0" "${name}"' for name in variables]
    done = subprocess.run(["/bin/dash", "-c", "\n".join([text, *asked])], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == list(variables.values())


def test_names_that_no_shell_can_hold_or_set_are_left_out():
    text = environment_text({"discovery.type": "x", "UID": "0", "PPID": "1", "GOOD": "yes", "2nd": "no"})
    assert text == "export GOOD=yes"


def test_a_message_says_how_many_lines_follow():
    assert message("file", "a\n\nb", "script") == b"file 3 script\na\n\nb\n"
    assert message("env", "") == b"env 1\n\n"


def test_the_driver_ends_everything_only_as_the_first_process_of_a_container():
    lines = [line for line in driver().splitlines() if "kill -KILL" in line]
    assert lines == ["end_all() { [ $$ = 1 ] && kill -KILL -1 2>/dev/null; }"]


def test_the_driver_is_plain_posix_shell():
    for shell in ("/bin/dash", "/bin/bash"):
        subprocess.run([shell, "-n"], input=driver().encode(), check=True)
