"""Cures that make a client and the step's database service agree: the password, the port. Pure.

What the service does not write out is known to the project's variables only, and then there is no cure here."""

from __future__ import annotations

import re
from dataclasses import replace

from pipelinelab.diagnosis.cures.case import Case, Made
from pipelinelab.diagnosis.cures.client import agree, database_of, like, ran_of, variable
from pipelinelab.diagnosis.cures.django import project_of
from pipelinelab.diagnosis.cures.hosts import CLIENT, is_argument
from pipelinelab.diagnosis.cures.pipeline import set_service_variable
from pipelinelab.diagnosis.cures.server import Server, server, servers
from pipelinelab.diagnosis.cures.written import Written
from pipelinelab.diagnosis.values import Edit

_PASSWORD = re.compile(r"(?P<lead>\s(?:-p|--password=))(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s\"';&|)]+)")
_NAMED = re.compile(r"\s(?:-p\S*|--password\b\S*|--defaults-\S+|--login-path\S*)")
_PSQL = re.compile(r"(?:^|[;&|(\s])(?:psql|pg_dump|pg_restore|createdb|dropdb|createuser|vacuumdb)\s")
_HOST = re.compile(r"(?:\b\w*HOST=|\s-h ?|\s--host[= ]|@)[\"']?([\w-]+(?:\.[\w-]+)+)")
_SHELL = re.compile(r"[$`]")
_PLAIN = re.compile(r"[\w.@%+:/-]+")
_PORT = re.compile(
    r"(?P<lead>\b\w*PORT=[\"']?|\s(?:-P ?|--port[= ])|@[\w.-]+:"
    r"|\b(?:psql|pg_isready|pg_dump|pg_restore|createdb)\b[^;|&\n]*?\s-p ?)(?P<port>\d{3,5})(?!\d)"
)


def client_password(case: Case) -> Made:
    """The password that the service has for the refused user, where the client takes its own from: the mysql command,
    the Django settings, or the variable that they or the program read."""
    kind = case.params["server"]
    there = server(case, kind)
    user = case.facts.get("user", "") or (there.user if there and kind == "postgres" else "")
    password = there.password(user) if there else None
    if there is None or not password or _elsewhere(case):
        return Made()
    title = f"Use the password that the service {there.name} has for {user}"
    command = case.item.command if case.item else ""
    if kind == "mysql" and _clients(command):
        return Made(_in_command(case, password), title=title)
    if kind == "postgres" and _PSQL.search(command) and "://" not in command:
        return Made(variable(case, "PGPASSWORD", password), title=title)
    return Made(agree(case, kind, "PASSWORD", password), title=title)


def service_password(case: Case) -> Made:
    """The password option that the service's image does not start without: with the password that the Django settings
    send to it, where they write one out; else the rule's ``key`` and ``value``."""
    kind = case.params["server"]
    listed = servers(case, kind)
    lacking = [one for one in listed if not one.startable]
    if len(lacking) != 1:
        return set_service_variable(case) if lacking or not listed else Made()
    there = database_of(case, project_of(case))
    sent = {key: one.text for key, one in there.items() if isinstance(one, Written)} if isinstance(there, dict) else {}
    password, root = sent.get("PASSWORD"), sent.get("USER") == "root"
    option = (case.params["key"], case.params["value"])
    if kind == "mysql" and root and password == "":
        option = ("MYSQL_ALLOW_EMPTY_PASSWORD", "'yes'")
    elif password and _PLAIN.fullmatch(password) and (kind == "postgres" or root):
        option = ("POSTGRES_PASSWORD" if kind == "postgres" else "MYSQL_ROOT_PASSWORD", f"'{password}'")
    key, value = option
    return set_service_variable(
        replace(case, params={**case.params, "key": key, "value": value, "service": lacking[0].name})
    )


def client_port(case: Case) -> Made:
    """The port that the service listens on, in place of the refused one: where the script writes that once, else in
    the Django settings."""
    there = server(case, case.params["server"])
    right = _port(case, there) if there else None
    if there is None or right is None or _elsewhere(case):
        return Made()
    ran = ran_of(case)
    named = [(one, found["port"]) for one in ran for found in _PORT.finditer(one.command)]
    refused = case.facts.get("port", "") or next((port for _, port in named if port != str(right)), "")
    refused = refused or case.facts.get("db_port", "")
    title = f"Use the port that the service {there.name} listens on, {right}"
    whole = [one for one in ran for _ in re.finditer(rf"(?<!\d){refused or '$^'}(?!\d)", one.command)]
    wrong = [one for one, port in named if port == refused]
    if not refused or refused == str(right) or len(whole) > 1:
        return Made()
    if wrong and case.yaml:
        new = case.yaml.change_items(
            lambda raw: _PORT.sub(lambda m: m["lead"] + str(right) if m["port"] == refused else m[0], raw), wrong
        )
        return Made(case.yaml_edit(new), title=title)
    return Made(agree(case, there.kind, "PORT", str(right)), title=title) if not whole else Made()


def _elsewhere(case: Case) -> bool:
    """Whether anything names another machine as the server: then the step's service is not the one that refused."""
    database = database_of(case, project_of(case))
    set_to = database.get("HOST") if isinstance(database, dict) else None
    hosts = [case.facts.get("host", ""), (set_to.text or "") if isinstance(set_to, Written) else ""]
    hosts += [found for one in ran_of(case) for found in _HOST.findall(one.command)]
    return any("." in one and not one.startswith(("127.", "0.0.0.0")) for one in hosts)


def _port(case: Case, there: Server) -> int | None:
    """The service's port: the one that the run saw, else its image's."""
    seen = next((one.ports for one in case.step.services if one.name == there.name), ())
    return seen[0] if len(seen) == 1 else there.port if not seen or there.port in seen else None


def _clients(command: str) -> list[re.Match[str]]:
    return [one for one in CLIENT.finditer(command) if not is_argument(command, one.start())]


def _in_command(case: Case, password: str) -> list[Edit]:
    """The one mysql command of the item with the password; where a variable of the script holds it, that variable."""
    item, read = case.item, case.yaml
    clients = _clients(item.command) if item else []
    if item is None or read is None or len(clients) != 1 or not _PLAIN.fullmatch(password):
        return []
    said = _PASSWORD.search(clients[0]["rest"])
    if said is None and (_NAMED.search(clients[0][0]) or "MYSQL_PWD" in item.command):
        return []
    name = re.fullmatch(r"\"?\$\{?(\w+)\}?\"?", said["value"]) if said else None
    if name is not None:
        return variable(case, name[1], password, new=False)

    def changed(raw: str) -> str:
        found = next(iter(_clients(raw)), None)
        if found is None:
            return raw
        at = found.end("first")
        if said is None:
            return f"{raw[:at]} -p{password}{raw[at:]}"
        return raw[:at] + _PASSWORD.sub(lambda one: one["lead"] + like(one["value"], password), raw[at:], count=1)

    return case.yaml_edit(read.change_items(changed, [item])) if not said or not _SHELL.search(said["value"]) else []
