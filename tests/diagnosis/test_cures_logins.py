"""A client is made to agree with the service of its step, where the pipelines file writes out what that has."""

from dataclasses import replace

import pytest
from curing import FILE, cured, cures, service, step

from pipelinelab.diagnosis import diagnose
from pipelinelab.diagnosis.values import ProjectFiles
from pipelinelab.recording.bitbucket_log import parse_log
from pipelinelab.recording.records import ServiceRecord

VALUE = {"kind": "give-variable", "name": "{name}", "title": "Give {name} a value"}
PASSWORD = {"kind": "client-password", "server": "mysql"}
PORT = {"kind": "client-port", "server": "mysql"}
LISTED = "        services: [db]\n"
ROOT = service("db", "mysql:8", MYSQL_DATABASE="shop", MYSQL_ROOT_PASSWORD="'geheim'")
BOTH = service("db", "mysql:8", MYSQL_USER="app", MYSQL_PASSWORD="mine", MYSQL_ROOT_PASSWORD="geheim")
PG = service("db", "postgres:15", POSTGRES_USER="app", POSTGRES_PASSWORD="mine", POSTGRES_DB="shop")
SECRET = service("db", "mysql:8", MYSQL_ROOT_PASSWORD="$ROOT_PW")
TEST = "python manage.py test"


def with_db(*script: str, end: str = ROOT) -> str:
    return step(*script, more=LISTED, end=end)


@pytest.mark.parametrize(
    ("name", "end", "value"),
    [
        ("MYSQL_ROOT_PASSWORD", ROOT, "geheim"),
        ("MARIADB_ROOT_PASSWORD", ROOT, "geheim"),
        ("DB_PASSWORD", ROOT, "geheim"),
        ("DB_ROOT_PASSWORD", BOTH, "geheim"),
        ("DB_USER", BOTH, "app"),
        ("DB_USER", ROOT, "root"),
        ("APP_DB_NAME", ROOT, "shop"),
        ("DATABASE_PORT", ROOT, "3306"),
        ("PGPASSWORD", PG, "mine"),
        ("PGUSER", PG, "app"),
        ("MYSQL_HOST", ROOT, "127.0.0.1"),
        ("POSTGRES_PASSWORD", service("db", "postgres", POSTGRES_PASSWORD="'a b'"), "'a b'"),
    ],
)
def test_a_missing_variable_gets_the_value_that_the_service_has(name: str, end: str, value: str) -> None:
    (cure,) = cures(VALUE, "python load.py", files=with_db("python load.py", end=end), name=name)
    assert cure.title == f"Give {name} the value that the service db has"
    assert cured(VALUE, "python load.py", files=with_db("python load.py", end=end), name=name) == {
        FILE: [f"- export {name}={value}"]
    }


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("MYSQL_ROOT_PASSWORD", SECRET),
        ("DB_PASSWORD", SECRET),
        ("DB_PASSWORD", BOTH),
        ("PGPASSWORD", ROOT),
        ("REDIS_PASSWORD", ROOT),
    ],
)
def test_a_variable_of_a_server_that_nobody_knows_is_not_made_up(name: str, end: str) -> None:
    assert cures(VALUE, TEST, files=with_db(TEST, end=end), name=name) == ()


def test_which_of_two_passwords_is_meant_the_settings_user_tells() -> None:
    assert cured(VALUE, TEST, files=with_db(TEST, end=BOTH), name="DB_PASSWORD", db_user="app") == {
        FILE: ["- export DB_PASSWORD=mine"]
    }


def test_a_service_that_the_step_does_not_list_tells_nothing() -> None:
    assert cures(VALUE, TEST, files=step(TEST, end=ROOT), name="MYSQL_ROOT_PASSWORD") == ()


def settings(password: str) -> str:
    return f"import os\nDATABASES = {{'default': {{'ENGINE': 'mysql', 'USER': 'root', 'PASSWORD': {password}}}}}\n"


def test_a_password_that_the_settings_write_out_becomes_the_services() -> None:
    files = {FILE: with_db(TEST), "shop/settings.py": settings('"root"')}
    (line,) = cured(PASSWORD, TEST, files=files, user="root")["shop/settings.py"]
    assert "'PASSWORD': \"geheim\"}" in line


def test_a_password_that_the_settings_read_from_the_environment_is_exported() -> None:
    files = {FILE: with_db(TEST), "shop/settings.py": settings("os.environ.get('DB_PASSWORD', '')")}
    assert cured(PASSWORD, TEST, files=files, user="root") == {FILE: ["- export DB_PASSWORD=geheim"]}


