"""Cures that have a client connect over TCP: settings, environment files, database.yml, commands. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from pipelinelab.diagnosis.cures import settings as django
from pipelinelab.diagnosis.cures.case import Case, Made, before, change
from pipelinelab.diagnosis.cures.client import database_of, replaced
from pipelinelab.diagnosis.cures.django import Project, project_of
from pipelinelab.diagnosis.cures.items import Item
from pipelinelab.diagnosis.cures.written import Tree, Unknown, Written
from pipelinelab.diagnosis.values import Edit

_NAMES = "localhost|mysql|mariadb|db|database|postgres|redis|mongo"
_ENV_HOST = re.compile(
    rf"(?m)^((?:DB|DATABASE|MYSQL|PG|POSTGRES|REDIS|MONGO)_?HOST=)([\"']?)(?:{_NAMES})?\2([ \t]*\r?)$"
)
_URL_HOST = re.compile(rf"(\w+://[^\s@/'\"]*@)(?:{_NAMES})\b(?![.\w-])")
_YAML_HOST = re.compile(rf"(?m)^(\s*host:\s*)([\"']?)(?:{_NAMES})\2(\s*)$")
_ERB_HOST = re.compile(rf"(?m)^(\s*host:\s*<%=[^\n]*[\"'])(?:{_NAMES})([\"'][^\n]*%>\s*)$")
_SOCKET = re.compile(r"(?m)^([ \t]*)socket:[ \t]*[^\n#]*?([ \t]*(?:#[^\n]*)?)$")
_CONFIGURED = re.compile(
    rf"(?m)^([ \t]*(?:\w+[._-])?host(?:name)?[ \t]*[=:][ \t]*[\"']?)({_NAMES})(?=[\"']?[ \t]*\r?$)"
)
_SECTION = re.compile(r"(?:\A|^[ \t]*\[)(?:(?!^[ \t]*\[)[\s\S])+", re.MULTILINE)
_OF_DATABASE = re.compile(
    r"(?im)^[ \t]*\[[^\]\n]*(?:db|database|sql|maria|postgres)|^[ \t]*(?:db|database|mysql|sql)[\w.-]*[ \t]*="
    r"|^[ \t]*(?:user(?:name)?|passw(?:or)?d)[ \t]*="
)
_LARAVEL = re.compile(r"\bartisan\b|\bphpunit\b|\bpest\b")
_ELSEWHERE = re.compile(r"\.env\.(?:prod|production|stag|staging|live)\w*")
CLIENT = re.compile(
    r"(?:^|(?<=[;&|(\n'\"{\s]))(?:mysql(?:admin|dump|import|check|show)?|mariadb(?:-(?:admin|dump|import|check))?)"
    r"(?=\s)(?P<first>(?:\s+--(?:defaults\S*|no-defaults|login-path=\S+))*)(?P<rest>[^;&|\n]*)"
)
_LOCAL = re.compile(r"(\s(?:-h\s*|--host[=\s]\s*)[\"']?)localhost\b")


def database_host(case: Case) -> Made:
    """HOST 127.0.0.1 where the failing command takes it from: what its script exports, the Django settings, the .env
    files and database.yml of its folder, addresses in the pipelines file; for Laravel an export where none of them."""
    project = project_of(case)
    found = project.settings if project else None
    there = database_of(case, project)
    edits = _in_settings(case, project, there) if project else []
    for path in () if edits else _configuration(case):  # what the settings or the script say wins over a .env
        text = case.files.get(path) or ""
        if path.rsplit("/", 1)[-1] in ("database.yml", "database.yaml"):
            new = _in_database_yml(text)
        else:
            new = _URL_HOST.sub(r"\g<1>127.0.0.1", _ENV_HOST.sub(r"\g<1>\g<2>127.0.0.1\g<2>\g<3>", text))
        if new != text:
            edits.append(case.edit(path, new))
    read = case.yaml
    if read is not None and found is None and not isinstance(there, dict):
        ours = [one for one in read.items if case.item is None or one.step is case.item.step]
        edits += case.yaml_edit(read.change_items(lambda raw: _URL_HOST.sub(r"\g<1>127.0.0.1", raw), ours))
        if not edits and case.failing and _LARAVEL.search(case.failing.command):
            edits += _exports(case, "DB_HOST") or list(before(case, ["export DB_HOST=127.0.0.1"]).edits)
    if (
        not edits
        and found is None
        and there is None
        and not CLIENT.search(case.failing.command if case.failing else "")
    ):
        edits += _in_one_section(case)
    return Made(edits)


def _in_one_section(case: Case) -> list[Edit]:
    """The one line of all the project's configurations that names the host of a database; none where several do."""
    found = [
        (path, line)
        for path in case.files
        if path.endswith((".ini", ".cfg", ".toml", ".conf"))
        for section in _SECTION.finditer(case.files.get(path) or "")
        if _OF_DATABASE.search(section[0])
        for line in _CONFIGURED.finditer(case.files.get(path) or "", section.start(), section.end())
    ]
    if len(found) != 1:
        return []
    (path, line), text = found[0], case.files.get(found[0][0]) or ""
    return [case.edit(path, f"{text[: line.start(2)]}127.0.0.1{text[line.end(2) :]}")]


