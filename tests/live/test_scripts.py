"""A step to the letter: each way in which a script can surprise, in bash, in dash and in busybox's sh.

All cases of a shell run in one parallel group, each as a step; each test then looks at its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from support import item, pipelines, repository, results, run_of, said, step

from pipelinelab.recording.records import StepRecord

pytestmark = pytest.mark.live


@dataclass(frozen=True)
class Steps:
    """Every case's step by name, as one shell ran it."""

    shell: str
    steps: Mapping[str, StepRecord]

    def __getitem__(self, name: str) -> StepRecord:
        return self.steps[name]


CASES: dict[str, tuple[list[str], list[str]]] = {
    "state": (
        ["cd /tmp", "here=1; export there=2", "f() { echo f of $1; }", "pwd; f x; echo $here; env | grep ^there"],
        [],
    ),
    "echo resets": (["false && true", "echo code $?"], []),
    "no pipefail": (["false | true", "echo on"], []),
    "and": (["false && true", "echo on"], []),
    "sigpipe": (["yes | head -1"], []),
    "fails": (["echo before", "false", "echo after"], []),
    "exit 0": (["echo one; exit 0", "echo two"], []),
    "exit 7": (["(exit 3) || true", "exit 7", "echo two"], []),
    "exec": (["exec echo replaced", "echo two"], []),
    "exit trap": (["trap 'echo trapped $?' EXIT", "false"], []),
    "split if": (["if true; then", "echo inside", "fi", "echo outside"], []),
    "here-document": (["cat <<END\n  one\ntwo\nEND", "echo on"], []),
    "open here-document": (["echo a", "cat <<END\none", "echo b"], []),
    "trailing backslash": (["echo a \\", "echo b", "echo c"], []),
    "syntax error": (["echo a", "if then", "echo b"], []),
    "comment": (["# only a comment", "echo a # and another", "echo b"], []),
    "multi-line": (["echo one\necho two\n\necho three", "for i in 1 2; do\n  echo $i\ndone"], []),
    "source": (["echo 'export sourced=yes' > /tmp/it.sh", ". /tmp/it.sh", "echo $sourced"], []),
    "set +e": (["set +e", "false", "echo on", "set -e", "false", "echo never"], []),
    "set -u": (["set -u", "echo $nobody_knows_this", "echo never"], []),
    "set -x": (["set -x", "echo traced", "set +x", "echo quiet"], []),
    "no final newline": (["printf abc", "printf def"], []),
    "binary": (["printf '\\000\\377\\036\\037\\035x\\036'", "echo on"], []),
    "carriage return": (["printf 'a\\r\\nb\\rc\\r\\n'", "echo on"], []),
    "silenced": (["exec 3>&1 >/dev/null 2>&1", "echo lost", "exec >&3", "echo found"], []),
    "closed": (["exec >&- 2>&-", "true", "true"], []),
    "own descriptors": (["exec 8>/tmp/eight 9>/tmp/nine", "echo a >&8; echo b >&9", "cat /tmp/eight /tmp/nine"], []),
    "stdin": (["cat; echo ended", "read line || echo nothing", "echo on"], []),
    "order": (["for i in 1 2 3 4 5 6 7 8 9; do printf o$i; printf e$i >&2; done; echo"], []),
    "background": (["(sleep 30; echo late) &", "echo on"], []),
    "names": (["echo $name $verb $count $text $line $code $work $shell $stdin $nonce"], []),
    "own ifs": (["IFS=,", "false | true | true", "echo on"], []),
    "missing command": (["no-such-command-here", "echo never"], []),
    "after red": (["false"], ["echo code $BITBUCKET_EXIT_CODE", "pwd"]),
    "after green": (["cd /tmp; gone=1", "exit 0"], ["echo code $BITBUCKET_EXIT_CODE gone=$gone", "pwd"]),
    "after fails": (["true"], ["echo first", "exit 9", "echo never"]),
    "after only": (["false", "echo never"], ["false", "echo never"]),
    "killed": (["sh -c 'kill -9 $$'", "echo never"], []),
    "kills itself": (["kill -9 $$", "echo never"], ["echo after $BITBUCKET_EXIT_CODE"]),
    "kills all": (["kill -9 -1 || true", "echo on"], ["echo after $BITBUCKET_EXIT_CODE"]),
    "closes 8": (["exec 8>&- 7>&-", "echo on", "false"], []),
    "long line": (["head -c 200000 /dev/zero | tr '\\0' x; echo", "echo on"], []),
    "last words": (["printf 'no newline at the end'; exit 3"], []),
}
NAMES = {name: f"own-{name}" for name in CASES["names"][0][0].replace("$", "").split()[1:]}


