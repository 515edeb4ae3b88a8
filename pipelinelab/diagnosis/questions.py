"""What diagnosis may ask of the containers that a failed step left standing. Pure: it asks, the session answers.

A question is a name of this closed vocabulary and its arguments, all strings. The answer is a mapping with exactly the
keys of the table (a value that could not be told is None), kept in the recording as ``Probe(question, arguments,
answer, ok)``. ``alias`` is Django's database alias; ``container`` is "build" or a service's name.

| name | arguments | answer |
|---|---|---|
| database_settings | alias | engine, host, port, name, user: str · test_name, test_charset: str or None · options: mapping · django: version str. As the project itself sees them |
| driver_version | alias | module: str ("MySQLdb", "pymysql") · version: str · client: str (the C library's own words, "" for pure Python) |
| socket_file | path | exists: bool. In the step's container |
| port_open | host, port | open: bool · since_s: seconds from the service's start until it listened, or None |
| server_version | alias | vendor: mysql, mariadb or postgresql · version: str |
| database_collation | database | exists: bool · charset, collation: str |
| table_collations | database | tables: mapping name → collation · charsets: sorted list of all tables' and columns' charsets |
| sql_mode | alias | mode: str · strict: bool |
| grants | alias | grants: list of str · all_databases: bool (may create any database) |
| row_counts | database | tables: mapping name → rows (django_migrations and the like left out) · total: int |
| blocked_process | | processes: list of {pid, command, waits_on} · stdin: bool (one reads the step's own standard input) |
| file_mode | path | exists: bool · mode: str ("0644") · executable: bool |
| line_endings | path | exists: bool · crlf: bool |
| oom | container | oom_killed: bool · peak_mib, limit_mib: number |
| disk | | free_mib: number · used_percent: number |
| git_depth | | shallow: bool · commits: int |
| git_branch | | branch: str ("" where detached) · detached: bool |
| variable_set | name | set: bool · empty: bool |
"""  # noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

VOCABULARY: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "database_settings": (
        ("alias",),
        ("engine", "host", "port", "name", "user", "test_name", "test_charset", "options", "django"),
    ),
    "driver_version": (("alias",), ("module", "version", "client")),
    "socket_file": (("path",), ("exists",)),
    "port_open": (("host", "port"), ("open", "since_s")),
    "server_version": (("alias",), ("vendor", "version")),
    "database_collation": (("database",), ("exists", "charset", "collation")),
    "table_collations": (("database",), ("tables", "charsets")),
    "sql_mode": (("alias",), ("mode", "strict")),
    "grants": (("alias",), ("grants", "all_databases")),
    "row_counts": (("database",), ("tables", "total")),
    "blocked_process": ((), ("processes", "stdin")),
    "file_mode": (("path",), ("exists", "mode", "executable")),
    "line_endings": (("path",), ("exists", "crlf")),
    "oom": (("container",), ("oom_killed", "peak_mib", "limit_mib")),
    "disk": ((), ("free_mib", "used_percent")),
    "git_depth": ((), ("shallow", "commits")),
    "git_branch": ((), ("branch", "detached")),
    "variable_set": (("name",), ("set", "empty")),
}
"""Name → (its arguments, the keys of its answer)."""


@dataclass(frozen=True)
class Question:
    """One thing to find out on a step's containers. ``arguments`` are sorted (name, value) pairs."""

    name: str
    arguments: tuple[tuple[str, str], ...] = ()
    step: int = 0

    @property
    def mapping(self) -> dict[str, str]:
        """The arguments as ``Probe`` wants them."""
        return dict(self.arguments)


def ask(name: str, arguments: Mapping[str, str], step: int) -> Question:
    """A question of the vocabulary; raises KeyError for a name or ValueError for arguments that it does not have."""
    wanted, _ = VOCABULARY[name]
    if set(arguments) != set(wanted):
        raise ValueError(f"{name} takes {', '.join(wanted) or 'no arguments'}, not {', '.join(sorted(arguments))}")
    return Question(name, tuple(sorted(arguments.items())), step)


def holds(conditions: Mapping[str, Any], answer: object) -> bool | None:
    """Whether an answer meets conditions; None where it does not tell.

    A condition is a value, or a mapping: {at_least: n}, {below: n}, {not: v}, {matches: regex}, {contains: v},
    {in: [v …]}. A None in the answer tells nothing."""
    if not isinstance(answer, Mapping):
        return None
    known = [(wanted, answer[key]) for key, wanted in conditions.items() if answer.get(key) is not None]
    if len(known) < len(conditions):
        return None
    return all(_meets(wanted, value) for wanted, value in known)


def _meets(wanted: object, value: Any) -> bool:
    if not isinstance(wanted, Mapping):
        return bool(wanted == value)
    return all(_compare(word, against, value) for word, against in wanted.items())


def _compare(word: str, against: Any, value: Any) -> bool:
    match word:
        case "at_least":
            return bool(value >= against)
        case "below":
            return bool(value < against)
        case "not":
            return bool(value != against)
        case "in":
            return value in against
        case "matches":
            return bool(re.search(against, str(value)))
        case "contains":
            return isinstance(value, Iterable) and against in value
    raise ValueError(f"{word!r} is no comparison")