def _in_settings(case: Case, project: Project, there: Tree | Unknown | None) -> list[Edit]:
    """HOST where the settings in use give it its last value; nothing where that cannot be told."""
    host, found = (there.get("HOST") if isinstance(there, dict) else None), project.settings
    own = found is not None and (there is None or (isinstance(there, dict) and host is None))
    if isinstance(host, Written):
        name, changed = host.variable, _hosted(case, host)
    elif own and found is not None and (there is None or found.path in _paths(there)):
        new = django.with_host(found)
        name, changed = django.variable_of(found, "HOST"), [case.edit(found.path, new)] if new is not None else []
    else:
        return []
    exported = _exports(case, name) if name else []
    given = project.command.variables if project.command else {}
    if exported or name in given:
        return exported
    return changed or (list(before(case, [f"export {name}=127.0.0.1"]).edits) if name else [])


def _hosted(case: Case, host: Written) -> list[Edit]:
    places = [one for one in host.constants if one.value in django.HOSTS]
    return replaced(case, Written(host.path, places[-1]), "127.0.0.1") if places else []


def _paths(there: Tree | Unknown | None) -> set[str]:
    return {one.path for one in there.values() if isinstance(one, Written)} if isinstance(there, dict) else set()


def mysql_command_host(case: Case) -> Made:
    """``-h127.0.0.1`` for the mysql commands of the failing item that name no host, or name localhost."""

    def with_host(client: re.Match[str]) -> str:
        whole = client[0]
        if re.search(r"\s(?:-S|--socket|--protocol)", whole):
            return whole
        if re.search(r"\s(?:-h|--host\b)", whole):
            return _LOCAL.sub(r"\g<1>127.0.0.1", whole)
        at = client.end("first") - client.start()
        return f"{whole[:at]} -h127.0.0.1{whole[at:]}"

    def in_command(raw: str) -> str:
        return CLIENT.sub(lambda client: client[0] if is_argument(raw, client.start()) else with_host(client), raw)

    return change(case, in_command)


def is_argument(raw: str, at: int) -> bool:
    """Whether the word there is an argument (``service mysql start``, ``which mysql``), not the command that runs."""
    line = re.split(r"[;&|(\n{]", raw[:at])[-1].strip().strip("'\"").strip()
    return bool(line) and not re.fullmatch(
        r"(?:-|\|-?|>-?|sudo|time|exec|if|while|until|!|then|do|(?:\w+=\S*\s*)+|\s)+", line
    )


def _exports(case: Case, name: str | None) -> list[Edit]:
    """The step's items up to the failing one with the variable's host changed, where they give it one of a service."""
    read, item = case.yaml, case.item
    if read is None or item is None or not name:
        return []
    given = re.compile(rf"(\b{name}=)([\"']?)(?:{_NAMES})\2(?![\w.-])")
    mine = [one for one in read.items if _ran(one, item)]
    return case.yaml_edit(read.change_items(lambda raw: given.sub(r"\g<1>\g<2>127.0.0.1\g<2>", raw), mine))


def _ran(one: Item, item: Item) -> bool:
    return one.step is item.step and one.key == item.key and one.index <= item.index


def _configuration(case: Case) -> Iterator[str]:
    """The .env files and database.yml of the failing command's folder, of the nearest folder that has some; of the
    .env files not those of production, and an example only where the script uses it."""
    folder = case.script.here[-1].folder if case.script.here else ""
    said = "\n".join(one.text for one in case.script.commands)
    found: list[str] = []
    for path in case.files:
        name = path.rsplit("/", 1)[-1]
        if name in ("database.yml", "database.yaml") or name == ".env" or name in said:
            found.append(path)
        elif name.startswith(".env.") or name.endswith(".env"):
            example = re.search(r"example|dist|sample|template", name)
            if not example and not _ELSEWHERE.match(name):
                found.append(path)
    known = [path for path in found if re.search(r"\.env\b|database\.ya?ml$", path)]
    if folder is None:
        return
    inside = [path for path in known if not folder or path.startswith(f"{folder}/")]
    near = [path for path in inside if posixpath.dirname(path) in (folder, posixpath.join(folder, "config"))]
    yield from near or inside


def _in_database_yml(text: str) -> str:
    new = _ERB_HOST.sub(r"\g<1>127.0.0.1\g<2>", _YAML_HOST.sub(r"\g<1>\g<2>127.0.0.1\g<2>\g<3>", text))
    hosts = len(re.findall(r"(?m)^\s*host:", text))
    return new if hosts else _SOCKET.sub(r"\g<1>host: 127.0.0.1\g<2>", text)
