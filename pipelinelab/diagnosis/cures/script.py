"""Cures that change the script: items put before the failing one, or the failing one itself. Pure."""

from __future__ import annotations

import re

from pipelinelab.diagnosis.cures.case import Case, before, change
from pipelinelab.diagnosis.values import Edit

_PACKAGES = {
    "curl": "curl", "git": "git", "make": "make", "zip": "zip", "unzip": "unzip", "jq": "jq", "rsync": "rsync",
    "ssh": "openssh-client", "scp": "openssh-client", "ssh-keyscan": "openssh-client", "wget": "wget", "bash": "bash",
    "mysql": "default-mysql-client", "mysqldump": "default-mysql-client", "mysqladmin": "default-mysql-client",
    "psql": "postgresql-client", "pg_isready": "postgresql-client", "gcc": "build-essential", "pip": "python3-pip",
    "pip3": "python3-pip", "python3": "python3", "node": "nodejs", "npm": "npm", "java": "default-jre-headless",
    "nc": "netcat-openbsd", "xvfb-run": "xvfb", "ffmpeg": "ffmpeg", "envsubst": "gettext-base", "gpg": "gnupg",
    "lftp": "lftp", "sshpass": "sshpass", "expect": "expect", "bzip2": "bzip2", "xz": "xz-utils", "file": "file",
}  # fmt: skip
_ALPINE = {
    "default-mysql-client": "mysql-client", "openssh-client": "openssh-client", "build-essential": "build-base",
    "python3-pip": "py3-pip", "gettext-base": "gettext", "xz-utils": "xz", "default-jre-headless": "openjdk17-jre",
}  # fmt: skip


def insert_before(case: Case) -> list[Edit]:
    """``line`` as a script item before the failing one."""
    return before(case, [case.params["line"]])


def wait_for_port(case: Case) -> list[Edit]:
    """A loop, a minute at most, that waits for ``port`` on 127.0.0.1 (bash's /dev/tcp)."""
    port = case.params["port"]
    if not port.isdigit():
        return []
    return before(
        case, [f"for i in $(seq 60); do (echo > /dev/tcp/127.0.0.1/{port}) 2>/dev/null && break; sleep 1; done"]
    )


def wait_for_service(case: Case) -> list[Edit]:
    """The same for the first port of the named service."""
    port = next((str(s.ports[0]) for s in case.step.services if s.name == case.params["service"] and s.ports), "")
    return (
        before(case, [f"for i in $(seq 60); do (echo > /dev/tcp/127.0.0.1/{port}) 2>/dev/null && break; sleep 1; done"])
        if port
        else []
    )


def append_flag(case: Case) -> list[Edit]:
    """``flag`` behind what ``to`` matches in the failing item."""
    flag, to = case.params["flag"], case.params["to"]
    return change(
        case,
        lambda raw: raw if flag in raw.split() else re.sub(f"({to})", lambda m: f"{m.group(1)} {flag}", raw, count=1),
    )


def replace_in_command(case: Case) -> list[Edit]:
    """``find`` in the failing item becomes ``put``."""
    find, put = case.params["find"], case.params["put"]
    return change(case, lambda raw: raw if put in raw else raw.replace(find, put, 1))


def chmod(case: Case) -> list[Edit]:
    """``chmod +x`` before the script that may not be run."""
    path = case.facts.get("path", "")
    return before(case, [f"chmod +x {path}"]) if re.fullmatch(r"[\w./-]+", path) else []


def crlf(case: Case) -> list[Edit]:
    """The carriage returns taken out before the script runs."""
    named = re.search(r"(?:^|[\s;&|])(\.?/?[\w./-]+\.(?:sh|py|bash))\b", case.failing.command if case.failing else "")
    path = named.group(1) if named else case.facts.get("path", "")
    return before(case, [f"sed -i 's/\\r$//' {path}"]) if re.fullmatch(r"[\w./-]+", path or "") else []


def install_command(case: Case) -> list[Edit]:
    """The package that has the missing program, installed first; sudo is left out, python becomes python3."""
    program = case.facts.get("program", "").rsplit("/", 1)[-1]
    if program == "sudo":
        return change(case, lambda raw: re.sub(r"\bsudo\s+(?:-\w\s+)?", "", raw))
    if program == "python":
        return change(case, lambda raw: re.sub(r"\bpython(?=\s)", "python3", raw))
    if program in ("yarn", "pnpm"):
        return before(case, [f"npm install -g {program}"])
    if program == "docker":
        return []
    package = _PACKAGES.get(program)
    if package is None:
        return []
    image = case.step.image_used or case.step.image_asked
    if "alpine" in image:
        return before(case, [f"apk add --no-cache {_ALPINE.get(package, package)}"])
    return before(case, [f"apt-get update && apt-get install -y {package}"])
