import pytest

from pipelinelab.recording.bitbucket_log import parse_log
from pipelinelab.recording.command_shape import forgives, hides_in_a_pipe, only_shows, says_success


@pytest.mark.parametrize(
    "command", ["make lint || true", "rm x || :", "test -f x || echo none", "flake8 --exit-zero a"]
)
def test_some_commands_end_with_0_whatever_they_say(command: str) -> None:
    assert forgives(command)
    assert not forgives(command.replace("||", "&&").replace("--exit-zero", "--strict"))


def test_a_pipe_into_what_only_passes_text_on_hides_a_failure() -> None:
    assert hides_in_a_pipe("make 2>&1 | tee build.log")
    assert not hides_in_a_pipe("make || cat build.log")


def test_words_behind_and_are_said_after_a_success_alone() -> None:
    assert says_success("./migrate && echo 'all done'", b"all done")
    assert not says_success("./migrate && echo 'all done'", b"ERROR 1045")
    assert parse_log(b"\x1d+ ./migrate && echo moved\nERROR 1054 ignored\nmoved\n").result == "passed"


def test_what_a_command_shows_is_not_its_own() -> None:
    assert only_shows("tail -n 20 logs/prod.log", b"bash: foo: command not found")
    assert not only_shows("tail -n 20 logs/prod.log", b"tail: cannot open 'logs/prod.log' for reading")
    assert not only_shows("cat x", b"bash: cat: command not found")
    assert not only_shows("cat x | sh", b"sh: 1: foo: not found")
