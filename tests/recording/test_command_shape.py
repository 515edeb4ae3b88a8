import pytest

from pipelinelab.recording.bitbucket_log import parse_log
from pipelinelab.recording.command_shape import (
    expects_failure,
    failed_to_begin,
    forgives,
    has_another_way,
    hides_in_a_pipe,
    keeps_quiet,
    lets_fail,
    only_shows,
    passed_before_last_words,
    says_success,
    script_of,
    stops_at,
    tries_again,
)


@pytest.mark.parametrize(
    "command", ["make lint || true", "rm x || :", "test -f x || echo none", "flake8 --exit-zero a"]
)
def test_some_commands_end_with_0_whatever_they_say(command: str) -> None:
    assert forgives(command)
    assert not forgives(command.replace("||", "&&").replace("--exit-zero", "--strict"))


def test_mysql_that_is_forced_on_ends_with_0_but_where_it_could_not_log_in() -> None:
    assert forgives("mysql --force -h127.0.0.1 shop < a.sql") and forgives("cat a.sql | mariadb -f shop")
    assert not forgives("mysql --force shop < a.sql && ./load") and not forgives("mysql shop < force.sql")
    assert failed_to_begin("mysql -f shop < a.sql", b"ERROR 1045 (28000): Access denied for user 'a'@'b'\n")
    assert not failed_to_begin("mysql -f shop < a.sql", b"ERROR 1050 (42S01) at line 2: Table 'a' already exists\n")


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
    assert only_shows("git log -1 --format=%s", b"Fix: connection refused on start")
    assert not only_shows("git log -1", b"fatal: detected dubious ownership in repository at '/build'")


@pytest.mark.parametrize(
    "command",
    [
        "until nc -z db 3306; do sleep 1; done",
        "for i in 1 2 3; do ./fetch && break || echo again; done",
        "curl --retry 3 localhost",
        "npm run flaky || npm run flaky",
        "if ! npm view x; then echo free; fi",
    ],
)
def test_a_failure_within_a_command_that_tries_again_need_not_be_its_end(command: str) -> None:
    assert tries_again(command) or has_another_way(command)
    alarm = b"curl: (7) Failed to connect\n"
    assert parse_log(b"\x1d+ " + command.encode() + b"\n" + alarm + b"fetched\n").result == "unknown"
    either = has_another_way(command) or expects_failure(command)  # the other way may have said nothing
    assert parse_log(b"\x1d+ " + command.encode() + b"\n" + alarm).result == ("unknown" if either else "failed")


def test_curl_says_the_status_that_it_was_asked_for() -> None:
    command = "curl -sS --retry 3 -o /dev/null -w '%{http_code}' localhost"
    assert says_success(command, b"200") and not says_success(command, b"503")


def test_psql_reads_a_file_to_its_end_whatever_its_statements_say() -> None:
    error = b"psql:a.sql:1: ERROR:  duplicate key value"
    assert not stops_at("psql -d app -f a.sql", error)
    assert stops_at("psql -v ON_ERROR_STOP=1 -d app -f a.sql", error)
    assert stops_at("psql -d app -f a.sql", b"psql: error: connection to server failed")
    assert stops_at("psql -c 'select 1'", b"ERROR:  relation does not exist")
    assert parse_log(b"\x1d+ psql -d app -f a.sql\n" + error + b"\nDETAIL:  Key exists.\n").result == "unknown"


@pytest.mark.parametrize(
    ("command", "result"),
    [
        ("TAG=$(git describe --exact-match 2>/dev/null)", "failed"),
        ("export TAG=$(git describe --exact-match 2>/dev/null)", "unknown"),
        ("TAG=$(git describe) && echo $TAG", "unknown"),
        ("timeout 6 bash -c 'until curl -sf localhost; do sleep 1; done'", "unknown"),
        ("git diff | grep -q ^docs/", "unknown"),
    ],
)
def test_a_step_that_ends_with_what_only_prepares_for_more_was_stopped_there(command: str, result: str) -> None:
    assert parse_log(b"\x1d+ pytest\n1 passed\n\x1d+ " + command.encode() + b"\n").result == result


def test_a_second_way_that_always_speaks_is_believed() -> None:
    alarm = b"The certificate's owner does not match hostname 'x': this failed.\n"
    assert parse_log(b"\x1d+ wget -q https://x/a || wget https://x/a\n" + alarm).result == "failed"
    assert parse_log(b"\x1d+ wget https://x/a || wget -q https://x/a\n" + alarm).result == "unknown"


