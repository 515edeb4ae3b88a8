"""Cures of a Django project edit the settings that the command runs with, in the file's own style, or none."""

import pytest
from curing import FILE, cured, cures, service, step

HOST, NAME, CHARSET = "database-host", "test-name-keepdb", "database-charset"


def settings(host: str = "'localhost'", name: str = "'app'", more: str = "") -> str:
    return f"DATABASES = {{'default': {{'ENGINE': 'mysql', 'NAME': {name}, 'HOST': {host}{more}}}}}\n"


def manage(module: str) -> str:
    return f'os.environ.setdefault("DJANGO_SETTINGS_MODULE", "{module}")\n'


MANY = {
    "manage.py": manage("config.settings.local"),
    "config/settings/base.py": settings("'db.internal'"),
    "config/settings/local.py": settings(),
    "config/settings/test.py": settings(),
}
TEST = "config/settings/test.py"


@pytest.mark.parametrize(
    ("script", "path"),
    [
        (("python manage.py test",), "config/settings/local.py"),
        (("python manage.py test --settings=config.settings.test",), TEST),
        (("python manage.py test --settings config.settings.test",), TEST),
        (("export DJANGO_SETTINGS_MODULE=config.settings.test", "python manage.py test"), TEST),
        (("DJANGO_SETTINGS_MODULE=config.settings.test python manage.py test",), TEST),
        (("pytest --ds=config.settings.test",), TEST),
    ],
)
def test_the_settings_are_those_that_the_command_is_told(script: tuple[str, ...], path: str) -> None:
    assert set(cured(HOST, *script, files={**MANY, FILE: step(*script)})) == {path}


TWO = {
    "api/manage.py": manage("core.settings"),
    "api/core/settings.py": settings(),
    "backend/manage.py": manage("shop.settings"),
    "backend/shop/settings.py": settings(),
}


@pytest.mark.parametrize(
    "script",
    [
        ("cd backend && python manage.py test",),
        ("cd backend", "python manage.py test"),
        ("python backend/manage.py test",),
    ],
)
def test_of_two_projects_it_is_the_one_whose_folder_the_script_went_to(script: tuple[str, ...]) -> None:
    assert set(cured(HOST, *script, files={**TWO, FILE: step(*script)})) == {"backend/shop/settings.py"}


def test_where_nothing_tells_which_settings_are_meant_none_are_changed() -> None:
    assert cures(HOST, "make test", files={**TWO, FILE: step("make test")}) == ()


def test_a_default_that_the_script_overrides_is_changed_where_the_script_sets_it() -> None:
    script = ("export DB_HOST=localhost", "python manage.py test")
    files = {"shop/settings.py": settings("os.environ.get('DB_HOST', 'localhost')"), FILE: step(*script)}
    assert cured(HOST, *script, files=files) == {FILE: ["- export DB_HOST=127.0.0.1"]}


def test_settings_under_an_if_behind_a_mark_of_the_encoding_and_in_double_quotes_keep_their_style() -> None:
    text = '\ufeffif os.environ.get("CI"):\n    DATABASES = {"default": {"ENGINE": "mysql", "HOST": "localhost"}}\n'
    other = 'else:\n    DATABASES = {"default": {"ENGINE": "sqlite3"}}\n'
    script = "python manage.py test"
    (line,) = cured(HOST, script, files={"a/settings.py": text + other, FILE: "\ufeff" + step(script)})["a/settings.py"]
    assert line == 'DATABASES = {"default": {"ENGINE": "mysql", "HOST": "127.0.0.1"}}'


def test_pytest_keeps_the_services_database_with_its_own_option() -> None:
    files = {"shop/settings.py": settings(), FILE: step("pip install pytest", "pytest -q")}
    lines = cured(NAME, "pip install pytest", "pytest -q", files=files)
    assert lines[FILE] == ["- pytest --reuse-db -q"]
    assert "'TEST': {'NAME': 'app'}" in lines["shop/settings.py"][0]


@pytest.mark.parametrize("run", ["make check", "python manage.py test --parallel", "pytest -n 4", "pytest --create-db"])
def test_the_test_databases_name_alone_is_never_offered(run: str) -> None:
    assert cures(NAME, run, files={"shop/settings.py": settings(), FILE: step(run)}) == ()


