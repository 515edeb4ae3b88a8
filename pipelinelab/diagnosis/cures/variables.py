"""Cures that give a step a variable that it lacks. Pure."""

from __future__ import annotations

import re
import shlex

from pipelinelab.diagnosis.cures.case import Case, Made, before
from pipelinelab.diagnosis.cures.clients import service_values
from pipelinelab.diagnosis.cures.server import MYSQL, POSTGRES, Server, servers

_SECRET = re.compile(r"(?:^|_)(?:KEY|SECRET|TOKEN|PASSWORD|SALT|PEPPER)$")
_OUTSIDE = re.compile(r"^(?:AWS|AZURE|GCP|GOOGLE|DOCKER|NPM|SENTRY|STRIPE|BITBUCKET|SSH|GITHUB|GH|SLACK|HEROKU)_?")
_TESTING = re.compile(r"\btest|\bcheck\b|\bmigrate\b|collectstatic|\blint|mypy|flake8|ruff")
_DATABASE = re.compile(
    r"(?:[A-Z]+_)*?(?P<kind>DB|DATABASE|SQL|MYSQL|MARIADB|PG|POSTGRES(?:QL)?)_?(?P<root>ROOT_)?"
    r"(?P<what>PASSWORD|PASSWD|PASS|PW|USER|USERNAME|NAME|DATABASE|DB|HOST|PORT)"
)
_STORE = re.compile(r"(?:^|_)(?:REDIS|MONGO\w*|RABBITMQ|AMQP|ELASTIC\w*|MINIO|LDAP)_")
_KINDS = {"MYSQL": "mysql", "MARIADB": "mysql", "PG": "postgres", "POSTGRES": "postgres", "POSTGRESQL": "postgres"}
_FOR_TESTS = "for-the-tests"


def give_variable(case: Case) -> Made:
    """A value for a variable that the step lacks: the one that its service has by that name or for that purpose; for a
    test run, the service's address for a DATABASE_URL, and any value for a secret that no server has to know. What
    else it should be is not known here."""
    name = case.params["name"]
    there = _of_service(case, name)
    if there is not None:
        value, service = there
        made = before(case, [f"export {name}={shlex.quote(value)}"])
        return Made(made.edits, made.advice, f"Give {name} the value that the service {service} has")
    if not _TESTING.search(case.failing.command if case.failing else "") or _OUTSIDE.match(name):
        return Made()
    if name == "DATABASE_URL":
        return _address(case, name)
    if not _SECRET.search(name) or _DATABASE.fullmatch(name) or _STORE.search(name):
        return Made()
    return before(case, [f"export {name}={_FOR_TESTS}"])


def _address(case: Case, name: str) -> Made:
    for image, scheme, port in ((POSTGRES, "postgres", 5432), (MYSQL, "mysql", 3306)):
        there = service_values(case, image)
        if {"user", "password", "database"} <= there.keys():
            login = f"{there['user']}:{there['password']}"
            return before(case, [f"export {name}={scheme}://{login}@127.0.0.1:{port}/{there['database']}"])
    return Made()


def _of_service(case: Case, name: str) -> tuple[str, str] | None:
    """The variable's value and the service that it is of; None where none has it, or several have others."""
    listed = servers(case)
    same = {one.variables[name]: one.name for one in listed if one.variables.get(name)}
    if same or any(name in one.hidden for one in listed):
        return next(iter(same.items())) if len(same) == 1 else None
    meant = _DATABASE.fullmatch(name)
    kind = _KINDS.get(meant["kind"], "") if meant else ""
    found = [one for one in listed if one.kind and kind in ("", one.kind)]
    if meant is None or len(found) != 1:
        return None
    value = _value(found[0], meant, case.facts.get("db_user", ""))
    return (value, found[0].name) if value else None


def _value(server: Server, meant: re.Match[str], settings_user: str) -> str | None:
    what = meant["what"]
    if what in ("PASSWORD", "PASSWD", "PASS", "PW"):
        users = ["root"] if meant["root"] else [settings_user] if settings_user else [server.user, "root"]
        known = {password for user in users if (password := server.password(user)) is not None}
        return known.pop() if len(known) == 1 else None
    if what in ("USER", "USERNAME"):
        return server.user or ("root" if server.password("root") else None)
    if what == "HOST":
        return "127.0.0.1"
    return str(server.port) if what == "PORT" and server.port else server.database if what != "PORT" else None
