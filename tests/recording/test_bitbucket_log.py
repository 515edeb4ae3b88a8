# ruff: noqa: E501 - logs are lines of their own length
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.recording.bitbucket_log import parse_log

LOG = b"""+ umask 000

+ GIT_LFS_SKIP_SMUDGE=1 retry 6 git clone --branch="main" --depth 50 https://x-token-auth:$T@bitbucket.org/$R.git $BUILD_DIR
Cloning into '/opt/atlassian/pipelines/agent/build'...

+ git reset --hard 0123456789ab
HEAD is now at 0123456 tidy up

+ chmod 777 $BUILD_DIR

Default variables:
    BITBUCKET_BRANCH
Images used:
    build : docker.example/library/python@sha256:aaaa
+ pip install -r requirements.txt
Successfully installed x-1.0

+ pytest
E   assert 1 == 2
=== 1 failed in 0.10s ===

Searching for files matching artifact pattern dist/**
Artifact pattern dist/** matched 0 files with a total size of 0 B
"""


def commands_of(data: bytes) -> list[tuple[str, str, str]]:
    return [(c.phase, c.command, c.result) for c in parse_log(data).steps[0].commands]


def test_set_up_script_and_tear_down_are_told_apart() -> None:
    phases = [phase for phase, _, _ in commands_of(LOG)]
    assert phases == ["setup"] * 4 + ["script"] * 2 + ["teardown"]


def test_with_set_e_the_last_script_item_of_a_red_log_is_the_failing_one() -> None:
    step = parse_log(LOG).steps[0]
    assert step.failing is not None and step.failing.command == "pytest"
    assert "assert 1 == 2" in step.text_of(step.failing)
    assert "artifact pattern" not in step.text_of(step.failing)
    assert [c.result for c in step.commands if c.phase == "script"] == ["passed", "failed"]


def test_the_image_is_read_from_the_set_up() -> None:
    assert parse_log(LOG).steps[0].image_used.startswith("docker.example/library/python@sha256:")


def test_the_unit_separator_is_preferred_to_a_plus_of_set_x() -> None:
    assert commands_of(b"\x1d+ bash -x run.sh\n+ echo hi\nhi\n+ false\n") == [("script", "bash -x run.sh", "unknown")]


def test_echoed_commands_without_output_follow_each_other() -> None:
    assert [c for _, c, _ in commands_of(b"+ cd app\n+ export A=1\n+ ls\nfile\n")] == ["cd app", "export A=1", "ls"]


def test_a_log_without_any_command_is_one_nameless_item() -> None:
    assert commands_of(b"npm ERR! code E404\n") == [("script", "", "failed")]


def test_what_was_saved_to_a_cache_tells_that_the_step_was_green() -> None:
    log = b"+ make\nerror: nothing to worry about\n\nAssembling contents of new cache 'node'\n"
    assert parse_log(log).result == "passed"


def test_windows_line_ends_and_colours_do_not_hide_commands() -> None:
    assert commands_of(b"\x1d+ npm test\r\n\x1b[31mnpm ERR!\x1b[0m code E404\r\n")[0][1:] == ("npm test", "failed")


def test_a_utf16_log_reads_like_any_other() -> None:
    data = b"\xff\xfe" + "+ make\nmake: *** No rule to make target 'x'.  Stop.\n".encode("utf-16-le")
    recording = parse_log(data)
    assert recording.steps[0].commands[0].command == "make"
    assert any("UTF-16" in note.text for note in recording.notes)


def test_an_empty_log_says_what_that_may_mean() -> None:
    recording = parse_log(b"")
    assert recording.result == "unknown" and "image" in recording.notes[0].text


def test_a_service_log_stands_beside_the_step() -> None:
    (service,) = parse_log(b"+ x\n", services=(("mysql", b"ready"),)).steps[0].services
    assert (service.name, service.text) == ("mysql", "ready")


