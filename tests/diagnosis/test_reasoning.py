# ruff: noqa: E501 - logs are lines of their own length
import time
from dataclasses import replace
from typing import Any

import pytest

from pipelinelab.diagnosis import diagnose, read_rules, rulebook
from pipelinelab.diagnosis.explain import Explanation
from pipelinelab.diagnosis.values import RULED_OUT, ProjectFiles
from pipelinelab.events.types import InputAwaited, Probe
from pipelinelab.recording.bitbucket_log import parse_log
from pipelinelab.recording.records import Recording, ServiceRecord

SOCKET = b"""\x1d+ python manage.py migrate
django.db.utils.OperationalError: (2002, "Can't connect to local MySQL server through socket '/run/mysqld/mysqld.sock' (2)")
"""
HANG = b"""\x1d+ python2.7 manage.py test
Got an error creating the test database: (1007, "Can't create database 'shop'; database exists")
"""


def told(recording: Recording, question: str, answer: dict[str, Any], **arguments: str) -> Recording:
    step = recording.steps[0]
    probe = Probe(at=1.0, step=0, question=question, arguments=arguments, answer=answer)
    return replace(recording, steps=(replace(step, probes=(*step.probes, probe)), *recording.steps[1:]))


def firsts(recording: Recording) -> list[str]:
    return [finding.rule for finding in diagnose(recording).findings]


def test_what_cannot_be_asked_stays_a_question_and_costs_confidence() -> None:
    alone = diagnose(parse_log(SOCKET))
    assert {q.name for q in alone.questions} == {"socket_file", "port_open", "database_settings", "driver_version"}
    asked = told(parse_log(SOCKET), "socket_file", {"exists": False}, path="/run/mysqld/mysqld.sock")
    asked = told(asked, "port_open", {"open": True, "since_s": 3.0}, host="127.0.0.1", port="3306")
    more = diagnose(asked)
    assert more.findings[0].confidence > alone.findings[0].confidence
    assert {q.name for q in more.questions} == {"database_settings", "driver_version"}
    assert any(e.kind == "probe" and "exists=False" in e.text for e in more.findings[0].evidence)


def test_an_answer_rules_out_what_else_it_could_have_been() -> None:
    asked = told(parse_log(SOCKET), "port_open", {"open": True, "since_s": 3.0}, host="127.0.0.1", port="3306")
    assert RULED_OUT in {other.state for other in diagnose(asked).findings[0].alternatives}


def test_an_answer_that_refutes_a_rule_takes_its_confidence() -> None:
    plain = diagnose(parse_log(HANG)).findings[0]
    refuted = told(parse_log(HANG), "blocked_process", {"processes": [], "stdin": False})
    assert plain.rule == "django-test-database-hang"
    assert diagnose(refuted).findings[0].confidence < plain.confidence / 2


def test_a_cause_is_told_before_what_it_brings_about() -> None:
    log = b"Temporary failure in name resolution\nERROR: No matching distribution found for django\n"
    (finding,) = diagnose(parse_log(log)).findings
    assert finding.rule == "dns-failure"
    assert "No matching distribution" in finding.evidence[1].text, (
        "the consequence is evidence, not a finding of its own"
    )


def test_the_same_alarm_is_silent_where_the_step_ended_with_0() -> None:
    assert firsts(parse_log(SOCKET, exit_code=1)) == ["mysql-socket"]
    assert firsts(parse_log(SOCKET, exit_code=0)) == []


def test_earlier_commands_that_passed_are_not_blamed() -> None:
    log = b"\x1d+ flake8 || true\nbash: flake8: command not found\n\n\x1d+ pytest\nE assert 1 == 2\n== 1 failed in 0.1s ==\n"
    diagnosis = diagnose(parse_log(log))
    assert not diagnosis.findings and diagnosis.unexplained is not None
    assert diagnosis.unexplained.command == "pytest"


