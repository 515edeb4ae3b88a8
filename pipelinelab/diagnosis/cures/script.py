"""Cures that change the script: items put before the failing one, or the failing one itself. Pure."""

from __future__ import annotations

import re

from pipelinelab.diagnosis.cures import packages
from pipelinelab.diagnosis.cures.case import Case, Made, before, change
from pipelinelab.diagnosis.cures.shell import between, joined

_START = r"(?:^|(?<=[;&|(\n'\"`{])|(?<=\bthen\s)|(?<=\bdo\s))(\s*)"
_SUDO = re.compile(
    _START + r"sudo\s+(?:(?:-[EHnSkAb]+|--(?:preserve-env(?:=\S+)?|non-interactive|set-home|stdin)|-u\s*root"
    r"|--user[= ]root)\s+)*(?:--\s+)?(?=[\w./$\"'])"
)
_PUSH_OPTION = r"\s+-(?:[fuqv]+|-(?:force|force-with-lease|set-upstream|follow-tags|quiet|no-verify))(?=\s|$|[;&|)'\"])"
_PUSH = re.compile(
    _START + rf"git\s+push((?:{_PUSH_OPTION})*)(\s+(?!-)[^\s;&|)'\">]+)?"
    r"(\s+(?:\"[^\"\s]+\"|'[^'\s]+'|(?!-|\d?>)[^\s;&|)'\">]+))?"
    rf"((?:{_PUSH_OPTION}|\s+\d?>+\s*\S+)*)(?=\s*(?:$|[;&|)\n]|['\"]\s*$))"
)
_INSTALLS = re.compile(r"\b(?:apt-get|apk|pip3?|npm|dnf|yum) (?:-\S+ )*(?:update|add|install)\b")
_BUILDS_IMAGE = re.compile(
    r"\b(?:docker|podman)(?:-compose| compose)? (?:buildx )?build\b|\bdocker(?:-compose| compose) .*--build\b"
)
_NODE_OPTIONS = re.compile(r"export NODE_OPTIONS=(--\S+)")


def insert_before(case: Case) -> Made:
    """``line`` as a script item before the failing one, as its image wants it. Files that it ``needs`` must be there,
    one that it ``makes`` must not."""
    line = packages.as_there(case.params["line"], case.image)
    if case.failing and _INSTALLS.search(line) and _BUILDS_IMAGE.search(case.failing.command):
        return Made()  # what an image lacks while it is built belongs into its Dockerfile
    start = case.script.start
    if case.files.texts and case.params.keys() & {"needs", "makes"}:
        if start is None or joined(start, case.params.get("makes", "?")) in case.files.texts:
            return Made()
        if "needs" in case.params and joined(start, case.params["needs"]) not in case.files.texts:
            return Made()
    own = _NODE_OPTIONS.fullmatch(line)
    if own and case.yaml and "NODE_OPTIONS" in case.yaml.text:  # the user's own options stay
        line = f'export NODE_OPTIONS="$NODE_OPTIONS {own[1]}"'
    return before(case, [line]) if line else Made()


def wait_for_port(case: Case) -> Made:
    """A loop, a minute at most, that waits for ``port`` on 127.0.0.1."""
    port, host = case.params["port"], case.facts.get("host", "")
    if not port.isdigit() or ("." in host and not host.startswith(("127.", "0.0.0.0"))):
        return Made()  # another machine's port is none of the step's
    return before(case, [packages.wait(port, case.image)])


def wait_for_service(case: Case) -> Made:
    """The same for the first port of the named service."""
    port = next((str(s.ports[0]) for s in case.step.services if s.name == case.params["service"] and s.ports), "")
    return before(case, [packages.wait(port, case.image)]) if port else Made()


def append_flag(case: Case) -> Made:
    """``flag`` behind what ``to`` matches in the failing item."""
    flag, to = case.params["flag"], case.params["to"]
    return change(
        case,
        lambda raw: raw if flag in raw.split() else re.sub(f"({to})", lambda m: f"{m.group(1)} {flag}", raw, count=1),
        flag,
    )


def prefix_command(case: Case) -> Made:
    """``prefix`` before the command that ``to`` matches in the failing item."""
    prefix, to = case.params["prefix"], case.params["to"]
    return change(
        case,
        lambda raw: raw if prefix in raw else re.sub(_START + f"(?={to})", rf"\g<1>{prefix} ", raw, count=1),
        prefix,
    )


