"""Cures of the database's settings and of Django's test runs. Pure; edits are none where the files do not tell."""

from __future__ import annotations

import posixpath
import re

from pipelinelab.diagnosis.cures import settings as django
from pipelinelab.diagnosis.cures.case import Case, Made
from pipelinelab.diagnosis.cures.django import Project, project_at, project_of
from pipelinelab.diagnosis.cures.items import Item
from pipelinelab.diagnosis.cures.shell import read_script
from pipelinelab.diagnosis.cures.yaml_text import scalar, variables_of
from pipelinelab.diagnosis.values import Edit

_TEST = re.compile(r"(manage\.py\s+test)\b(?![^\n;&|]*--keepdb)(?![^\n;&|]*\s-k\b)")
_PYTEST = re.compile(
    r"((?:^|[;&|(\n'\"@]|\brun\s|-m\s|\bexec\s|\btime\s)\s*(?:[A-Z_]\w*=\S+\s+)*(?:[\w./-]*/)?(?:pytest|py\.test))"
    r"(?![\w.=/-])(?![^\n;&|]*--reuse-db)"
)
_TESTS = re.compile(r"manage\.py\s+test\b|\bpytest\b|\bpy\.test\b")
_PARALLEL = re.compile(
    r"manage\.py\s+test\b[^\n;&|]*--parallel(?![= ]1\b)|py\.?test\b[^\n;&|]*\s(?:-n|--numprocesses)[= ]?[^01\s]"
)
_MAKES = re.compile(r"manage\.py\s+(?:migrate|test|syncdb)\b")
_FOUR_BYTES = re.compile(r"\\x[Ff][0-4]")
_BY_TOOL = {"Makefile": "make", "tox.ini": "tox", "noxfile.py": "nox"}
_SCRIPTS = (".sh", "Makefile", "tox.ini", "noxfile.py")


def keepdb(case: Case) -> Made:
    """``--keepdb`` for every ``manage.py test`` of the pipelines file, or of scripts where the file has none."""
    read = case.yaml
    edits = case.yaml_edit(read.change_items(lambda raw: _TEST.sub(r"\1 --keepdb", raw))) if read else []
    return Made(
        edits
        or [
            case.edit(path, new)
            for path in case.files
            if path.endswith(_SCRIPTS)
            and (new := _TEST.sub(r"\1 --keepdb", text := case.files.get(path) or "")) != text
        ]
    )


def noinput(case: Case) -> Made:
    """``--noinput`` for every ``manage.py test`` that does not keep its database."""
    read = case.yaml
    pattern = re.compile(r"(manage\.py\s+test)\b(?![^\n;&|]*--(?:no-?input|keepdb))")
    return Made(case.yaml_edit(read.change_items(lambda raw: pattern.sub(r"\1 --noinput", raw)))) if read else Made()


def test_name_keepdb(case: Case) -> Made:
    """TEST NAME = NAME in the settings, and every test run keeps that database: ``--keepdb``, pytest ``--reuse-db``.

    Both or nothing: a run that does not keep it would drop the service's database. Nothing for parallel runs either,
    which clone the database."""
    project = project_of(case)
    found = project.settings if project else None
    new = django.with_test_name(found) if found else None
    if found is None or (new is None and django.tests_in_own(found)) or case.yaml is None:
        return Made()
    runs = [one.command for one in case.yaml.items if _TESTS.search(one.command)]
    scripts = [path for path in case.files if path.endswith(_SCRIPTS) and _TESTS.search(case.files.get(path) or "")]
    texts = [*runs, *(case.files.get(path) or "" for path in scripts)]
    unkept = any(_PARALLEL.search(text) or "--create-db" in text for text in texts)
    if unkept or not texts or not _runs_tests(case, scripts):
        return Made()
    edits = [case.edit(found.path, new)] if new is not None else []
    edits += case.yaml_edit(case.yaml.change_items(_kept))
    edits += [case.edit(path, _kept(case.files.get(path) or "")) for path in scripts]
    return Made(edits)


def _runs_tests(case: Case, scripts: list[str]) -> bool:
    """Whether the failing item runs the tests itself, or by a script that is known."""
    command = case.item.command if case.item else case.failing.command if case.failing else ""
    by_script = any(posixpath.basename(path) in command for path in scripts)
    by_tool = any(path.endswith(one) and word in command for path in scripts for one, word in _BY_TOOL.items())
    return bool(_TESTS.search(command)) or by_script or by_tool


def _kept(text: str) -> str:
    return _PYTEST.sub(r"\1 --reuse-db", _TEST.sub(r"\1 --keepdb", text))