def test_a_service_log_tells_the_cause_of_a_refused_login() -> None:
    log = b"(1045, \"Access denied for user 'app'@'127.0.0.1' (using password: YES)\")\n"
    service = (("mysql", b"[Note] MYSQL_PASSWORD specified, but missing MYSQL_USER; MYSQL_PASSWORD will be ignored\n"),)
    finding = diagnose(parse_log(log, services=service)).findings[0]
    assert finding.rule == "mysql-service-user-missing"
    assert [e.kind for e in finding.evidence] == ["service", "log"]


def test_a_service_that_ended_early_explains_the_refused_connection() -> None:
    recording = parse_log(b"ERROR 2003 (HY000): Can't connect to MySQL server on '127.0.0.1:3306' (111)\n")
    step = replace(recording.steps[0], services=(ServiceRecord(name="mysql", exit_code=1, early=True),))
    assert firsts(replace(recording, steps=(step,)))[0] == "service-ended"


def test_a_wait_for_input_that_the_lab_saw_is_told_without_any_output() -> None:
    recording = parse_log(b"\x1d+ ./ask\n", exit_code=1)
    wait = InputAwaited(at=1.0, step=0, phase="script", index=0, process="python2.7", prompt="")
    step = replace(recording.steps[0], result="waiting_for_input", waits=(wait,))
    assert firsts(replace(recording, steps=(step,))) == ["prompt-silent"]


def test_exit_137_without_a_word_is_memory_and_asks_for_proof() -> None:
    diagnosis = diagnose(parse_log(b"\x1d+ python train.py\n", exit_code=137))
    assert diagnosis.findings[0].rule == "exit-137"
    assert [(q.name, q.mapping) for q in diagnosis.questions] == [("oom", {"container": "build"})]


def test_evidence_names_the_line_of_the_whole_log() -> None:
    log = b"\x1d+ echo a\na\n\n\x1d+ yarn\n\x1b[31mbash: line 1: yarn: command not found\x1b[0m\n"
    assert diagnose(parse_log(log)).findings[0].evidence[0].line == 5


def test_a_hidden_failure_is_a_remark_even_on_a_green_run() -> None:
    recording = parse_log(b"\x1d+ false | cat\n", exit_code=0)
    command = replace(recording.steps[0].commands[0], hidden_failure=True, exit_code=1)
    green = replace(recording, steps=(replace(recording.steps[0], commands=(command,)),))
    diagnosis = diagnose(green)
    assert not diagnosis.findings and "false | cat" in diagnosis.remarks[0]


EVIL = """family: team
rules:
  - id: evil
    title: Backtracks without end
    any: ['evil: (?:a|aa|a?)+(?:a|aa|a?)+(?:a|aa|a?)+$']
    cause: It backtracks.
    cure: Write it otherwise.
    examples: {positive: [x], confusable: [{log: x}], green: [x]}
"""


def test_an_expression_that_backtracks_without_end_runs_out_of_its_budget() -> None:
    rules, problems = read_rules([("evil.yml", EVIL)])
    assert not problems
    begun = time.monotonic()
    diagnosis = diagnose(parse_log(b"evil: " + b"a" * 1200 + b"!\n bash: x: command not found\n"), rulebook(rules))
    assert time.monotonic() - begun < 20
    assert diagnosis.findings[0].rule == "command-not-found"
    assert any("evil" in remark for remark in diagnosis.remarks)