def replace_in_command(case: Case) -> Made:
    """``find`` in the failing item becomes ``put``."""
    find, put = case.params["find"], case.params["put"]
    return change(case, lambda raw: raw if put in raw else raw.replace(find, put, 1), put)


def push_to_branch(case: Case) -> Made:
    """``git push`` of a clone that is on no branch: HEAD, to the branch that is named, else to the pipeline's own.
    What pushes tags or says both sides already stays as it is."""

    def named(push: re.Match[str]) -> str:
        blank, options, remote, ref, rest = (part or "" for part in push.groups())
        branch = ref.strip()
        if ":" in branch or "tags/" in branch or branch.startswith("+"):
            return push[0]
        if branch in ("", "HEAD"):
            if remote.strip() not in ("", "origin"):
                return push[0]
            branch = "$BITBUCKET_BRANCH"
        return f"{blank}git push{options}{remote or ' origin'} HEAD:{branch}{rest}"

    return change(case, lambda raw: _PUSH.sub(named, raw), "git push origin HEAD:$BITBUCKET_BRANCH")


def chmod(case: Case) -> Made:
    """``chmod +x`` before the script that may not be run: one that the failing item runs itself, in the folder it
    changed to, or one of the project's own. A file that the shell could not write is none."""
    path = case.facts.get("path", "")
    where = _run_in(case, path) if re.fullmatch(r"[\w./-]+", path) else ""
    return before(case, [f"chmod +x {where}"]) if where else Made()


def crlf(case: Case) -> Made:
    """The carriage returns taken out of the script that the failing item runs, before it runs."""
    for one in case.script.here:
        run = one.words[1:2] if one.words[:1] in (["bash"], ["sh"], ["."], ["source"]) else one.words[:1]
        if run and re.fullmatch(r"\.{0,2}/?[\w./-]+", run[0]) and ("/" in run[0] or run[0].endswith((".sh", ".bash"))):
            where = _from_start(case, one.folder, run[0])
            return before(case, [f"sed -i 's/\\r$//' {where}"]) if where else Made()
    return Made()


def install_command(case: Case) -> Made:
    """The package that has the missing program, installed first; sudo is left out, python becomes python3."""
    program = case.facts.get("program", "").rsplit("/", 1)[-1]
    if case.failing and _BUILDS_IMAGE.search(case.failing.command):
        return Made()  # what an image lacks while it is built belongs into its Dockerfile
    if program == "sudo":
        made = change(case, lambda raw: _SUDO.sub(r"\1", raw))
        text = case.item.command if case.item else case.failing.command if case.failing else ""
        if (made.edits or made.advice) and not re.search(r"\bsudo\s", _SUDO.sub(r"\1", text)):
            return Made(made.edits, made.advice, "Leave sudo out", "the container's user is root already")
    if program == "python":
        made = change(case, lambda raw: re.sub(r"(?<![\w./-])python(?=\s)", "python3", raw))
        return Made(made.edits, made.advice, "Call it python3", "the command does the same, by the name that is there")
    if program in ("yarn", "pnpm"):
        return before(case, [f"npm install -g {program}"])
    package = packages.package_of(program)
    line = packages.install(package, case.image) if package else ""
    return before(case, [line]) if line else Made()


def _run_in(case: Case, path: str) -> str:
    """The script's path in the folder that the failing item begins in, "" where it is not the one that runs it."""
    for one in case.script.here:
        if re.search(rf"(?:>|\btee\s(?:-a\s)?)\s*[\"']?{re.escape(path)}(?![\w./-])", one.text):
            return ""
    for one in case.script.here:
        run = [word for word in one.words if not word.startswith("-")]
        if path in (run[:1] if run[:1] not in (["bash"], ["sh"]) else run[:2]) or path in one.words[:1]:
            return _from_start(case, one.folder, path)
    inner = path.startswith("./") or path.endswith((".sh", "gradlew", "mvnw"))
    here = case.script.here
    return _from_start(case, here[-1].folder, path) if inner and not path.startswith("/") and here else ""


def _from_start(case: Case, folder: str | None, path: str) -> str:
    """A path of a folder as it is called where the item begins; the same text where the folder is the same."""
    start = case.script.start
    if path.startswith("/") or folder == start:
        return path
    whole = joined(folder, path) if folder is not None else None
    return between(start, whole) if start is not None and whole is not None else ""