@pytest.fixture(scope="module")
def ran(shell_image, docker, tmp_path_factory) -> Steps:
    shell, image = shell_image
    steps = [step(script, after, name=name) for name, (script, after) in CASES.items()]
    folder = repository(tmp_path_factory.mktemp("scripts") / shell, pipelines({"parallel": steps}, image=image))
    run = run_of(folder, docker, variables=NAMES)
    return Steps(shell, {one.name: one for one in run.recording.steps})


def test_directory_variables_and_functions_persist_from_item_to_item(ran):
    assert said(ran["state"], 3) == "/tmp\nf of x\n1\nthere=2\n"


def test_the_echo_before_an_item_resets_the_exit_code(ran):
    assert said(ran["echo resets"], 1) == "code 0\n"


@pytest.mark.parametrize("name", ["no pipefail", "and"])
def test_a_failure_that_nobody_notices_does_not_end_the_script_and_is_told(ran, name):
    assert ran[name].result == "passed"
    assert said(ran[name], 1) == "on\n"
    if ran.shell == "bash" or name == "and":
        assert item(ran[name], 0).hidden_failure


def test_a_pipe_that_its_reader_closed_is_no_hidden_failure(ran):
    assert said(ran["sigpipe"], 0) == "y\n"
    assert not item(ran["sigpipe"], 0).hidden_failure


def test_the_first_failure_ends_the_script(ran):
    assert results(ran["fails"]) == ["passed", "failed", "not_run"]
    assert (ran["fails"].result, ran["fails"].exit_code) == ("failed", 1)


def test_exit_ends_the_script_with_its_code(ran):
    assert results(ran["exit 0"]) == ["passed", "not_run"]
    assert ran["exit 0"].result == "passed"
    assert results(ran["exit 7"]) == ["passed", "failed", "not_run"]
    assert ran["exit 7"].exit_code == 7
    assert results(ran["exec"]) == ["passed", "not_run"]
    assert said(ran["exec"], 0) == "replaced\n"


def test_a_trap_of_the_script_runs_with_its_code(ran):
    assert said(ran["exit trap"], 1) == "trapped 1\n"
    assert ran["exit trap"].exit_code == 1


def test_an_if_may_be_split_over_items(ran):
    assert ran["split if"].result == "passed"
    assert "inside" in ran["split if"].text
    assert said(ran["split if"], 3) == "outside\n"


def test_a_here_document_is_one_item(ran):
    assert said(ran["here-document"], 0) == "  one\ntwo\n"
    assert said(ran["here-document"], 1) == "on\n"


def test_what_swallows_the_next_line_is_tolerated(ran):
    assert said(ran["open here-document"], 0) == "a\n"
    assert results(ran["open here-document"])[0] == "passed"
    assert "c\n" in ran["trailing backslash"].text
    assert ran["trailing backslash"].result == "passed"


def test_a_syntax_error_is_red_and_what_stands_before_it_has_run(ran):
    found = ran["syntax error"]
    assert found.result == "failed"
    assert found.exit_code not in (0, None)
    assert "yntax error" in found.text
    assert "not_run" in results(found)


def test_comments_and_several_lines_in_one_item(ran):
    assert said(ran["comment"], 1) == "a\n"
    assert results(ran["comment"]) == ["passed"] * 3
    assert said(ran["multi-line"], 0) == "one\ntwo\nthree\n"
    assert said(ran["multi-line"], 1) == "1\n2\n"


def test_a_sourced_file_sets_variables(ran):
    assert said(ran["source"], 2) == "yes\n"


def test_set_plus_e_goes_on_after_a_failure_and_that_is_told(ran):
    found = ran["set +e"]
    assert results(found) == ["passed", "passed", "passed", "passed", "failed", "not_run"]
    assert item(found, 1).hidden_failure
    assert item(found, 1).exit_code == 1


def test_an_unset_variable_under_set_u_is_red(ran):
    assert results(ran["set -u"])[1:] == ["failed", "not_run"]


