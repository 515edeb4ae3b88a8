import pytest

from pipelinelab.recording.bitbucket_log import parse_log
from pipelinelab.recording.end_mark import told_exit_code


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("# exit=2 seconds=0.4", 2),
        ('Script done on 2026-01-02 10:11:12+00:00 [COMMAND_EXIT_CODE="127"]', 127),
        ("Error: Process completed with exit code 1.", 1),
        ("##[error]Process completed with exit code 1.", 1),
        ("Job succeeded", 0),
        ("ERROR: Job failed: exit code 137", 137),
        ('The command "make test" exited with 0.', 0),
        ("Exited with code exit status 1", 1),
        ("##[error]Bash exited with code '1'.", 1),
    ],
)
def test_the_last_line_of_other_systems_tells_the_exit_code(line: str, code: int) -> None:
    assert told_exit_code(f"+ make\nmake: done\n{line}\n\n".encode()) == code
    step = parse_log(f"+ make\nmake: done\n{line}\n".encode()).steps[0]
    assert (step.exit_code, step.commands[-1].exit_code, step.result) == (code, code, "failed" if code else "passed")


@pytest.mark.parametrize(
    "text", ["", "ok\n", "server exited with code 3 and was restarted\nok\n", "# exit=0\n" + "more\n" * 20]
)
def test_no_other_line_does(text: str) -> None:
    assert told_exit_code(text.encode()) is None
