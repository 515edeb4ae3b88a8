"""The database service of the failing step, as the pipelines file defines it: accounts, database, port. Pure.

What the file does not write out (``$ROOT_PW``) is not known here, and nothing is made of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipelinelab.diagnosis.cures.case import Case
from pipelinelab.diagnosis.cures.items import get, texts_of
from pipelinelab.diagnosis.cures.yaml_text import image_of, variables_of
from pipelinelab.reading.images import known

MYSQL, POSTGRES = r"(?:^|/)(?:mysql|mariadb|percona)\b", r"(?:^|/)(?:postgres|postgis|timescale)"
_PORTS = {MYSQL: 3306, POSTGRES: 5432}
_ROOT_KEPT = ("ALLOW_EMPTY_PASSWORD", "ALLOW_EMPTY_ROOT_PASSWORD")


@dataclass(frozen=True)
class Server:
    """A service. ``variables`` are those whose value the file writes out, ``hidden`` the names of the others."""

    name: str
    image: str
    variables: Mapping[str, str]
    hidden: frozenset[str]

    @property
    def kind(self) -> str:
        """``mysql`` (MariaDB and Percona too), ``postgres``, or "" for any other."""
        return "mysql" if re.search(MYSQL, self.image) else "postgres" if re.search(POSTGRES, self.image) else ""

    @property
    def port(self) -> int | None:
        """The port that its image listens on, None where that is not known."""
        found = next((port for image, port in _PORTS.items() if re.search(image, self.image)), None)
        there = known(self.image)
        return found or (there.port if there else None)

    @property
    def user(self) -> str:
        """The user that the image makes, "" where it makes none or nobody knows."""
        if self.kind == "postgres":
            return self.variables.get("POSTGRES_USER", "" if "POSTGRES_USER" in self.hidden else "postgres")
        return self._of("USER") or ""

    @property
    def database(self) -> str:
        """The database that the image makes, "" where it makes none or nobody knows."""
        if self.kind == "postgres":
            return self.variables.get("POSTGRES_DB", "" if "POSTGRES_DB" in self.hidden else self.user)
        return self._of("DATABASE") or ""

    def password(self, user: str) -> str | None:
        """The password of one of its users: "" for none, None where it has no such user or nobody knows."""
        if self.kind == "postgres":
            return self.variables.get("POSTGRES_PASSWORD") if user == self.user else None
        if user != "root":
            return self._of("PASSWORD") if user and user == self.user else None
        empty = any(self._of(name) for name in _ROOT_KEPT)
        return self._of("ROOT_PASSWORD") or ("" if empty and not self._hides("ROOT_PASSWORD") else None)

    @property
    def startable(self) -> bool:
        """Whether it has a password option without which its image ends at once."""
        names = self.variables.keys() | self.hidden
        if self.kind == "postgres":
            return bool(names & {"POSTGRES_PASSWORD", "POSTGRES_PASSWORD_FILE", "POSTGRES_HOST_AUTH_METHOD"})
        return any(re.fullmatch(r"(?:MYSQL|MARIADB)_\w*(?:ROOT|EMPTY)_\w*PASSWORD\w*", name) for name in names)

    def _of(self, name: str) -> str | None:
        both = (self.variables.get(f"{prefix}_{name}") for prefix in ("MARIADB", "MYSQL"))
        return next((value for value in both if value is not None), None)

    def _hides(self, name: str) -> bool:
        return bool(self.hidden & {f"{prefix}_{name}" for prefix in ("MARIADB", "MYSQL")})


def servers(case: Case, kind: str = "") -> list[Server]:
    """The services that the failing step lists, of a kind or of any."""
    read, named = case.yaml, texts_of(get(case.step_node, "services"))
    found = [_server(key.value, body) for key, body in (read.services() if read else []) if key.value in named]
    return [one for one in found if not kind or one.kind == kind]


def server(case: Case, kind: str = "") -> Server | None:
    """The only service of the kind that the failing step lists; None for none, or several: then nobody knows which."""
    found = servers(case, kind)
    return found[0] if len(found) == 1 else None


def _server(name: str, body: object) -> Server:
    pairs = {key.value: value for key, value in variables_of(body)}
    told = {key: str(value.value) for key, value in pairs.items() if isinstance(value.value, str)}
    plain = {key: value for key, value in told.items() if "$" not in value}
    return Server(name, image_of(body) or name, plain, frozenset(pairs.keys() - plain.keys()))