def test_the_labs_own_lines_are_not_in_a_trace(ran):
    assert said(ran["set -x"], 1).splitlines() == ["+ echo traced", "traced"]
    assert "printf" not in ran["set -x"].text
    assert said(ran["set -x"], 3) == "quiet\n"


def test_output_without_a_final_newline_stays_as_it_is(ran):
    assert said(ran["no final newline"], 0) == "abc"
    assert said(ran["no final newline"], 1) == "def"
    assert said(ran["last words"], 0) == "no newline at the end"


def test_bytes_that_are_no_text_arrive_unchanged(ran):
    found = ran["binary"]
    assert found.output_of(item(found, 0)) == b"\x00\xff\x1e\x1f\x1dx\x1e"
    assert said(found, 1) == "on\n"
    assert said(ran["carriage return"], 0) == "a\r\nb\rc\r\n"


def test_a_script_may_redirect_or_close_its_own_output(ran):
    assert results(ran["silenced"]) == ["passed"] * 4
    assert said(ran["silenced"], 3) == "found\n"
    assert results(ran["closed"]) == ["passed"] * 3


def test_a_script_may_use_descriptors_of_its_own(ran):
    if ran.shell != "bash":
        pytest.skip("dash and busybox take one-digit descriptors only, and the lab needs one of them")
    assert said(ran["own descriptors"], 2) == "a\nb\n"
    assert results(ran["own descriptors"]) == ["passed"] * 3
    assert results(ran["closes 8"]) == ["passed", "passed", "failed"]


def test_without_the_labs_descriptor_the_exit_code_is_still_true(ran):
    assert ran["closes 8"].result == "failed"
    assert ran["closes 8"].exit_code == 1


def test_standard_input_is_closed_as_on_bitbucket(ran):
    assert said(ran["stdin"], 0) == "ended\n"
    assert said(ran["stdin"], 1) == "nothing\n"
    assert results(ran["stdin"]) == ["passed"] * 3


def test_standard_output_and_error_keep_their_order(ran):
    assert said(ran["order"], 0) == "".join(f"o{i}e{i}" for i in range(1, 10)) + "\n"


def test_what_runs_in_the_background_ends_with_the_step(ran):
    assert ran["background"].seconds < 20
    assert said(ran["background"], 1) == "on\n"


def test_variables_of_any_name_reach_the_script(ran):
    assert said(ran["names"], 0).split() == list(NAMES.values())


def test_a_separator_of_the_scripts_own_does_not_hide_a_failure(ran):
    assert ran["own ifs"].result == "passed"
    if ran.shell == "bash":
        assert item(ran["own ifs"], 1).pipestatus == (1, 0, 0)
        assert item(ran["own ifs"], 1).hidden_failure


def test_a_command_that_is_not_there_is_127(ran):
    assert ran["missing command"].exit_code == 127
    assert "not found" in said(ran["missing command"], 0)


def test_the_after_script_knows_the_exit_code_in_a_new_shell(ran):
    clone = "/opt/atlassian/pipelines/agent/build\n"
    assert said(ran["after red"], 0, "after-script") == "code 1\n"
    assert said(ran["after green"], 0, "after-script") == "code 0 gone=\n"
    assert said(ran["after green"], 1, "after-script") == clone


def test_the_after_scripts_own_failure_is_shown_and_changes_nothing(ran):
    assert ran["after fails"].result == "passed"
    assert results(ran["after fails"], "after-script") == ["passed", "failed", "not_run"]
    assert item(ran["after fails"], 1, "after-script").exit_code == 9
    assert ran["after fails"].failing is None
    assert results(ran["after only"], "after-script") == ["failed", "not_run"]
    assert ran["after only"].exit_code == 1


def test_a_script_that_is_killed_is_red_and_its_after_script_runs(ran):
    assert ran["killed"].exit_code == 137
    assert ran["kills itself"].exit_code == 137
    assert said(ran["kills itself"], 0, "after-script") == "after 137\n"
    assert ran["kills itself"].result == "failed"


def test_a_script_that_kills_everything_it_can_still_has_a_result(ran):
    assert ran["kills all"].result == "passed"
    assert said(ran["kills all"], 0, "after-script") == "after 0\n"


def test_a_very_long_line_is_whole(ran):
    assert len(said(ran["long line"], 0)) == 200001
    assert said(ran["long line"], 1) == "on\n"