@pytest.mark.parametrize(
    ("line", "then"),
    [
        ("export DB_PASSWORD=root DB_HOST=127.0.0.1", "export DB_PASSWORD=geheim DB_HOST=127.0.0.1"),
        ('export DB_PASSWORD="root"', 'export DB_PASSWORD="geheim"'),
        ("'export DB_PASSWORD=root'", "'export DB_PASSWORD=geheim'"),
    ],
)
def test_a_password_that_the_script_exports_becomes_the_services(line: str, then: str) -> None:
    said = (line.strip("'"), TEST)
    for more in ({"shop/settings.py": settings("os.environ['DB_PASSWORD']")}, {}):
        files = {FILE: with_db(line, TEST), **more}
        assert cured(PASSWORD, *said, files=files, user="root") == {FILE: [f"- {then}"]}


def test_a_program_that_reads_one_password_gets_it() -> None:
    files = {FILE: with_db("python load.py"), "load.py": "connect(password=os.environ.get('DB_PASSWORD', 'root'))\n"}
    assert cured(PASSWORD, "python load.py", files=files, user="root") == {FILE: ["- export DB_PASSWORD=geheim"]}


@pytest.mark.parametrize(
    ("command", "then"),
    [
        ("mysql -uroot -proot -h127.0.0.1 shop < a.sql", "mysql -uroot -pgeheim -h127.0.0.1 shop < a.sql"),
        ("mysql -u root --password='root' shop", "mysql -u root --password='geheim' shop"),
        ("mysql -h127.0.0.1 -uroot shop", "mysql -pgeheim -h127.0.0.1 -uroot shop"),
    ],
)
def test_a_mysql_command_sends_the_services_password(command: str, then: str) -> None:
    assert cured(PASSWORD, command, files=with_db(command), user="root") == {FILE: [f"- {then}"]}


def test_a_mysql_command_whose_password_is_a_variable_of_the_script_gets_it_there() -> None:
    script = ("export PW=root", 'mysql -uroot -p"$PW" shop')
    assert cured(PASSWORD, *script, files=with_db(*script), user="root") == {FILE: ["- export PW=geheim"]}
    assert cured(PASSWORD, script[1], files=with_db(script[1]), user="root") == {}


def test_psql_gets_the_password_in_its_variable() -> None:
    entry, run = {**PASSWORD, "server": "postgres"}, "psql -h 127.0.0.1 -U app shop"
    assert cured(entry, run, files=with_db(run, end=PG), user="app") == {FILE: ["- export PGPASSWORD=mine"]}


@pytest.mark.parametrize(
    ("script", "end", "user"),
    [
        (("export DB_PASSWORD=$PW", TEST), ROOT, "root"),
        (("export DB_PASSWORD=root", TEST), SECRET, "root"),
        (("export DB_PASSWORD=geheim", TEST), ROOT, "root"),
        (("export DB_PASSWORD=root MYSQL_ROOT_PASSWORD=x", TEST), ROOT, "root"),
        (("export DB_PASSWORD=root", TEST), ROOT, "shop"),
        (("mysql -uroot -p$PW shop",), ROOT, "root"),
        (("mysql -uroot -p shop",), ROOT, "root"),
        (("mysql --defaults-file=my.cnf shop",), ROOT, "root"),
    ],
)
def test_what_the_file_does_not_tell_is_left_to_people(script: tuple[str, ...], end: str, user: str) -> None:
    assert cures(PASSWORD, *script, files=with_db(*script, end=end), user=user) == ()


@pytest.mark.parametrize(
    ("script", "then"),
    [
        (("export DB_PORT=3307", "python load.py"), "export DB_PORT=3306"),
        (("export DB_HOST=127.0.0.1 DB_PORT='3307'", "python load.py"), "export DB_HOST=127.0.0.1 DB_PORT='3306'"),
        (("mysql -h127.0.0.1 -P3307 shop",), "mysql -h127.0.0.1 -P3306 shop"),
        (("mysql --port=3307 shop",), "mysql --port=3306 shop"),
        (("export URL=mysql://a:b@127.0.0.1:3307/shop", "make"), "export URL=mysql://a:b@127.0.0.1:3306/shop"),
    ],
)
@pytest.mark.parametrize("port", ["3307", ""])
def test_the_one_place_that_names_the_refused_port_names_the_services(
    script: tuple[str, ...], then: str, port: str
) -> None:
    assert cured(PORT, *script, files=with_db(*script), port=port) == {FILE: [f"- {then}"]}


def test_a_port_of_the_settings_becomes_the_services() -> None:
    files = {FILE: with_db(TEST), "shop/settings.py": settings("'x', 'PORT': '3307'")}
    assert "'PORT': '3306'" in cured(PORT, TEST, files=files, port="3307")["shop/settings.py"][0]


@pytest.mark.parametrize(
    "script",
    [
        ("docker run -p 3307:3306 mysql", "export DB_PORT=3307", "make"),
        ("export DB_PORT=3306", "make"),
        ("export DB_PORT=$PORT", "make"),
        ("make 3307",),
    ],
)
def test_a_port_that_is_named_twice_or_elsewhere_stays(script: tuple[str, ...]) -> None:
    assert cures(PORT, *script, files=with_db(*script), port="3307") == ()