def root_user(case: Case) -> Made:
    """USER root and its password, where the settings write both out. A root password that the service would make up
    becomes the password that the settings hold."""
    project, read = project_of(case), case.yaml
    found = project.settings if project else None
    password = django.written(found, "PASSWORD") if found else None
    if found is None or read is None or password is None or django.written(found, "USER") in (None, "root"):
        return Made()
    databases = [body for _, body in case.services(r"(?:^|/)(?:mysql|mariadb|percona)\b")]
    for key, value in (pair for body in databases for pair in variables_of(body)):
        root = re.fullmatch(r"((?:MYSQL|MARIADB)_)(RANDOM_)?ROOT_PASSWORD", key.value)
        if root and root[2] and not read.follows(key, value):
            return Made()
        if root and root[2]:
            fixed = f"{root[1]}ROOT_PASSWORD: {scalar(password)}"
            text = f"{read.text[: key.start_mark.index]}{fixed}{read.text[value.end_mark.index :]}"
            return Made([case.edit(found.path, django.with_texts(found, {"USER": "root"})), *case.yaml_edit(text)])
        if root and isinstance(value.value, str) and "$" not in value.value:
            return Made([case.edit(found.path, django.with_texts(found, {"USER": "root", "PASSWORD": value.value}))])
    return Made()


def flush_between(case: Case) -> Made:
    """``manage.py flush --noinput`` before the failing test run, or between two runs in one item."""
    item = case.item
    if item is None or case.yaml is None:
        return Made()
    tests = list(re.finditer(r"(\S*python[\d.]*\s+)?(\S*manage\.py)\s+test\b", item.command))
    if not tests:
        return Made()
    flush = f"{tests[-1].group(1) or 'python '}{tests[-1].group(2)} flush --noinput"
    if len(tests) == 1:
        line = _in_folder(case, flush)
        return Made(case.yaml_edit(case.yaml.insert_before(item, [line]))) if line else Made()
    last = tests[-1].group(0)

    def between(raw: str) -> str:
        at = raw.rfind(last)
        return raw[:at] + f"{flush} && " + raw[at:] if at >= 0 else raw

    return Made(case.yaml_edit(case.yaml.change_items(between, [item])))


def _in_folder(case: Case, line: str) -> str:
    """The line as it runs before the failing item, in the folder that its test run changes to."""
    project, start = project_of(case), case.script.start
    if project is None or start is None:
        return ""
    return (
        line if project.folder == start else f"(cd {posixpath.relpath(project.folder or '.', start or '.')} && {line})"
    )


def database_charset(case: Case) -> Made:
    """ALTER DATABASE to utf8mb4 before the first command that creates tables in it, utf8mb4 for the database that the
    tests make themselves, and on the connection.

    In the failing step; where the file does not tell which that is, in the first that makes tables."""
    read, item = case.yaml, case.item
    if read is None:
        return Made()
    makers = [i for i in read.items if (item is None or i.step is item.step) and _MAKES.search(i.command)]
    project = _maker(case, makers[0])[0] if makers else project_of(case)
    found = project.settings if project else None
    if found is None:
        return Made()
    own = django.tests_in_own(found)
    altered = next((i for i in makers if not own or re.search(r"manage\.py\s+(?:migrate|syncdb)\b", i.command)), None)
    edits: list[Edit] = []
    if altered and not any("CHARACTER SET utf8mb4" in i.command for i in read.items):
        line = _alter(*_maker(case, altered), altered)
        edits += case.yaml_edit(read.insert_before(altered, [line])) if line else []
    tests = any(_TESTS.search(one.command) for one in ([item] if item else read.items))
    new = django.with_option(found, "CHARSET", "utf8mb4", "TEST") if own and tests else None
    after = _connection(django.again(found, new) if new else found)
    if after != found.text:
        edits.append(case.edit(found.path, after))
    return Made(edits)


def _maker(case: Case, item: Item) -> tuple[Project | None, str | None]:
    """The project that an item makes tables of, and the folder that the item begins in."""
    items = case.yaml.items if case.yaml else []
    script = read_script(
        [i.command for i in items if i.step is item.step and i.key == item.key and i.index <= item.index]
    )
    command = next((one for one in script.here if _MAKES.search(one.text)), None)
    return project_at(case.files, command), script.start


def _alter(project: Project | None, start: str | None, maker: Item) -> str:
    found = project.settings if project else None
    if project is None or found is None or start is None or "docker" in maker.command:
        return ""
    python = re.search(r"((?:(?:poetry|pipenv|uv)\s+run\s+)?\S*python[\d.]*)\s+\S*manage\.py", maker.command)
    name = django.written(found, "NAME") or django.default_of(found, "NAME")
    name = f" {name}" if re.fullmatch(r"\w+", name) else ""
    line = (
        f"DJANGO_SETTINGS_MODULE={project.dotted} {python.group(1) if python else 'python'} -c "
        '"import django; django.setup(); from django.db import connection; connection.cursor().execute('
        f"'ALTER DATABASE{name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci')\""
    )
    if project.root == start:
        return line
    return f"(cd {posixpath.relpath(project.root or '.', start or '.')} && {line})"


def connection_charset(case: Case) -> Made:
    """OPTIONS charset utf8mb4 in the Django settings, for text that the connection's utf8 (until Django 5.2) lacks."""
    said = case.facts.get("bytes", "")
    project = project_of(case)
    found = project.settings if project and (not said or _FOUR_BYTES.search(said)) else None
    return Made([case.edit(found.path, _connection(found))]) if found else Made()


def _connection(found: django.Settings) -> str:
    return django.with_option(found, "charset", "utf8mb4") or found.text
