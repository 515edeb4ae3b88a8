"""How to ask a database service of a step: with its own client, in its own container, over its own loopback. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping

KINDS = ("mysql", "mariadb", "percona", "postgres", "postgis")
_GENERATED = re.compile(r"GENERATED ROOT PASSWORD:\s*(\S+)")


def client(variables: Mapping[str, str], log: str, sql: str, user: str = "") -> tuple[dict[str, str], str]:
    """(environment, shell text) that runs ``sql``; the password is in the environment alone.

    ``variables`` are the service's own. Without ``user`` it asks as the most powerful user whose password is known:
    root, if need be with the password that the service generated and told in its ``log``."""
    if any(name.startswith("POSTGRES") for name in variables):
        return _postgres(variables, sql, user)
    values = {name.replace("MARIADB_", "MYSQL_"): value for name, value in variables.items()}
    generated = _GENERATED.search(log)
    own = values.get("MYSQL_USER", "")
    if user and user != "root":
        password = values.get("MYSQL_PASSWORD", "")
    elif values.get("MYSQL_ROOT_PASSWORD") or "MYSQL_ALLOW_EMPTY_PASSWORD" in values:
        user, password = "root", values.get("MYSQL_ROOT_PASSWORD", "")
    elif generated:
        user, password = "root", generated[1]
    else:
        user, password = own or "root", values.get("MYSQL_PASSWORD", "")
    text = (
        "client=mysql; command -v mysql >/dev/null || client=mariadb;"
        f" $client -h 127.0.0.1 -u {shlex.quote(user)} --default-character-set=utf8mb4 -B -e {shlex.quote(sql)}"
        f" {shlex.quote(values['MYSQL_DATABASE']) if values.get('MYSQL_DATABASE') else ''}"
    )
    return {"MYSQL_PWD": password}, text


def _postgres(variables: Mapping[str, str], sql: str, user: str) -> tuple[dict[str, str], str]:
    who = user or variables.get("POSTGRES_USER", "postgres")
    text = (
        f"psql -h 127.0.0.1 -U {shlex.quote(who)} -A -F \"$(printf '\\t')\" -P footer=off -P null=NULL"
        f" -c {shlex.quote(sql)} {shlex.quote(variables.get('POSTGRES_DB') or who)}"
    )
    return {"PGPASSWORD": variables.get("POSTGRES_PASSWORD", "")}, text