@pytest.mark.parametrize(
    ("script", "facts"),
    [
        (("export DB_HOST=db.example.com DB_PASSWORD=root", "make"), {}),
        (("mysql -h db.example.com -uroot -proot",), {}),
        (("export DB_PASSWORD=root", "make"), {"host": "10.1.2.3"}),
    ],
)
def test_another_machines_server_has_a_password_of_its_own(script: tuple[str, ...], facts: dict[str, str]) -> None:
    assert cures(PASSWORD, *script, files=with_db(*script), user="root", **facts) == ()


OPTION = {"kind": "service-password", "server": "mysql", "image": "mysql", "key": "MYSQL_RANDOM_ROOT_PASSWORD",
          "value": "'yes'"}  # fmt: skip
BARE = service("db", "mysql:8", MYSQL_DATABASE="shop")


@pytest.mark.parametrize(
    ("password", "line"),
    [
        ("'geheim'", "MYSQL_ROOT_PASSWORD: 'geheim'"),
        ("''", "MYSQL_ALLOW_EMPTY_PASSWORD: 'yes'"),
        ("os.environ['PW']", "MYSQL_RANDOM_ROOT_PASSWORD: 'yes'"),
    ],
)
def test_a_service_that_does_not_start_gets_the_password_that_the_settings_send(password: str, line: str) -> None:
    files = {FILE: with_db(TEST, end=BARE), "shop/settings.py": settings(password)}
    assert cured(OPTION, TEST, files=files) == {FILE: [line]}


def test_the_service_is_the_one_of_the_step_that_has_no_password_option() -> None:
    end = service("other", "mysql:8", MYSQL_DATABASE="x") + BARE.partition("services:\n")[2]
    assert cured(OPTION, TEST, files=with_db(TEST, end=end)) == {FILE: ["MYSQL_RANDOM_ROOT_PASSWORD: 'yes'"]}
    (cure,) = cures(OPTION, TEST, files=with_db(TEST, end=end))
    assert cure.edits[0].after.endswith(
        "variables:\n        MYSQL_RANDOM_ROOT_PASSWORD: 'yes'\n        MYSQL_DATABASE: shop\n"
    )
    assert cures(OPTION, TEST, files=with_db(TEST)) == ()


def test_postgres_gets_the_password_that_the_settings_send() -> None:
    entry = {**OPTION, "server": "postgres", "image": "postgres", "key": "POSTGRES_PASSWORD", "value": "postgres"}
    files = {FILE: with_db(TEST, end=service("db", "postgres:15")), "shop/settings.py": settings("'geheim'")}
    assert cured(entry, TEST, files=files) == {FILE: ["variables:", "POSTGRES_PASSWORD: 'geheim'"]}


def test_a_service_that_ended_without_a_password_option_is_the_first_cause() -> None:
    log = b"[ERROR] [Entrypoint]: Database is uninitialized and password option is not specified\n"
    said = b"OperationalError: (2002, \"Can't connect to server on '127.0.0.1' (115)\")\n"
    recording = parse_log(b"\x1d+ python manage.py test\n" + said)
    ended = ServiceRecord(name="db", exit_code=1, early=True, log=log)
    recording = replace(recording, steps=(replace(recording.steps[0], services=(ended,)),))
    first = diagnose(recording, files=ProjectFiles({FILE: with_db(TEST, end=BARE)})).findings[0]
    assert first.rule == "mysql-service-uninitialized"
    assert "MYSQL_RANDOM_ROOT_PASSWORD: 'yes'" in first.cures[0].diff


def test_a_port_that_only_the_settings_name_is_made_the_services() -> None:
    settings = "DATABASES = {'default': {'ENGINE': 'django.db.backends.mysql', 'HOST': '127.0.0.1', 'PORT': '3307'}}\n"
    pipeline = (
        "image: python:3.11\npipelines:\n  default:\n    - step:\n        services: [db]\n        script:\n"
        "          - python manage.py test\ndefinitions:\n  services:\n    db:\n      image: mysql:8.0\n"
        "      variables: {MYSQL_ROOT_PASSWORD: ci}\n"
    )
    manage = 'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")\n'
    files = ProjectFiles({"bitbucket-pipelines.yml": pipeline, "shop/settings.py": settings, "manage.py": manage})
    said = b"+ python manage.py test\nOperationalError: (2002, \"Can't connect to server on '127.0.0.1' (115)\")\n"
    found = diagnose(parse_log(said, exit_code=1), files=files).findings[0]
    assert found.rule == "mysql-refused"
    assert "'PORT': '3306'" in found.cures[0].diff and found.cures[0].safety == "safe"
