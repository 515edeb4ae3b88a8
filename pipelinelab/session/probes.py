"""Diagnosis' questions, answered on the containers that a failed step left standing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from pipelinelab.diagnosis.questions import Question
from pipelinelab.errors import NeedsDocker, PipelinelabError
from pipelinelab.events.types import Probe
from pipelinelab.masking.told import everywhere
from pipelinelab.session import probe_scripts as scripts
from pipelinelab.session.exported import exported, reads_more
from pipelinelab.session.kept import KeptStep

Answers = Mapping[str, Any]
_NAME = re.compile(r"[A-Za-z0-9_$-]+\Z")


def answer(kept: KeptStep, question: Question, at: float) -> Probe:
    """Ask it; ``ok`` is False where it cannot be told, and then the answer is None and ``source`` says why.

    Raises NeedsDocker where the step is a recorded one in which nobody asked this."""
    try:
        found, source = ANSWERS[question.name](kept, question.mapping)
    except NeedsDocker:
        raise
    except (PipelinelabError, ValueError, KeyError, IndexError, TypeError) as problem:
        return Probe(at=at, step=question.step, question=question.name, arguments=question.mapping, ok=False,
                     source=f"{type(problem).__name__}: {problem}".splitlines()[0][:200])  # fmt: skip
    told = everywhere(dict(found), kept.mask)
    return Probe(at=at, step=question.step, question=question.name, arguments=question.mapping, answer=told,
                 source=source)  # fmt: skip


def _sh(kept: KeptStep, text: str, *words: str, container: str = "build") -> list[str]:
    given = exported(kept.record) if container == "build" else {}
    said = kept.ask(["sh", "-c", text, "probe", *words], container=container, timeout=20.0, environment=given)
    if said.exit_code:
        raise ValueError(said.text.strip() or f"exit code {said.exit_code}")
    return said.text.splitlines()


def _django(kept: KeptStep, alias: str) -> dict[str, Any]:
    lines = _sh(kept, scripts.PYTHON, "-c", scripts.DJANGO, alias)
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def _settings(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    return _django(kept, a["alias"])["settings"], "the project's own settings"


def _driver(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    return _django(kept, a["alias"])["driver"], "the project's own Python"


def _socket_file(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    said = _sh(kept, 'if [ -e "$1" ]; then echo yes; else echo no; fi', a["path"])
    return {"exists": said == ["yes"]}, "the step's container"


def _port_open(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    heard = {int(line, 16) for line in _sh(kept, scripts.PORTS)}
    port = int(a["port"])
    since = next((s.port_open_after_s for s in kept.record.services if port in s.ports), None)
    return {"open": port in heard, "since_s": since}, "/proc/net/tcp of the step"


def _server_version(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    version = str(kept.query("select version() as v").iloc[0, 0])
    vendor = next((name for name in ("PostgreSQL", "MariaDB") if name in version), "MySQL").lower()
    return {"vendor": vendor, "version": version}, "the server"


def _database(name: str) -> str:
    if not _NAME.match(name):
        raise ValueError(f"{name!r} is no plain database name")
    return name


def _database_collation(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    rows = kept.query(scripts.COLLATION.format(database=_database(a["database"])))
    if rows.empty:
        return {"exists": False, "charset": None, "collation": None}, "information_schema"
    return {"exists": True, "charset": rows.iloc[0, 0], "collation": rows.iloc[0, 1]}, "information_schema"


def _table_collations(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    database = _database(a["database"])
    tables = kept.query(scripts.TABLES.format(database=database))
    charsets = kept.query(scripts.CHARSETS.format(database=database))
    listed = {} if tables.empty else {str(row[0]): str(row[1]) for row in tables.itertuples(index=False)}
    used = [] if charsets.empty else sorted(str(one) for one in charsets.iloc[:, 0])
    return {"tables": listed, "charsets": used}, "information_schema"


def _sql_mode(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    mode = str(kept.query("select @@global.sql_mode as m").fillna("").iloc[0, 0])
    return {"mode": mode, "strict": "STRICT_" in mode}, "the server"


def _grants(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    user = _django(kept, a["alias"])["settings"]["user"]
    rows = kept.query("show grants", user=user)
    grants = [re.sub(r"\s+IDENTIFIED BY.*", "", str(one)) for one in rows.iloc[:, 0]]
    wide = any(re.search(r"(ALL PRIVILEGES|\bCREATE\b)[^`]* ON \*\.\*|ON `?test\\?[_%]", one) for one in grants)
    return {"grants": grants, "all_databases": wide}, "the server"


def _row_counts(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    database = _database(a["database"])
    tables = kept.query(scripts.TABLES.format(database=database))
    names = [] if tables.empty else [str(one) for one in tables.iloc[:, 0]]
    wanted = [name for name in names if name not in scripts.BOOKKEEPING and _NAME.match(name)]
    if not wanted:
        return {"tables": {}, "total": 0}, "the server"
    asked = " union all ".join(f"select '{name}' as t, count(*) as n from `{database}`.`{name}`" for name in wanted)
    rows = {str(row[0]): int(row[1]) for row in kept.query(asked).itertuples(index=False)}
    return {"tables": rows, "total": sum(rows.values())}, "the server"


def _blocked(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    seen = [probe for probe in kept.record.probes if probe.question == "blocked_process" and probe.answer]
    if seen:
        one = seen[-1].answer
        process = {"pid": one["pid"], "command": one["name"], "waits_on": "read of its standard input"}
        return {"processes": [process], "stdin": True}, "seen while it waited"
    found = [line.split("\t") for line in _sh(kept, scripts.BLOCKED)]
    processes = [{"pid": int(p), "command": n, "waits_on": w} for p, n, w, _ in found if n != "sh"]
    return {"processes": processes, "stdin": False}, "/proc/PID/syscall"


def _file_mode(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    said = _sh(kept, 'if [ -e "$1" ]; then stat -c %a "$1"; else echo none; fi', a["path"])[0]
    if said == "none":
        return {"exists": False, "mode": None, "executable": None}, "the clone"
    return {"exists": True, "mode": said.zfill(4), "executable": bool(int(said, 8) & 0o111)}, "the clone"


def _line_endings(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    text = (
        '[ -f "$1" ] || { echo none; exit; }; if grep -q "$(printf \'\\r\')\\$" "$1"; then echo crlf; else echo lf; fi'
    )
    said = _sh(kept, text, a["path"])[0]
    return {"exists": said != "none", "crlf": said == "crlf" if said != "none" else None}, "the clone"


def _oom(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    record = kept.record
    if a["container"] == "build":
        return {"oom_killed": bool(record.oom_killed), "peak_mib": record.memory_peak_mib,
                "limit_mib": record.memory_limit_mib}, "the recording"  # fmt: skip
    service = next(one for one in record.services if one.name == a["container"])
    return {
        "oom_killed": bool(service.oom_killed),
        "peak_mib": service.memory_peak_mib,
        "limit_mib": None,
    }, "the engine"


def _disk(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    fields = _sh(kept, "df -Pm . | tail -n 1")[0].split()
    return {"free_mib": int(fields[3]), "used_percent": int(fields[4].rstrip("%"))}, "df"


def _git_depth(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    said = _sh(kept, "git rev-parse --is-shallow-repository; git rev-list --count HEAD")
    return {"shallow": said[0] == "true", "commits": int(said[1])}, "git"


def _git_branch(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    said = _sh(kept, "git symbolic-ref -q --short HEAD || true")
    return {"branch": said[0] if said else "", "detached": not said}, "git"


def _variable_set(kept: KeptStep, a: Mapping[str, str]) -> tuple[Answers, str]:
    said = _sh(kept, 'eval "if [ -z \\"\\${$1+x}\\" ]; then echo no; elif [ -z \\"\\${$1}\\" ]; then echo empty; else echo set; fi"', _database(a["name"]))[0]  # noqa: E501  # fmt: skip
    if said == "no" and reads_more(kept.record):
        raise ValueError("the script took variables from a file or a text, which nobody can ask it for any more")
    return {"set": said != "no", "empty": said == "empty" if said != "no" else None}, "the step's shell"


ANSWERS: Mapping[str, Callable[[KeptStep, Mapping[str, str]], tuple[Answers, str]]] = {
    "database_settings": _settings, "driver_version": _driver, "socket_file": _socket_file, "port_open": _port_open,
    "server_version": _server_version, "database_collation": _database_collation,
    "table_collations": _table_collations, "sql_mode": _sql_mode, "grants": _grants, "row_counts": _row_counts,
    "blocked_process": _blocked, "file_mode": _file_mode, "line_endings": _line_endings, "oom": _oom, "disk": _disk,
    "git_depth": _git_depth, "git_branch": _git_branch, "variable_set": _variable_set,
}  # fmt: skip
