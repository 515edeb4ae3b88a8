# ruff: noqa: E501 - logs are lines of their own length
import pytest

from pipelinelab.diagnosis import diagnose
from pipelinelab.recording.bitbucket_log import parse_log
from pipelinelab.recording.records import Recording


def firsts(recording: Recording) -> list[str]:
    return [finding.rule for finding in diagnose(recording).findings]


def test_what_an_earlier_command_said_is_the_cause_where_it_brings_the_failure_about() -> None:
    search = b"bootstrap check failure [1] of [1]: max virtual memory areas vm.max_map_count [65530] is too low\n"
    log = (
        b"+ docker logs es\n"
        + search
        + b"+ curl -f localhost:9200\ncurl: (7) Failed to connect to localhost port 9200\n"
    )
    finding = diagnose(parse_log(log)).findings[0]
    assert finding.rule == "elasticsearch-max-map"
    assert [one.line for one in finding.evidence] == [2, 4]


def test_a_cause_right_before_what_it_brought_about_was_not_survived() -> None:
    log = b"""+ rails db:migrate
pg_dump: error: aborting because of server version mismatch
bin/rails aborted!
failed to execute:
pg_dump --schema-only app_test

Please check the output above for any errors and make sure that `pg_dump` is installed in your PATH.
"""
    assert firsts(parse_log(log)) == ["postgres-version-mismatch"]


def test_what_a_pipe_has_hidden_explains_the_file_that_is_missing_later() -> None:
    log = (
        b"\x1d+ npm run build 2>&1 | tail -n 40\n\n> web@1.0.0 build\n> vite build\n\nsh: 1: vite: not found\n"
        b"\x1d+ tar czf app.tgz dist\ntar: dist: Cannot stat: No such file or directory\n"
    )
    assert firsts(parse_log(log)) == ["npm-program-missing"]
    assert "archive-empty" in firsts(parse_log(b"\x1d+ set -o pipefail\n" + log))


@pytest.mark.parametrize(
    ("log", "rule"),
    [
        ("+ composer install || echo 'composer finished'\n"
         "    - Root composer.json requires PHP extension ext-soap * but it is missing from your system.\ncomposer finished\n"
         "+ php bin/console cache:warmup\nPHP Fatal error:  Uncaught Error: Failed opening required '/build/vendor/autoload.php'\n",
         "composer-extension"),
        ("+ npm run build\n\n> shop@1.0.0 build\n> node build.js || echo 'built with warnings'\n\n"
         "Error: Cannot find module './config/app.json'\nRequire stack:\n- /build/build.js\nbuilt with warnings\n"
         "+ cp -r dist/* /srv/www/\ncp: cannot stat 'dist/*': No such file or directory\n", "node-file-missing"),
    ],
    ids=["packages", "a build's files"],
)  # fmt: skip
def test_what_another_way_has_hidden_explains_what_is_missing_later(log: str, rule: str) -> None:
    assert firsts(parse_log(log.encode()))[0] == rule


def test_a_clean_up_that_may_fail_explains_nothing() -> None:
    log = "+ docker rm -f web || true\nError: No such container: web\n+ cp dist/a /srv/\ncp: cannot stat 'dist/a': No such file or directory\n"
    assert firsts(parse_log(log.encode()))[0] == "file-not-found"


def test_where_nothing_answers_it_is_told_what_the_program_in_the_background_died_of() -> None:
    died = b"Traceback (most recent call last):\n  File \"app.py\", line 4, in <module>\nKeyError: 'DATABASE_URL'\n"
    rest = (
        b"\x1d+ sleep 2\n" + died + b"\x1d+ curl --fail http://127.0.0.1:8723/\n"
        b"curl: (7) Failed to connect to 127.0.0.1 port 8723 after 0 ms: Couldn't connect to server\n"
    )
    assert firsts(parse_log(b"\x1d+ python3 app.py &\n" + rest)) == ["python-environment-key"]
    assert firsts(parse_log(b"\x1d+ python3 app.py && true\n" + rest)) == ["network-refused"]


def test_an_earlier_failure_of_the_same_kind_is_another_one() -> None:
    ping = b"\x1d+ mysqladmin ping || true\nerror: 'Access denied for user 'root'@'localhost' (using password: NO)'\n"
    load = b"\x1d+ mysql -proot shop\nERROR 1045 (28000): Access denied for user 'root'@'localhost' (using password: YES)\n"
    assert firsts(parse_log(ping + load)) == ["mysql-access-denied"]


def test_the_first_error_of_mysql_that_was_forced_on_explains_the_table_that_is_missing_later() -> None:
    log = (
        b"+ mysql --force -h127.0.0.1 shop < schema.sql\nERROR 4161 (HY000) at line 7: Unknown data type: 'INET9'\n"
        b"loading a\nloading b\nloading c\nloading d\n"
        b"+ pytest -q\nE   pymysql.err.ProgrammingError: (1146, \"Table 'shop.visits' doesn't exist\")\n1 failed in 0.1s\n"
    )
    assert firsts(parse_log(log))[0] == "mysql-data-type-unknown"
    assert firsts(parse_log(log.replace(b"--force ", b"")))[0] == "mysql-table-missing"


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ('extension "vector" is not available', "postgres-extension"),
        ('syntax error at or near "COLUM"', "postgres-went-on"),
    ],
)
def test_what_psql_went_on_after_explains_the_table_that_is_missing_later(said: str, rule: str) -> None:
    log = (
        f"+ psql -f a.sql\npsql:a.sql:1: ERROR:  {said}\n"
        '+ pytest -q\nE   psycopg.errors.UndefinedTable: relation "papers" does not exist\n1 failed in 0.1s\n'
    )
    assert firsts(parse_log(log.encode()))[0] == rule
