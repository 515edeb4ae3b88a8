"""Cures of the script leave a command that runs, in the image that the step has."""

import pytest
from curing import FILE, cured, cures, service, step

DB = "        services: [db]\n"
WAIT = {"kind": "wait-for-port", "port": "3306", "title": "Wait for port 3306"}


@pytest.mark.parametrize(
    ("image", "program", "line"),
    [
        ("python:3.11", "curl", "apt-get update && apt-get install -y curl"),
        ("node:20-alpine", "curl", "apk add --no-cache curl"),
        ("docker:24", "mysql", "apk add --no-cache mysql-client"),
        ("amazonlinux:2023", "unzip", "yum install -y unzip"),
        ("fedora:40", "ssh", "dnf install -y openssh-clients"),
        ("openjdk:17", "git", "microdnf install -y git"),
        ("openjdk:17-slim", "git", "apt-get update && apt-get install -y git"),
    ],
)
def test_a_missing_program_is_installed_as_the_image_does_it(image: str, program: str, line: str) -> None:
    text = step(f"{program} x", image=image)
    assert cured("install-command", f"{program} x", files=text, program=program) == {FILE: [f"- {line}"]}


def test_the_image_is_the_steps_own_where_it_has_one() -> None:
    text = step("curl x", image="docker:24", more="        image: {name: 'debian:12'}\n")
    assert "apt-get" in cured("install-command", "curl x", files=text, program="curl")[FILE][0]


def test_a_package_whose_name_is_not_known_there_is_not_installed() -> None:
    assert cures("install-command", "psql x", files=step("psql x", image="amazonlinux:2"), program="psql") == ()


def test_a_rules_line_for_debian_is_written_for_the_image() -> None:
    entry = {"kind": "insert-before", "line": "apt-get update && apt-get install -y python3 make g++"}
    assert cured(entry, "npm ci", files=step("npm ci", image="node:20-alpine")) == {
        FILE: ["- apk add --no-cache python3 make g++"]
    }
    other = {"kind": "insert-before", "line": "apt-get update && apt-get install -y libpq-dev build-essential"}
    assert cures(other, "pip install x", files=step("pip install x", image="amazonlinux:2")) == ()


def test_what_an_image_lacks_while_it_is_built_is_not_installed_in_the_step() -> None:
    entry = {"kind": "insert-before", "line": "apt-get update && apt-get install -y libpq-dev"}
    assert cures(entry, "docker build -t x .", files=step("docker build -t x .")) == ()
    assert cures(entry, "docker-compose up --build", files=step("docker-compose up --build")) == ()


def test_alpine_waits_without_bash() -> None:
    wait = "for i in $(seq 60); do nc -z 127.0.0.1 3306 && break; sleep 1; done"
    assert cured(WAIT, "npm test", files=step("npm test", image="node:20-alpine", more=DB)) == {FILE: [f"- {wait}"]}
    assert "/dev/tcp/127.0.0.1/3306" in cured(WAIT, "npm test", files=step("npm test", more=DB))[FILE][0]


def test_nobody_waits_here_for_another_machines_port() -> None:
    assert cures(WAIT, "npm test", files=step("npm test"), host="db.example.com") == ()


@pytest.mark.parametrize(
    ("push", "then"),
    [
        ("git push", "git push origin HEAD:$BITBUCKET_BRANCH"),
        ("git push origin", "git push origin HEAD:$BITBUCKET_BRANCH"),
        ("git push origin main", "git push origin HEAD:main"),
        ("git push -u origin main && echo ok", "git push -u origin HEAD:main && echo ok"),
        ("git push origin HEAD", "git push origin HEAD:$BITBUCKET_BRANCH"),
        ("'git push origin main'", "'git push origin HEAD:main'"),
        ('git push origin "$NAME"', 'git push origin HEAD:"$NAME"'),
        ("git push --force origin main", "git push --force origin HEAD:main"),
        ("git push origin main 2>/dev/null", "git push origin HEAD:main 2>/dev/null"),
    ],
)
def test_a_push_from_no_branch_names_the_branch_that_is_meant(push: str, then: str) -> None:
    said = push.strip("'")
    assert cured("push-to-branch", said, files=step(push)) == {FILE: [f"- {then}"]}


@pytest.mark.parametrize(
    "push",
    ["git push origin --tags", "git push origin HEAD:main", "git push --all", "git push origin a b", "git push x"],
)
def test_a_push_of_something_else_stays_as_it_is(push: str) -> None:
    assert cures("push-to-branch", push, files=step(push)) == ()


