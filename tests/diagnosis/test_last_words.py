"""Where no rule knows a program, what it says itself is sorted by kind, less sure, and never in place of a rule."""

import pytest

from pipelinelab.diagnosis import Explanation, diagnose
from pipelinelab.diagnosis.categories import GENERAL
from pipelinelab.recording.bitbucket_log import parse_log

FROB = b"\x1d+ frob paint\nloading config\nfrob: config: key 'colour' is not valid in section paint\nfrob: bye\n"


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("frob build requires gizmo 0.17.0 or later", "told-version"),
        ("Error: Gizmo SDK required", "told-program-missing"),
        ("frob: monthly quota exceeded", "told-limit"),
        ("frob: authentication failed for ci", "told-login"),
        ("You do not have permission to access gizmo", "told-permission"),
        ("frob: option --region is required", "told-value-missing"),
        ("frob: release 1.2.3 already exists", "told-exists"),
        ("frob: gizmo did not become ready within 60s", "told-timeout"),
        ("frob: unable to reach the gizmo server", "told-network"),
        ("frob: the gizmo service is temporarily unavailable", "told-server-fault"),
        ("frob: config: key 'colour' is not valid", "told-not-valid"),
        ("frob: environment 'staging' not found", "told-not-found"),
    ],
)
def test_an_unknown_programs_words_are_sorted_by_kind(words: str, rule: str) -> None:
    found = diagnose(parse_log(f"\x1d+ frob\n{words}\n".encode(), exit_code=1)).findings[0]
    assert (found.rule, found.category) == (rule, GENERAL)
    assert words in found.cause, "in its own words"
    assert found.confidence <= 0.6


def test_it_is_said_that_no_rule_knows_the_program_and_the_output_is_shown_all_the_same() -> None:
    diagnosis = diagnose(parse_log(FROB, exit_code=1))
    assert diagnosis.unexplained is not None
    told = str(Explanation(diagnosis))
    assert "No rule of the rulebook knows this failure" in told
    assert "frob: bye" in told
    assert "No rule of the rulebook knows this failure" in Explanation(diagnosis)._repr_html_()


def test_an_exact_rule_is_told_alone() -> None:
    log = b"\x1d+ frob\nfrob: unable to reach the gizmo server\nbash: gizmo: command not found\n"
    assert [one.rule for one in diagnose(parse_log(log, exit_code=127)).findings] == ["command-not-found"]


@pytest.mark.parametrize(
    "log",
    [
        b"\x1d+ pytest\nE   ValueError: option is not valid\n=== 1 failed, 3 passed in 0.1s ===\n",
        b"\x1d+ mvn package\n[ERROR] /a/B.java:[3,24] cannot find symbol\n[INFO] BUILD FAILURE\n",
        b'\x1d+ python x.py\nTraceback (most recent call last):\n  File "x.py", line 1\nKeyError: "not found"\n',
    ],
)
def test_the_projects_own_tests_and_code_are_not_sorted(log: bytes) -> None:
    diagnosis = diagnose(parse_log(log, exit_code=1))
    assert diagnosis.findings == ()
    assert diagnosis.unexplained is not None and diagnosis.unexplained.nature


def test_a_command_that_ended_with_0_says_nothing() -> None:
    assert diagnose(parse_log(FROB, exit_code=0)).findings == ()


def test_without_an_exit_code_only_the_very_end_counts() -> None:
    doubtful = diagnose(parse_log(FROB))
    assert doubtful.verdict == "unknown" and doubtful.findings == ()
    assert doubtful.if_red is not None and doubtful.if_red.rule == "told-not-valid"
    gone_on = diagnose(parse_log(FROB + b"drawing\ndone drawing\nall drawn\n"))
    assert gone_on.findings == () and gone_on.if_red is None


@pytest.mark.parametrize(
    "line", [b"WARNING: gizmo is no longer supported", b"[INFO] label not found", b"debconf: unable to find a frontend"]
)
def test_warnings_and_chatter_are_no_last_words(line: bytes) -> None:
    assert diagnose(parse_log(b"\x1d+ frob\npainting\n" + line + b"\n")).findings == ()


def test_the_line_of_the_whole_log_is_named() -> None:
    log = b"\x1d+ true\n\n" + FROB
    assert diagnose(parse_log(log, exit_code=1)).findings[0].evidence[0].line == 5


def test_typographic_quotes_of_gnu_programs_and_web_pages_read_as_plain_ones() -> None:
    said = "The environment ‘production’ in your bitbucket-pipelines.yml doesn’t match any environment\n"
    plain = said.replace("‘", "'").replace("’", "'")
    assert diagnose(parse_log(said.encode())).findings[0].rule == diagnose(parse_log(plain.encode())).findings[0].rule


def test_words_that_only_a_refused_step_hears_make_the_log_red() -> None:
    said = b"There is an error in your bitbucket-pipelines.yml at [pipelines]. Missing or empty command string.\n"
    assert diagnose(parse_log(said)).verdict == "red"


def test_what_the_command_went_far_past_is_not_told_first() -> None:
    passed = b"".join(b"success build page %d\n" % n for n in range(12))
    log = b"\x1d+ gatsby build\n/bin/sh: lscpu: not found\n" + passed + b"Segmentation fault (core dumped)\n"
    assert diagnose(parse_log(log)).findings[0].rule == "segfault"
    assert diagnose(parse_log(log.replace(passed, b""))).findings[0].rule == "command-not-found"


@pytest.mark.parametrize(
    "log",
    [
        b"fatal: something bad happened\nBranch is up-to-date.\n",
        b"error: RPC failed; HTTP 403\nfatal: the remote end hung up unexpectedly\nEverything up-to-date\n",
    ],
)
def test_git_says_up_to_date_of_pushes_that_failed(log: bytes) -> None:
    assert diagnose(parse_log(log)).verdict == "red"


def test_an_error_that_a_rule_knows_at_the_very_end_is_what_ended_the_command() -> None:
    log = b"\x1d+ make lint\nmake: *** No rule to make target 'lint'.  Stop.\n"
    assert diagnose(parse_log(log)).verdict == "red"
    assert diagnose(parse_log(log + b"\nArtifact pattern dist/** matched 0 files\n")).verdict == "red"
    warned = b"Artifact pattern $X.zip matched 0 files\n"
    assert diagnose(parse_log(b"\x1d+ true\n" + warned)).verdict != "red", "a warning stops nothing"
