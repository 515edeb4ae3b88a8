"""A service's identity is not replaced unasked: what it has is used, and new values are only added."""

import pytest
import yaml
from curing import FILE, cured, cures, service, step

from pipelinelab.diagnosis.cures.kinds import KINDS

POSTGRES = service("pg", "postgres:15", POSTGRES_DB="app_test", POSTGRES_USER="app", POSTGRES_PASSWORD="secret")
CREATE = {"kind": "set-service-variable", "image": "postgres", "key": "POSTGRES_DB", "value": "{database}"}
ROLE, NAME = {"kind": "client-user", "role": "{role}"}, {"kind": "client-database", "database": "{database}"}


def test_a_value_that_a_service_has_is_replaced_only_as_unsafe_and_it_says_which() -> None:
    (cure,) = cures(CREATE, "psql x", files=step("psql x", end=POSTGRES), database="app")
    assert cure.safety == "unsafe" and "POSTGRES_DB is app_test now" in cure.why


def test_a_variable_that_a_service_lacks_is_added_safely() -> None:
    end = service("pg", "postgres:15", POSTGRES_PASSWORD="secret")
    (cure,) = cures(CREATE, "psql x", files=step("psql x", end=end), database="app")
    assert cure.safety == "safe" and "POSTGRES_DB: app" in cure.diff


@pytest.mark.parametrize(
    "end",
    [
        service("db", "mysql:8"),
        "definitions: {services: {db: {image: 'mysql:8'}}}\n",
        service("db", "mysql:8").rstrip(),
    ],
)
def test_a_service_without_variables_gets_them(end: str) -> None:
    entry = {"kind": "set-service-variable", "image": "mysql", "key": "MYSQL_RANDOM_ROOT_PASSWORD", "value": "'yes'"}
    (cure,) = cures(entry, "npm test", files=step("npm test", end=end))
    defined = yaml.safe_load(cure.edits[0].after)["definitions"]["services"]
    assert defined == {"db": {"image": "mysql:8", "variables": {"MYSQL_RANDOM_ROOT_PASSWORD": "yes"}}}


@pytest.mark.parametrize(
    ("command", "then"),
    [
        ("psql -h localhost -c 'create database x'", "psql -U app -h localhost -c 'create database x'"),
        ("createdb x && psql -U root x", "createdb -U app x && psql -U app x"),
        ("bundle exec rails db:create", "export PGUSER=app"),
    ],
)
def test_a_client_connects_as_the_role_that_the_service_has(command: str, then: str) -> None:
    assert f"- {then}" in cured(ROLE, command, files=step(command, end=POSTGRES), role="root")[FILE]


def test_a_role_that_the_settings_write_out_becomes_the_services_with_its_password() -> None:
    settings = "DATABASES = {'default': {'ENGINE': 'p', 'USER': 'shop', 'PASSWORD': 'x'}}\n"
    files = {FILE: step("python manage.py test", end=POSTGRES), "shop/settings.py": settings}
    (line,) = cured(ROLE, "python manage.py test", files=files, role="shop")["shop/settings.py"]
    assert "'USER': 'app', 'PASSWORD': 'secret'" in line


@pytest.mark.parametrize(
    ("command", "then"),
    [
        ("psql -h localhost -U app -c 'select 1'", "psql -d app_test -h localhost -U app -c 'select 1'"),
        ("psql -U app < dump.sql", "psql -d app_test -U app < dump.sql"),
    ],
)
def test_a_client_that_names_no_database_gets_the_services(command: str, then: str) -> None:
    assert cured(NAME, command, files=step(command, end=POSTGRES), database="app") == {FILE: [f"- {then}"]}


@pytest.mark.parametrize("command", ["psql -U app app -c x", "psql -d app", "psql postgres://app@127.0.0.1/app"])
def test_a_client_that_names_its_database_keeps_it(command: str) -> None:
    assert cures(NAME, command, files=step(command, end=POSTGRES), database="app") == ()


def test_laravel_uses_the_database_that_the_service_made() -> None:
    end = service("db", "mysql:8", MYSQL_DATABASE="app")
    entry = {**NAME, "image": "mysql"}
    text = step("php artisan migrate", end=end)
    line = "- export DB_DATABASE=app"
    assert cured(entry, "php artisan migrate", files=text, database="laravel") == {FILE: [line]}
    files = {FILE: text, ".env": "DB_DATABASE=laravel\n"}
    assert cured(entry, "php artisan migrate", files=files, database="laravel") == {".env": ["DB_DATABASE=app"]}


def test_a_wrong_name_is_not_mended_for_another_user_nor_twice() -> None:
    entry = {"kind": "rename-service-variable", "from": "MYSQL_USERNAME", "to": "MYSQL_USER"}
    text = step("mysql x", end=service("db", "mysql:8", MYSQL_USERNAME="app"))
    assert cured(entry, "mysql x", files=text, user="app") == {FILE: ["MYSQL_USER: app"]}
    assert cures(entry, "mysql x", files=text, user="deploy") == ()
    both = service("db", "mysql:8", MYSQL_USERNAME="app", MYSQL_USER="app")
    assert cures(entry, "mysql x", files=step("mysql x", end=both)) == ()


def test_a_service_is_not_listed_where_another_of_its_kind_is() -> None:
    end = service("old", "mysql:5.7") + "    new:\n      image: mysql:8\n"
    text = step("npm test", more="        services: [new]\n", end=end)
    assert cures({"kind": "add-service", "image": "mysql"}, "npm test", files=text) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_cure_says_why_it_is_safe_or_not(kind: str) -> None:
    assert KINDS[kind].safe or KINDS[kind].unsafe
