"""Where a client takes a setting of its database from, and how that place is made to say another. Pure.

The places are, in this order: the one such variable that the program reads which the command runs, DATABASES of the
Django settings that it runs with, and the one such variable that its script sets."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from pipelinelab.diagnosis.cures.assigned import default_database
from pipelinelab.diagnosis.cures.case import Case, before
from pipelinelab.diagnosis.cures.django import Project, project_of
from pipelinelab.diagnosis.cures.items import Item
from pipelinelab.diagnosis.cures.shell import joined
from pipelinelab.diagnosis.cures.written import UNKNOWN, Tree, Unknown, Written, span
from pipelinelab.diagnosis.values import Edit

_GIVEN = r"(?P<name>\b{name}=)(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s\"';&|)]*)(?=[\s;&|)]|[\"']?\s*\Z)"
_PLAIN = re.compile(r"[\w.@%+:/-]*")
_READS = re.compile(r"(?:environ|getenv|process\.env|\bENV\b)\W{0,3}(?:get)?\W{0,3}([A-Z][A-Z0-9_]+)")
_PROGRAM = re.compile(r"[\w./-]+\.(?:py|js|mjs|ts|php|rb|pl)")
_OF = {"mysql": "DB|DATABASE|SQL|MYSQL|MARIADB", "postgres": "DB|DATABASE|SQL|PG|POSTGRES(?:QL)?"}
_WORDS = {"PASSWORD": "PASSWORD|PASSWD|PASS|PWD|PW", "PORT": "PORT"}
_OVERRIDES = re.compile(r"(?m)^[ \t]*DATABASES(?:\[[^\n]*=|\.update\()")
_DJANGO = re.compile(r"manage\.py|django-admin|\bpytest\b|\bpy\.test\b|\btox\b")


def database_of(case: Case, project: Project | None) -> Tree | Unknown | None:
    """DATABASES['default'] of the settings in use; None where the project has none that can be read. Where nothing
    names the module and some file changes what another set, nobody knows."""
    if project is None or not project.path:
        return None
    if not project.module and any(_overrides(case, path) for path in case.files if path != project.path):
        return UNKNOWN
    given = project.command.variables if project.command else {}
    return default_database(case.files, project.path, given)


def _overrides(case: Case, path: str) -> bool:
    return path.endswith(".py") and bool(_OVERRIDES.search(case.files.get(path) or ""))


def agree(case: Case, kind: str, key: str, value: str) -> list[Edit]:
    """Edits that have the client of a server of the kind (``mysql``, ``postgres``) take ``value`` for PASSWORD or PORT;
    none where it does so already, or where nobody can tell from where it takes it."""
    word = re.compile(rf"(?:[A-Z]+_)*?(?:{_OF[kind]})[A-Z_]*?(?:{_WORDS[key]})")
    read_by_it = list(dict.fromkeys(name for name in _READS.findall(_program(case)) if word.fullmatch(name)))
    if len(read_by_it) == 1:
        return variable(case, read_by_it[0], value)
    project = project_of(case)
    there = database_of(case, project)
    if there is UNKNOWN:
        return []
    if isinstance(there, dict):
        found = there.get(key)
        return _in_settings(case, found, value) if isinstance(found, Written) else []
    if project is not None and project.settings is not None:
        return []  # settings that are no Python of today
    given = [found[1] for one in ran_of(case) for found in re.finditer(r"\b([A-Z][A-Z0-9_]*)=", one.command)]
    names = list(dict.fromkeys(name for name in given if word.fullmatch(name)))
    return variable(case, names[0], value) if len(names) == 1 else []


def replaced(case: Case, found: Written, value: str) -> list[Edit]:
    """A text of a module written otherwise, in the quotes that it has."""
    text = case.files.get(found.path) or ""
    begin, end = span(text, found.node)
    quote = text[begin]
    if quote not in "'\"" or set(value) & {quote, "\\"}:
        return []
    return [case.edit(found.path, f"{text[:begin]}{quote}{value}{quote}{text[end:]}")]


def _in_settings(case: Case, found: Written, value: str) -> list[Edit]:
    if found.text is not None:
        return replaced(case, found, value) if found.text != value else []
    return variable(case, found.variable, value) if found.variable else []


def variable(case: Case, name: str, value: str, new: bool = True) -> list[Edit]:
    """The variable with another value where the script writes one out, or (``new``) exported before the failing item;
    none where the script takes it from elsewhere: then the project's own variables have to agree."""
    read, ran = case.yaml, ran_of(case)
    if read is None or case.item is None:
        return []
    pattern = re.compile(_GIVEN.format(name=re.escape(name)))
    giving = [one for one in ran if pattern.search(one.command)]
    if not giving and not new:
        return []
    if not giving:
        return list(before(case, [f"export {name}={shlex.quote(value)}"]).edits)
    said = [found["value"] for found in pattern.finditer(giving[-1].command)]
    if len(said) != 1 or re.search(r"[$`]", said[0]) or not _PLAIN.fullmatch(value) or said[0].strip("'\"") == value:
        return []

    def changed(raw: str) -> str:
        return pattern.sub(lambda found: found["name"] + like(found["value"], value), raw)

    return case.yaml_edit(read.change_items(changed, [giving[-1]]))


def ran_of(case: Case) -> Sequence[Item]:
    """The script items of the failing one's list, up to it; none where its place is not known."""
    read, item = case.yaml, case.item
    if read is None or item is None:
        return []
    return [one for one in read.items if one.step is item.step and one.key == item.key and one.index <= item.index]


def _program(case: Case) -> str:
    """The text of the program that the failing item runs, "" where it is not among the files or runs Django."""
    for one in reversed(case.script.here):
        if _DJANGO.search(one.text):
            return ""
        for word in one.words[:4]:
            path = joined(one.folder, word) if one.folder is not None and _PROGRAM.fullmatch(word) else None
            if path is not None and (text := case.files.get(path)):
                return text
    return ""


def like(old: str, new: str) -> str:
    """A word of a shell text in the quotes of another."""
    quote = old[:1] if old[:1] in ("'", '"') else ""
    return f"{quote}{new}{quote}"