def test_a_run_in_a_script_keeps_the_database_too() -> None:
    files = {"shop/settings.py": settings(), "ci/test.sh": "python manage.py test\n", FILE: step("bash ci/test.sh")}
    assert cured(NAME, "bash ci/test.sh", files=files)["ci/test.sh"] == ["python manage.py test --keepdb"]


SAME = ", 'TEST': {'NAME': 'app'}"


@pytest.mark.parametrize(
    ("script", "begin"),
    [
        (
            ("cd backend && python manage.py migrate",),
            "- '(cd backend && DJANGO_SETTINGS_MODULE=shop.settings python -c",
        ),
        (("cd backend", "./manage.py migrate"), "- 'DJANGO_SETTINGS_MODULE=shop.settings python -c"),
        (("python3 backend/manage.py migrate",), "- '(cd backend && DJANGO_SETTINGS_MODULE=shop.settings python3 -c"),
        (
            ("cd backend && python manage.py test a",),
            "- '(cd backend && DJANGO_SETTINGS_MODULE=shop.settings python -c",
        ),
    ],
)
def test_the_collation_changes_in_the_folder_that_the_project_is_imported_from(
    script: tuple[str, ...], begin: str
) -> None:
    files = {**TWO, "backend/shop/settings.py": settings(more=SAME), FILE: step(*script)}
    lines = cured(CHARSET, *script, files=files)
    assert lines[FILE][0].replace('"', "'").startswith(begin) or lines[FILE][0].startswith(begin.replace("- '", "- "))
    assert set(lines) == {FILE, "backend/shop/settings.py"}


@pytest.mark.parametrize("run", ["pytest", "python manage.py test"])
def test_a_database_that_the_tests_make_themselves_is_made_in_utf8mb4(run: str) -> None:
    lines = cured(CHARSET, run, files={"shop/settings.py": settings(), FILE: step(run)})
    assert set(lines) == {"shop/settings.py"}
    assert "'TEST': {'CHARSET': 'utf8mb4'}, 'OPTIONS': {'charset': 'utf8mb4'}" in lines["shop/settings.py"][0]


def test_rails_and_laravel_connect_over_tcp_too() -> None:
    rails = step("bundle exec rails db:create")
    erb = 'host: <%= ENV.fetch("DB_HOST", "postgres") %>'
    for line, then in [
        ("  socket: /var/run/x.sock", "host: 127.0.0.1"),
        ("  host: localhost", "host: 127.0.0.1"),
        (f"  {erb}", erb.replace("postgres", "127.0.0.1")),
    ]:
        files = {FILE: rails, "config/database.yml": f"default: &default\n  adapter: mysql2\n{line}\n"}
        assert cured(HOST, "bundle exec rails db:create", files=files) == {"config/database.yml": [then]}
    assert cured(HOST, "php artisan migrate", files=step("php artisan migrate")) == {
        FILE: ["- export DB_HOST=127.0.0.1"]
    }


def test_an_environment_file_of_production_or_of_another_folder_stays_as_it_is() -> None:
    run = "cd api && php artisan migrate"
    env = dict.fromkeys(("api/.env", "api/.env.production", "web/.env"), "DB_HOST=localhost\n")
    assert cured(HOST, run, files={FILE: step(run), **env}) == {"api/.env": ["DB_HOST=127.0.0.1"]}


def test_an_address_for_the_tests_is_the_services_own_and_any_value_will_do_for_a_secret_only() -> None:
    end = service("db", "postgres:15", POSTGRES_USER="u", POSTGRES_PASSWORD="p", POSTGRES_DB="d")
    entry = {"kind": "give-variable", "name": "{name}"}
    text, run = step("python manage.py test", end=end), "python manage.py test"
    url = "- export DATABASE_URL=postgres://u:p@127.0.0.1:5432/d"
    assert cured(entry, run, files=text, name="DATABASE_URL") == {FILE: [url]}
    assert cured(entry, run, files=text, name="SECRET_KEY") == {FILE: ["- export SECRET_KEY=for-the-tests"]}
    assert cured(entry, run, files=step(run), name="DATABASE_URL") == {}
    assert cured(entry, run, files=text, name="WORKERS") == cured(entry, run, files=text, name="AWS_SECRET_KEY") == {}
