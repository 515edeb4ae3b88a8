"""Cures of the database's settings and of Django's test runs. Pure; edits are none where the files do not tell."""

from __future__ import annotations

import re

from pipelinelab.diagnosis.cures import settings as django
from pipelinelab.diagnosis.cures.case import Case, before, change
from pipelinelab.diagnosis.cures.yaml_text import image_of, scalar, variables_of
from pipelinelab.diagnosis.values import Edit

_TEST = re.compile(r"(manage\.py\s+test)\b(?![^\n;&|]*--keepdb)(?![^\n;&|]*\s-k\b)")
_ENV_HOST = re.compile(
    r"(?m)^((?:DB|DATABASE|MYSQL|PG|POSTGRES|REDIS|MONGO)_?HOST=)(?:localhost|mysql|mariadb|db|postgres|redis|mongo)?(\r?)$"
)
_FOUR_BYTES = re.compile(r"\\x[Ff][0-4]")
_URL_HOST = re.compile(r"(\w+://[^\s@/'\"]*@)(?:localhost|mysql|mariadb|db|database|postgres|redis|mongo)\b")
_YAML_HOST = re.compile(r"(?m)^(\s*host:\s*)(?:localhost|mysql|mariadb|db|postgres)(\s*)$")


def database_host(case: Case) -> list[Edit]:
    """HOST 127.0.0.1 in the Django settings, .env files, database.yml, and addresses in the pipelines file."""
    edits: list[Edit] = []
    found = django.find_settings(case.files)
    if found is not None:
        new = django.with_host(found)
        if new is not None:
            edits.append(case.edit(found.path, new))
        elif name := django.host_variable(found):
            edits += before(case, [f"export {name}=127.0.0.1"])
    for path in case.files:
        text = case.files.get(path) or ""
        name = path.rsplit("/", 1)[-1]
        if name.startswith(".env") or name.endswith(".env"):
            new = _URL_HOST.sub(r"\g<1>127.0.0.1", _ENV_HOST.sub(r"\g<1>127.0.0.1\g<2>", text))
        elif name in ("database.yml", "database.yaml"):
            new = _YAML_HOST.sub(r"\g<1>127.0.0.1\g<2>", text)
        elif path == case.files.pipelines_path and found is None:
            new = _URL_HOST.sub(r"\g<1>127.0.0.1", text)
        else:
            continue
        if new != text:
            edits.append(case.edit(path, new))
    return edits


def mysql_command_host(case: Case) -> list[Edit]:
    """``-h127.0.0.1`` for the mysql command of the failing item."""

    def with_host(raw: str) -> str:
        if re.search(r"\s(?:-h|--host)", raw):
            return raw
        return re.sub(r"\b(mysql(?:admin|dump|import|check)?)(?=\s+-(?!h))", r"\1 -h127.0.0.1", raw, count=1)

    return change(case, with_host)


def keepdb(case: Case) -> list[Edit]:
    """``--keepdb`` for every ``manage.py test`` of the pipelines file, or of scripts where the file has none."""
    read = case.yaml
    edits = case.yaml_edit(read.change_items(lambda raw: _TEST.sub(r"\1 --keepdb", raw))) if read else []
    if edits:
        return edits
    for path in case.files:
        text = case.files.get(path) or ""
        if (
            path.endswith((".sh", "Makefile", "tox.ini", "noxfile.py"))
            and (new := _TEST.sub(r"\1 --keepdb", text)) != text
        ):
            edits.append(case.edit(path, new))
    return edits


def noinput(case: Case) -> list[Edit]:
    """``--noinput`` for every ``manage.py test`` that does not keep its database."""
    read = case.yaml
    pattern = re.compile(r"(manage\.py\s+test)\b(?![^\n;&|]*--(?:no-?input|keepdb))")
    return case.yaml_edit(read.change_items(lambda raw: pattern.sub(r"\1 --noinput", raw))) if read else []


def test_name_keepdb(case: Case) -> list[Edit]:
    """TEST NAME = NAME in the settings, and ``--keepdb``."""
    found = django.find_settings(case.files)
    new = django.with_test_name(found) if found else None
    named = [case.edit(found.path, new)] if found and new is not None else []
    return named + keepdb(case)