@given(st.binary(max_size=400))
def test_no_bytes_make_the_parser_raise_and_every_output_lies_in_the_log(data: bytes) -> None:
    step = parse_log(data).steps[0]
    for command in step.commands:
        assert 0 <= command.begin <= command.end <= len(step.log)


pieces = st.sampled_from([b"+ echo a\n", b"\x1d+ make\n", b"\n", b"text\r", b"error: x\n", b"\x1b[31m", b"OK\n", b"\xff\xfe",
                          b"Artifact pattern x matched 0 files\n", b"+ umask 000\n", b"\x00"])  # fmt: skip


@given(st.lists(pieces, max_size=30).map(b"".join))
def test_commands_are_in_the_order_of_the_log_and_do_not_overlap(data: bytes) -> None:
    ends = [(c.begin, c.end) for c in parse_log(data).steps[0].commands]
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(ends))


def test_a_recorders_last_line_is_no_output_of_a_command_that_printed_nothing() -> None:
    step = parse_log(b"+ python manage.py migrate --check\n\n# exit=1 seconds=0.7\n").steps[0]
    assert step.output_of(step.commands[-1]) == b"" and step.exit_code == 1
    spoke = parse_log(b"+ make\nmake: *** [a] Error 1\n# exit=2 seconds=0.7\n").steps[0]
    assert spoke.output_of(spoke.commands[-1]).startswith(b"make: ***")


def test_a_pipe_is_one_command_with_all_its_lines() -> None:
    log = b"+ docker container run \\\n   --volume=/a:/a \\\n   acme/deploy:1.2.0\nUnable to find image 'acme/deploy:1.2.0' locally\n"
    command = parse_log(log).steps[0].commands[-1]
    assert command.command.splitlines()[-1].strip() == "acme/deploy:1.2.0"
    assert parse_log(log).steps[0].output_of(command).startswith(b"Unable to find image")


def test_what_powershell_shows_of_a_failed_line_is_no_command() -> None:
    log = (
        b"+ ./build.ps1\nmsbuild : The term 'msbuild' is not recognized as the name of a cmdlet\nAt C:\\a\\build.ps1:3 char:1\n"
        b"+ msbuild /t:Build\n+ ~~~~~~~\n    + CategoryInfo : ObjectNotFound\n"
    )
    assert [c.command for c in parse_log(log).steps[0].commands] == ["./build.ps1"]


@pytest.mark.parametrize(
    ("log", "blamed", "result"),
    [
        ("+ make\nmake: *** [a] Error 1\n\n+ docker images || true\nREPOSITORY\n", "make", "failed"),
        (
            "+ make\nall is made\n\n+ rm a || true\nrm: cannot remove 'a': No such file or directory\n",
            "rm a || true",
            "passed",
        ),
        ("+ make 2>&1 | tail -n 3\nmake: *** [a] Error 1\n", "make 2>&1 | tail -n 3", "passed"),
        ("+ set -o pipefail\n+ make | tee log\nmake: *** [a] Error 1\n", "make | tee log", "failed"),
        ('+ make\nx\n\nBuild teardown\nCache "pip": Skipping upload for failed step\n', "make", "failed"),
    ],
    ids=["an after-script", "an item that forgives", "a pipe hides it", "pipefail shows it", "the tear-down tells it"],
)
def test_the_item_to_blame_is_the_last_one_that_could_fail(log: str, blamed: str, result: str) -> None:
    step = parse_log(log.encode()).steps[0]
    assert step.result == result
    assert next(c.command for c in step.commands if c.command == blamed)
    assert [c.command for c in step.commands if c.result == result and c.phase == "script"][-1] == blamed


@pytest.mark.parametrize(
    "lines",
    [
        "AssertionError: 'Cup' != 'Cup!'\n- Cup\n+ Cup!\n?    +\n",
        "- the old line\n? --- ^\n+ a new one\n",
        "├ ○ /error   84 kB\n+ First Load JS shared by all   84.2 kB\n",
    ],
)
def test_what_an_assertion_or_a_table_shows_behind_a_plus_is_no_command(lines: str) -> None:
    log = f"+ python manage.py test\n{lines}FAILED (failures=1)\n"
    assert [one.command for one in parse_log(log.encode()).steps[0].commands] == ["python manage.py test"]