def test_a_server_that_refuses_the_login_of_a_ping_is_alive() -> None:
    log = b"\x1d+ mysqladmin -h127.0.0.1 ping\nmysqladmin: connect to server failed\nerror: 'Access denied for user'\n"
    assert parse_log(log).result == "passed"
    refused = b"\x1d+ mysqladmin ping && mysql -e x\nmysqld is alive\nERROR 1045 (28000): Access denied for user 'a'\n"
    assert parse_log(refused).result == "failed"


def test_what_a_condition_leads_to_may_fail_in_earnest() -> None:
    assert not expects_failure('if [ "$BITBUCKET_BRANCH" = main ]; then npm ci; fi')
    assert not expects_failure("if a; then echo b; else npm ci; fi")
    assert not expects_failure("! grep -q FIXME src && npm ci")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("! curl -fsS localhost/.env", b"curl: (22) The requested URL returned error: 404"),
        (
            "if curl -fsS localhost/.git; then echo open; exit 1; fi",
            b"curl: (22) The requested URL returned error: 404",
        ),
        (
            "if openssl verify x; then exit 1; else echo 'rejected as expected'; fi",
            b"error x: failed\nrejected as expected",
        ),
    ],
)
def test_a_failure_that_is_wanted_is_none(command: str, said: bytes) -> None:
    assert parse_log(b"\x1d+ " + command.encode() + b"\n" + said + b"\n").result != "failed"


def test_what_a_loop_says_each_time_is_no_end() -> None:
    assert not says_success("timeout 30 bash -c 'until nc -z db 1; do sleep 1; echo waiting; done'", b"waiting")
    assert says_success("ping x || { echo no answer; }", b"no answer")


_DOTS = b"...\n" + b"-" * 70 + b"\nRan 3 tests in 0.002s\n\n"


@pytest.mark.parametrize(
    ("command", "said", "passed"),
    [
        ("python -m unittest -v", _DOTS + b"OK\nError: connection refused\n", True),
        ("coverage run manage.py test", _DOTS + b"OK (skipped=1)\nERROR: no such user\n", True),
        ("python manage.py test", _DOTS + b"OK\nTraceback (most recent call last)\nValueError: x\n", False),
        ("python manage.py test && ./deploy", _DOTS + b"OK\nERROR: no such host\n", False),
        ("python manage.py test", _DOTS + b"FAILED (errors=1)\n", False),
    ],
)
def test_what_unittest_prints_after_its_ok_is_older_than_that(command: str, said: bytes, passed: bool) -> None:
    assert passed_before_last_words(command, said) == passed


def test_what_an_npm_script_lets_pass_is_let_pass() -> None:
    said = b"\n> web@1.0.0 lint\n> eslint src || true\n\n/a.js\n  1:1  error  Parsing error: x\n\n1 problem (1 error)\n"
    assert parse_log(b"\x1d+ npm run lint\n" + said).result == "passed"
    assert parse_log(b"\x1d+ npm run lint\n" + said.replace(b" || true", b"")).result != "passed"
    assert script_of("npm run lint && npm test", said) == "npm run lint && npm test"


def test_what_make_ignores_at_last_and_what_echo_says_is_no_failure() -> None:
    log = b"\x1d+ make check\nmypy app\na.py:1: error: x\nmake: [Makefile:8: check] Error 1 (ignored)\n"
    assert parse_log(log).result == "passed"
    assert parse_log(b"\x1d+ make\nok\n\x1d+ echo 'ERROR count: 0'\nERROR count: 0\n").result == "passed"


def test_a_small_tool_may_be_let_fail_within_a_longer_command() -> None:
    command = "ssh web 'rm /srv/cache/* || true; wc -l < index.md'"
    assert lets_fail(command, b"rm: cannot remove '/srv/cache/*': No such file or directory")
    assert not lets_fail(command, b"ls: cannot access 'x'")
    assert not lets_fail("rm x && ls", b"rm: cannot remove 'x'")


def test_a_build_tool_that_failed_says_so() -> None:
    logged = b"SEVERE: cannot pay\njava.lang.IllegalStateException: no money\n"
    assert keeps_quiet("mvn -q test", logged)
    assert not keeps_quiet("mvn -q test", logged + b"[ERROR] Failed to execute goal\n")
    assert not keeps_quiet("java -jar app.jar", logged)
    assert not keeps_quiet("mvn -q test && ./run", logged)


def test_an_answer_that_curl_fetches_is_not_what_curl_says() -> None:
    body = b'{"errors": ["smtp: connection refused"]}'
    assert only_shows("curl -sS http://127.0.0.1/health", body)
    assert not only_shows("curl -sSf http://127.0.0.1/health", body)
    assert not only_shows("curl -sS http://127.0.0.1/health", b"curl: (7) Failed to connect")