@pytest.mark.parametrize(
    ("command", "then"),
    [
        ("sudo -E apt-get update", "apt-get update"),
        ("sudo make && sudo -H make install", "make && make install"),
        ("sudo -u root make", "make"),
        ("FOO=1 && sudo FOO=2 make", "FOO=1 && FOO=2 make"),
    ],
)
def test_sudo_is_left_out_where_root_runs_the_command_anyway(command: str, then: str) -> None:
    assert cured("install-command", command, files=step(command), program="sudo") == {FILE: [f"- {then}"]}


@pytest.mark.parametrize("command", ["sudo -u postgres psql -c x", "apt-get install -y sudo git", "sudo -i"])
def test_sudo_that_does_something_is_installed(command: str) -> None:
    line = "apt-get update && apt-get install -y sudo"
    assert cured("install-command", command, files=step(command), program="sudo") == {FILE: [f"- {line}"]}


@pytest.mark.parametrize(
    ("command", "then"),
    [
        ("mysql app < a.sql", "mysql -h127.0.0.1 app < a.sql"),
        (
            "mysqladmin ping -uroot && mysql -uroot app",
            "mysqladmin -h127.0.0.1 ping -uroot && mysql -h127.0.0.1 -uroot app",
        ),
        ("mysql -h localhost -u a", "mysql -h 127.0.0.1 -u a"),
        ("mysql --defaults-file=my.cnf app < a.sql", "mysql --defaults-file=my.cnf -h127.0.0.1 app < a.sql"),
        ("cat a.sql | mysql app", "cat a.sql | mysql -h127.0.0.1 app"),
        ("apt-get install -y mysql x && mysql -u a", "apt-get install -y mysql x && mysql -h127.0.0.1 -u a"),
    ],
)
def test_every_mysql_command_gets_a_host(command: str, then: str) -> None:
    assert cured("mysql-command-host", command, files=step(command)) == {FILE: [f"- {then}"]}


@pytest.mark.parametrize("command", ["mysql -h db.example.com -u a", "mysql -S /tmp/x a", "service mysql start"])
def test_a_mysql_command_with_a_place_of_its_own_stays(command: str) -> None:
    assert cures("mysql-command-host", command, files=step(command)) == ()


@pytest.mark.parametrize(
    ("script", "path"),
    [
        (("./gradlew assemble",), "./gradlew"),
        (("bash ci/test.sh",), "ci/test.sh"),
        (("cd app && ./mvnw verify",), "app/mvnw"),
    ],
)
def test_carriage_returns_are_taken_out_of_the_script_that_runs(script: tuple[str, ...], path: str) -> None:
    assert cured("crlf", *script, files=step(*script)) == {FILE: [f"- sed -i 's/\\r$//' {path}"]}


def test_a_prefix_goes_before_the_command_itself() -> None:
    entry = {"kind": "prefix-command", "to": "(?:npm run|yarn) build", "prefix": "CI=false"}
    assert cured(entry, "yarn build", files=step("yarn build")) == {FILE: ["- CI=false yarn build"]}
    run = "cd web && npm run build"
    assert cured(entry, run, files=step(run)) == {FILE: ["- cd web && CI=false npm run build"]}


COPY = {"kind": "insert-before", "line": "cp .env.example .env", "needs": ".env.example", "makes": ".env"}


def test_an_example_is_copied_only_where_it_is_and_over_nothing() -> None:
    run = "php artisan migrate"
    assert cures(COPY, run, files=step(run)) == ()
    assert cured(COPY, run, files={FILE: step(run), ".env.example": "A=1\n"}) == {FILE: ["- cp .env.example .env"]}
    assert cures(COPY, run, files={FILE: step(run), ".env.example": "A=1\n", ".env": "A=2\n"}) == ()


def test_laravel_without_an_env_file_gets_the_services_own_login() -> None:
    end = service("db", "mysql:8", MYSQL_DATABASE="app", MYSQL_USER="u", MYSQL_PASSWORD="p")
    line = "- export DB_HOST=127.0.0.1 DB_DATABASE=app DB_USERNAME=u DB_PASSWORD=p"
    text = step("php artisan migrate", end=end)
    assert cured("laravel-login", "php artisan migrate", files=text) == {FILE: [line]}