RULE = "-" * 70 + "\n"


@pytest.mark.parametrize(
    "lines",
    [
        f"AssertionError: Lists differ: [<Car: Car 7>] != []\n\nFirst extra element 0:\n<Car: Car 7>\n\n"
        f"- [<Car: Car 7>]\n+ []\n\n{RULE}Ran 2 tests in 0.1s\n\nFAILED (failures=1)\n",
        f"AssertionError: 'b?o' != 'a\\nbło'\n+ a\n- b?o\n+ bło\n  c\n : the names\n\n{RULE}Ran 1 test in 0.1s\n",
        f"AssertionError: 4 != 'y'\n- 4\n+ y\n\nStdout:\nhello\n\n{RULE}Ran 1 test in 0.1s\n",
        "- Expected\n+ Received\n\n- 3\n+ 4\n\n ❯ src/sum.test.ts:5:13\n",
        "+ actual - expected\n\n+ []\n- [\n-   'a'\n- ]\n    at check.js:7:10\nNode.js v20.1.0\n",
        "@@ -1,3 +1,3 @@\n /**\n-/* @param a\n+ * @return b\n */\n",
    ],
    ids=["unittest", "unittest, more lines", "unittest with a buffer", "Vitest", "Node", "a patch"],
)
def test_a_plus_within_a_diff_whose_end_is_told_is_no_command(lines: str) -> None:
    log = f"+ ./tests\n{lines}+ ls\n"
    assert [one.command for one in parse_log(log.encode()).steps[0].commands] == ["./tests", "ls"]


@pytest.mark.parametrize(
    "lines",
    [
        f"AssertionError: 1 != 2\n+ python -m unittest -q\n{RULE}Ran 1 test in 0.1s\n\nOK\n",
        f"AssertionError: 1 != 2\n+ python -m unittest\n..\n{RULE}Ran 2 tests in 0.1s\n\nOK\n",
        "@@ -1 +1 @@\n-a\n+b\n+ python -m unittest\n",
        "- 3\n+ python -m unittest\n",
    ],
    ids=["a quiet test run", "a test run", "behind a patch", "behind a list"],
)
def test_a_command_behind_a_diff_is_one(lines: str) -> None:
    log = f"+ ./check || true\n{lines}"
    assert parse_log(log.encode()).steps[0].commands[-1].command.startswith("python -m unittest")


def test_a_command_behind_a_list_is_one() -> None:
    log = b"+ ls -1\n- notes.txt\n+ make install\nok\n"
    assert [one.command for one in parse_log(log).steps[0].commands] == ["ls -1", "make install"]


def test_a_line_of_a_diff_is_no_command() -> None:
    log = b"+ terraform fmt -check -diff\nmain.tf\n@@ -1,3 +1,3 @@\n-default=1\n+  default = 1\n"
    assert [one.command for one in parse_log(log).steps[0].commands] == ["terraform fmt -check -diff"]


def test_a_line_of_a_diff_that_differs_in_case_alone_is_no_command() -> None:
    log = b"+ ./test\nAssertionError: 'LAMP' != 'Lamp'\n- LAMP\n+ Lamp\n\nFAILED (failures=1)\n"
    assert [one.command for one in parse_log(log).steps[0].commands] == ["./test"]


def test_a_command_behind_the_colour_codes_that_end_an_output_is_one() -> None:
    log = b"+ mvn compile\n[INFO] BUILD SUCCESS\n\x1b[0m\x1b[0m+ java -cp target acme.A\nhandled\n+ ls\n"
    step = parse_log(log).steps[0]
    assert [one.command for one in step.commands] == ["mvn compile", "java -cp target acme.A", "ls"]
    assert step.output_of(step.commands[1]) == b"handled\n"