def root_user(case: Case) -> list[Edit]:
    """USER root and its password, where the settings write both out. A root password that the service would make up
    becomes the password that the settings hold."""
    found, read = django.find_settings(case.files), case.yaml
    password = django.written(found, "PASSWORD") if found else None
    if found is None or read is None or password is None or django.written(found, "USER") in (None, "root"):
        return []
    databases = [
        body for _, body in read.services() if re.search(r"(?:^|/)(?:mysql|mariadb|percona)\b", image_of(body))
    ]
    for key, value in (pair for body in databases for pair in variables_of(body)):
        root = re.fullmatch(r"((?:MYSQL|MARIADB)_)(RANDOM_)?ROOT_PASSWORD", key.value)
        if root and root[2]:
            fixed = f"{root[1]}ROOT_PASSWORD: {scalar(password)}"
            text = f"{read.text[: key.start_mark.index]}{fixed}{read.text[value.end_mark.index :]}"
            return [case.edit(found.path, django.with_texts(found, {"USER": "root"})), *case.yaml_edit(text)]
        if root and isinstance(value.value, str) and "$" not in value.value:
            return [case.edit(found.path, django.with_texts(found, {"USER": "root", "PASSWORD": value.value}))]
    return []


def flush_between(case: Case) -> list[Edit]:
    """``manage.py flush --noinput`` before the failing test run, or between two runs in one item."""
    item = case.item
    if item is None or case.yaml is None:
        return []
    tests = list(re.finditer(r"(\S*python[\d.]*\s+)?(\S*manage\.py)\s+test\b", item.command))
    if not tests:
        return []
    flush = f"{tests[-1].group(1) or 'python '}{tests[-1].group(2)} flush --noinput"
    if len(tests) == 1:
        return case.yaml_edit(case.yaml.insert_before(item, [flush]))
    last = tests[-1].group(0)

    def between(raw: str) -> str:
        at = raw.rfind(last)
        return raw[:at] + f"{flush} && " + raw[at:] if at >= 0 else raw

    return case.yaml_edit(case.yaml.change_items(between, [item]))


def database_charset(case: Case) -> list[Edit]:
    """ALTER DATABASE to utf8mb4 before the first command that creates tables, and utf8mb4 on the connection.

    In the failing step; where the file does not tell which that is, in the first that makes tables."""
    found, read, item = django.find_settings(case.files), case.yaml, case.item
    if found is None or read is None:
        return []
    makers = [
        i
        for i in read.items
        if (item is None or i.step is item.step) and re.search(r"manage\.py\s+(?:migrate|test|syncdb)\b", i.command)
    ]
    edits: list[Edit] = []
    if makers and not any("CHARACTER SET utf8mb4" in i.command for i in read.items):
        python = re.search(r"(\S*python[\d.]*)\s+\S*manage\.py", makers[0].command)
        name = django.read_database(case.files).get("name", "")
        name = f" {name}" if re.fullmatch(r"\w+", name) else ""
        line = (
            f"DJANGO_SETTINGS_MODULE={found.module} {python.group(1) if python else 'python'} -c "
            '"import django; django.setup(); from django.db import connection; connection.cursor().execute('
            f"'ALTER DATABASE{name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci')\""
        )
        edits += case.yaml_edit(read.insert_before(makers[0], [line]))
    return edits + _connection_in_utf8mb4(case)


def connection_charset(case: Case) -> list[Edit]:
    """OPTIONS charset utf8mb4 in the Django settings, for text that the connection's utf8 (until Django 5.2) lacks."""
    said = case.facts.get("bytes", "")
    return [] if said and not _FOUR_BYTES.search(said) else _connection_in_utf8mb4(case)


def _connection_in_utf8mb4(case: Case) -> list[Edit]:
    found = django.find_settings(case.files)
    new = django.with_option(found, "charset", "utf8mb4") if found else None
    return [case.edit(found.path, new)] if found and new is not None else []
