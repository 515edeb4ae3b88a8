"""Cures on the client's side: as whom and where to a command or a test run connects. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping

from pipelinelab.diagnosis.cures import settings as django
from pipelinelab.diagnosis.cures.case import Case, Made, before, change
from pipelinelab.diagnosis.cures.django import project_of
from pipelinelab.diagnosis.cures.shell import words
from pipelinelab.diagnosis.cures.yaml_text import image_of, variables_of
from pipelinelab.diagnosis.values import Edit

_MYSQL, _POSTGRES = r"mysql|mariadb|percona", r"postgres|postgis|timescale"
_PSQL = re.compile(
    r"(?P<name>(?:^|(?<=[;&|(\n'\"{\s]))(?:psql|pg_dump|pg_restore|pg_isready|createdb|dropdb|createuser|vacuumdb))"
    r"(?=\s)(?P<rest>[^;&|\n]*)"
)
_WITH_VALUE = {"-h", "-U", "-p", "-c", "-f", "-v", "-P", "-o", "-F", "-R", "-T", "-L"}
_PLAIN = re.compile(r"[\w.-]+")
_LARAVEL = re.compile(r"\bartisan\b|\bphpunit\b|\bpest\b")


def service_values(case: Case, image: str) -> Mapping[str, str]:
    """What the step's service of that kind says of its user, password and database, where it writes them out."""
    for _, body in case.services(image):
        given = {key.value: value.value for key, value in variables_of(body) if isinstance(value.value, str)}
        plain = {key: value for key, value in given.items() if _PLAIN.fullmatch(value)}
        if re.search(_POSTGRES, image_of(body)):
            user = plain.get("POSTGRES_USER", "" if "POSTGRES_USER" in given else "postgres")
            name = plain.get("POSTGRES_DB", "" if "POSTGRES_DB" in given else user)
            return _filled(user=user, password=plain.get("POSTGRES_PASSWORD", ""), database=name)
        for kind in ("MYSQL", "MARIADB"):
            if f"{kind}_DATABASE" in plain:
                return _filled(user=plain.get(f"{kind}_USER", ""), password=plain.get(f"{kind}_PASSWORD", ""),
                               database=plain[f"{kind}_DATABASE"])  # fmt: skip
    return {}


def client_user(case: Case) -> Made:
    """The role that the service has, for the client: ``-U`` for psql and its like, PGUSER for others that give none,
    or USER and PASSWORD in the Django settings."""
    there, role = service_values(case, _POSTGRES), case.params["role"]
    user = there.get("user", "")
    if not user or user == role:
        return Made()
    title = f"Connect as the service's user {user}"
    command = case.item.command if case.item else case.failing.command if case.failing else ""
    if _PSQL.search(command):
        made = change(case, _each(lambda rest: _with_user(rest, user, role)), f"-U {user}")
        return Made(made.edits, made.advice, title)
    project = project_of(case)
    found = project.settings if project else None
    if found and django.written(found, "USER") == role and django.written(found, "PASSWORD") and "password" in there:
        new = django.with_texts(found, {"USER": user, "PASSWORD": there["password"]})
        return Made([case.edit(found.path, new)], title=title)
    if role != "root" or found or case.item is None:  # root is the container's own user: nobody named another
        return Made()
    return Made(before(case, [f"export PGUSER={user}"]).edits, title=title)


def client_database(case: Case) -> Made:
    """The database that the service made, for the client: ``-d`` for psql and its like, NAME in the Django settings,
    DB_DATABASE of .env files or, for Laravel, exported."""
    kind, missing = case.params.get("image", _POSTGRES), case.params["database"]
    name = service_values(case, kind).get("database", "")
    if not name or name == missing:
        return Made()
    title = f"Use the database that the service made, {name}"
    command = case.item.command if case.item else case.failing.command if case.failing else ""
    if _PSQL.search(command):
        made = change(case, _each(lambda rest: _with_database(rest, name)), f"-d {name}")
        return Made(made.edits, made.advice, title)
    project = project_of(case)
    found = project.settings if project else None
    if found:
        new = django.with_texts(found, {"NAME": name}) if django.written(found, "NAME") == missing else found.text
        return Made([case.edit(found.path, new)], title=title)
    edits: list[Edit] = []
    for path in case.files:
        text = case.files.get(path) or ""
        said = re.compile(rf"(?m)^(DB_DATABASE=[\"']?){re.escape(missing)}(?=[\"']?\s*$)")
        if re.search(r"(?:^|/)\.env(?:\.(?:ci|pipelines|test|testing))?$", path) and said.search(text):
            edits.append(case.edit(path, said.sub(rf"\g<1>{name}", text)))
    if not edits and _LARAVEL.search(command):
        made = before(case, [f"export DB_DATABASE={name}"])
        return Made(made.edits, made.advice, title)
    return Made(edits, title=title)


def laravel_login(case: Case) -> Made:
    """The service's user, password and database exported, for Laravel without an .env."""
    there = service_values(case, _MYSQL)
    if not {"user", "password", "database"} <= there.keys() or not _LARAVEL.search(_command(case)):
        return Made()
    names = {"DB_HOST": "127.0.0.1", "DB_DATABASE": there["database"], "DB_USERNAME": there["user"],
             "DB_PASSWORD": there["password"]}  # fmt: skip
    return before(case, ["export " + " ".join(f"{key}={value}" for key, value in names.items())])


def _command(case: Case) -> str:
    return case.failing.command if case.failing else ""


def _filled(**values: str) -> Mapping[str, str]:
    return {key: value for key, value in values.items() if value}


def _each(how: Callable[[str], str]) -> Callable[[str], str]:
    return lambda raw: _PSQL.sub(lambda found: found["name"] + how(found["rest"]), raw)


def _with_user(rest: str, user: str, role: str) -> str:
    if "://" in rest:
        return rest
    given = re.compile(rf"(\s(?:-U\s*|--username[=\s]))[\"']?{re.escape(role)}[\"']?(?!\S)")
    if given.search(rest):
        return given.sub(rf"\g<1>{user}", rest)
    return rest if re.search(r"\s(?:-U|--username)", rest) else f" -U {user}{rest}"


def _with_database(rest: str, name: str) -> str:
    """With -d, where neither an option nor a bare word names a database."""
    try:
        given = shlex.split(rest)
    except ValueError:
        given = words(rest.rstrip("'\""))
    bare = [
        w
        for w, last in zip(given, ["", *given], strict=False)
        if w[0] not in "-<>" and last not in {*_WITH_VALUE, "<", ">"}
    ]
    named = any(word.startswith(("-d", "--dbname")) or "://" in word for word in given)
    return rest if named or bare else f" -d {name}{rest}"
