"""pipelinelab.toml: what a repository tells the lab beside its bitbucket-pipelines.yml.

[images]                       # what stands in for an image that the pipeline names
"mysql:5.7" = "pipelinelab/mysql"
[variables]                    # repository variables
DJANGO_SETTINGS_MODULE = "shop.settings"
[secrets]
names = ["DEPLOY_KEY"]         # masked in all output; the values come from the environment or the env-file
env-file = ".env"
[imports]                      # where a repository is that pipelines are imported from, if not beside this one
ci-templates = "../shared/ci-templates"
[replay]                       # defaults of `pipelinelab replay`, by the names of its options
service-wait = 60
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelinelab.errors import UsageError

FILE = "pipelinelab.toml"


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """What stands in a pipelinelab.toml. ``service_wait_s`` is in seconds, ``log_cap_bytes`` in bytes; None where
    the file says nothing. ``env_file`` and the paths of ``imports`` are relative to the repository."""

    images: Mapping[str, str] = field(default_factory=dict)
    imports: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: frozenset[str] = frozenset()
    env_file: str | None = None
    stdin: str | None = None
    service_wait_s: float | None = None
    log_cap_bytes: int | None = None
    platform: str | None = None
    cpus: float | None = None
    jobs: int | None = None
    keep: bool | None = None


def load_configuration(repository: Path) -> Configuration:
    """The repository's pipelinelab.toml; the empty Configuration where it has none.

    Raises UsageError, with file, line and what was meant, for anything in it that the lab does not know.
    """
    path = repository / FILE
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return Configuration()
    except UnicodeDecodeError as problem:
        line = problem.object[: problem.start].count(b"\n") + 1
        raise UsageError(f"{path}:{line}: this is not UTF-8", "save the file as UTF-8") from None
    except OSError as problem:
        raise UsageError(f"{path} cannot be read: {problem.strerror}") from None
    return parse_configuration(text, str(path))


def parse_configuration(text: str, name: str = FILE) -> Configuration:
    """The Configuration that ``text`` is. Raises UsageError at ``name``:line for what is wrong in it."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        said, place = str(problem), re.search(r" \(at line (\d+), column (\d+)\)$", str(problem))
        where = f"{name}:{place[1]}:{place[2]}" if place else name
        raise UsageError(f"{where}: {said[: place.start()] if place else said}", HINT) from None
    _known(tables, _TABLES, lambda key: _where(text, name, None, key), "table")
    values: dict[str, Any] = {}
    for table, content in tables.items():
        if not isinstance(content, dict):
            raise UsageError(f"{_where(text, name, None, table)}: {table} is a table", f"write [{table}] above it")
        if table in ("images", "imports", "variables"):
            values[table] = {
                key: _string(value, _where(text, name, table, key), f"{key!r}") for key, value in content.items()
            }
            continue
        _known(content, _TABLES[table], lambda key, table=table: _where(text, name, table, key), "key")  # type: ignore[misc]
        for key, value in content.items():
            attribute, read = _TABLES[table][key]
            values[attribute] = read(value, _where(text, name, table, key), key)
    return Configuration(**values)


HINT = 'a name with a colon or a slash needs quotes: "mysql:5.7" = "pipelinelab/mysql"'

Reader = Callable[[Any, str, str], Any]


def _string(value: Any, where: str, key: str) -> str:
    if isinstance(value, str):
        return value
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    raise UsageError(f"{where}: {key} must be a string, not {value!r}", f'write "{shown}", with quotes')


def _names(value: Any, where: str, key: str) -> frozenset[str]:
    if isinstance(value, list) and all(isinstance(name, str) and re.fullmatch(r"\w+", name) for name in value):
        return frozenset(value)
    raise UsageError(f"{where}: {key} must be a list of variable names", 'for example names = ["DEPLOY_KEY"]')


def _boolean(value: Any, where: str, key: str) -> bool:
    if isinstance(value, bool):
        return value
    raise UsageError(f"{where}: {key} must be true or false, not {value!r}")


def _number(kind: type[float], least: float, scale: float = 1) -> Reader:
    def read(value: Any, where: str, key: str) -> float:
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or not value >= least
            or value == float("inf")
        ):
            raise UsageError(f"{where}: {key} must be a number of at least {least:g}, not {value!r}")
        return kind(value * scale)

    return read


def _matching(pattern: str, example: str) -> Reader:
    def read(value: Any, where: str, key: str) -> str:
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return value
        raise UsageError(f"{where}: {key} must be {example}, not {value!r}")

    return read


_TABLES: dict[str, dict[str, tuple[str, Reader]]] = {
    "images": {},
    "imports": {},
    "variables": {},
    "secrets": {"names": ("secrets", _names), "env-file": ("env_file", _string)},
    "replay": {
        "stdin": ("stdin", _matching("closed|silent", '"closed" or "silent"')),
        "service-wait": ("service_wait_s", _number(float, 0)),  # seconds
        "log-cap": ("log_cap_bytes", _number(int, 0.001, 1e6)),  # megabytes
        "platform": ("platform", _matching(r"\w+/\w+(/\w+)?", 'an OS/ARCH such as "linux/arm64"')),
        "cpus": ("cpus", _number(float, 0.01)),
        "jobs": ("jobs", _number(int, 1)),
        "keep": ("keep", _boolean),
    },
}


def _known(given: Iterable[str], known: Iterable[str], where: Callable[[str], str], kind: str) -> None:
    known = list(known)
    for key in given:
        if key not in known:
            close = difflib.get_close_matches(key.replace("_", "-"), known, 1, 0.6)
            hint = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(known)}"
            raise UsageError(f"{where(key)}: there is no {kind} {key!r}", hint)


def _where(text: str, name: str, table: str | None, key: str) -> str:
    """``name``:line:col of a key in a table (or of a table, or of a key before any); ``name`` where it is not found."""
    quoted = rf"(?:{re.escape(key)}|\"{re.escape(key)}\"|'{re.escape(key)}')"
    current: str | None = None
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+\s*[\"']?([^\"'\].]+)[\"']?\s*[\].]", line)
        if header:
            current = header[1].strip()
            if table is None and current == key:
                return f"{name}:{number}:{line.index('[') + 1}"
        elif current == table and re.match(rf"\s*{quoted}\s*[=.]", line):
            return f"{name}:{number}:{len(line) - len(line.lstrip()) + 1}"
    return name