@pytest.mark.parametrize("size", [4_000_000])
def test_a_large_log_is_read_to_its_middle_in_time(size: int) -> None:
    noise = b"2024-01-02 [INFO] module test passed in package error-prone handler failed=0\n" * (size // 76)
    log = (
        b"\x1d+ mvn test\n"
        + noise
        + b"OSError: [Errno 28] No space left on device\n"
        + noise
        + b"[INFO] BUILD FAILURE\n"
    )
    begun = time.process_time()
    assert firsts(parse_log(log))[0] == "disk-full"
    assert time.process_time() - begun < 5


def test_a_column_is_named_without_the_quotes_that_mariadb_puts_around_each_part() -> None:
    said = "(1366, \"Incorrect string value: '\\xF0' for column `shop`.`item`.`name` at row 1\")"
    found = diagnose(parse_log(f"+ ./run\nOperationalError: {said}\n".encode()))
    assert "(column shop.item.name;" in found.findings[0].cause


GIVEN_AWAY = """\
pipelines:
  default:
    - step: {script: [mysql -e 1], services: [mysql]}
    - step: {script: [./lint]}
definitions:
  services:
    mysql: {image: "mysql:5.7", variables: {MYSQL_USERNAME: shop}}
"""


@pytest.mark.parametrize(
    ("log", "rule"),
    [
        ("+ mysql -e 1\nERROR 1045 (28000): Access denied for user 'a'@'127.0.0.1' (using password: YES)", "mysql-service-user-missing"),
        ("+ mysql -e 1\nERROR 2003 (HY000): Can't connect to MySQL server on '127.0.0.1:3306' (111)", "mysql-service-uninitialized"),
        ("+ mysql -e 1\nERROR 2003 (HY000): Can't connect to MySQL server on 'db.example.com:3306' (111)", "mysql-refused"),
        ("+ mysql -e 1\nERROR 1045 (28000): Access denied for user 'a'@'34.1.2.3' (using password: YES)", "mysql-access-denied"),
        ("+ ./lint\nERROR 2003 (HY000): Can't connect to MySQL server on '127.0.0.1:3306' (111)", "mysql-refused"),
        ("+ mysql -e 1\nERROR 2002 (HY000): Can't connect to local MySQL server through socket '/run/mysqld/mysqld.sock' (2)", "mysql-socket"),
        ("+ mysql -e 1\nbash: line 1: terraform: command not found", "command-not-found"),
    ],
)  # fmt: skip
def test_what_the_file_says_of_a_service_is_the_cause_of_what_it_brings_about_in_a_step_that_lists_it(
    log: str, rule: str
) -> None:
    files = ProjectFiles({"bitbucket-pipelines.yml": GIVEN_AWAY})
    assert [f.rule for f in diagnose(parse_log(log.encode()), files=files).findings] == [rule]


def test_of_a_rules_lines_the_one_that_is_no_warning_is_shown() -> None:
    log = b"+ ng build\nWarning: a.scss exceeded maximum budget.\nError: bundle initial exceeded maximum budget.\n"
    assert "Error: bundle" in diagnose(parse_log(log)).findings[0].evidence[0].text


def test_the_script_that_npm_shows_is_not_what_it_said() -> None:
    log = b"\x1d+ npm test\n\n> web@1.0.0 test\n> echo connect ECONNREFUSED 127.0.0.1:5432\n\n"
    assert firsts(parse_log(log)) == []


def test_where_one_way_failed_and_another_too_the_last_one_tells() -> None:
    log = (
        b"\x1d+ uv sync --frozen || uv sync\nerror: Unable to find lockfile at `uv.lock`, but `--frozen` was provided.\n"
        b"warning: one\n  x No solution found when resolving dependencies:\n"
        b"  `-> Because fastapi==0.95.0 depends on pydantic<2 and your project depends on pydantic>=2.5, we can conclude\n"
        b"      that your project's requirements are unsatisfiable.\n"
    )
    assert firsts(parse_log(log))[0] == "uv-conflict"


def test_an_error_that_ended_the_program_comes_before_one_that_it_only_mentions() -> None:
    log = (
        b"\x1d+ node job.js\nbcrypt is not here, using bcryptjs: Cannot find module 'bcrypt'\n"
        b"Error: Cannot find module 'dotenv'\nRequire stack:\n- /b/job.js\n    at f (node:1)\n\nNode.js v18.20.4\n"
    )
    assert diagnose(parse_log(log)).findings[0].groups["module"] == "dotenv"


def test_what_a_silent_check_at_the_end_would_mean_is_told_but_is_no_finding() -> None:
    said = diagnose(parse_log(b'\x1d+ cat VERSION\n1.8.0\n\x1d+ grep -q "^## 1.8.0" CHANGELOG.md\n'))
    assert said.verdict == "unknown" and not said.findings and not said.told
    assert said.if_red is not None and said.if_red.rule == "exit-grep"
    for page in (str(Explanation(said)), Explanation(said)._repr_html_()):
        assert "if it is red, then most likely: grep found no line" in page and "Look at what it searched" in page
    green = diagnose(parse_log(b"\x1d+ grep -q x y\n\x1d+ pytest\n===== 12 passed in 1.2s =====\n"))
    assert green.if_red is None


def test_where_no_rule_fits_errors_are_those_of_the_command_that_failed() -> None:
    log = (
        b"\x1d+ mysql -e 'select 1' || true\nERROR 2002 (HY000): Can't connect\n\x1d+ java -cp x org.junit.runner.JUnitCore T\n"
        b"There was 1 failure:\n1) takes(StockTest)\njava.lang.AssertionError: expected:<2> but was:<3>\n"
        + b"\tat org.junit.Assert.fail(Assert.java:89)\n" * 9
        + b"\tat acme.StockTest.takes(StockTest.java:5)\nFAILURES!!!\nTests run: 3,  Failures: 1\n"
    )
    seen = diagnose(parse_log(log)).unexplained
    assert seen is not None and seen.nature == "tests failed: takes(StockTest) – Tests run: 3,  Failures: 1"
    assert [error.kind for error in seen.errors] == ["junit", "java"]
    assert seen.errors[1].location == "StockTest.java:5"
    assert sum("Assert.java" in line for line in seen.last_words) == 2


def test_the_lines_of_a_diff_that_a_check_shows_belong_to_it() -> None:
    log = (
        b"\x1d+ git diff --exit-code -- api/\ndiff --git a/api.yaml b/api.yaml\nindex 50f0730..4cb5c6c 100644\n"
        b"--- a/api.yaml\n+++ b/api.yaml\n@@ -1,3 +1,3 @@\n info:\n   title: Orders\n-  version: 1.2.0\n+  version: 1.3.0\n"
    )
    assert firsts(parse_log(log)) == ["generated-file-outdated"]


def stopped(*results: str) -> Recording:
    recording = parse_log(b"\x1d+ sleep 20\n", exit_code=137)
    steps = tuple(replace(recording.steps[0], index=at, result=result) for at, result in enumerate(results, 1))
    return replace(recording, source="replay", result="stopped", steps=steps)


def test_a_replay_that_somebody_stopped_has_nothing_to_explain() -> None:
    found = diagnose(stopped("passed", "stopped"))
    assert found.verdict == "stopped" and not found.findings and found.told
    assert "was stopped" in str(Explanation(found))


def test_a_step_that_was_stopped_for_another_ones_failure_is_not_blamed() -> None:
    recording = stopped("stopped", "failed")
    jq = parse_log(b"\x1d+ jq .\nbash: jq: command not found\n", exit_code=127).steps[0]
    recording = replace(recording, result="failed", steps=(recording.steps[0], replace(jq, index=2)))
    assert recording.red_step is not None and recording.red_step.index == 2
    assert firsts(recording) == ["command-not-found"]


def test_a_kill_within_the_memory_that_was_measured_is_not_for_memory() -> None:
    recording = parse_log(b"\x1d+ ./run.sh\nKilled\n", exit_code=137)
    step = replace(recording.steps[0], oom_killed=False, memory_peak_mib=4.0, memory_limit_mib=4096.0)
    assert firsts(recording)[0] == "killed"
    assert firsts(replace(recording, steps=(step,)))[0] == "killed-on-purpose"
