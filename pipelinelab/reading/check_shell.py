"""Shell lines that do not do what they seem to, given how Bitbucket runs a script: ``set -e`` without pipefail, every
item echoed before it runs, and nobody there to answer a question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from pipelinelab.model.pipelines import Command, Pipe, Pipelines, Step
from pipelinelab.model.source import Span
from pipelinelab.reading.check_meaning import steps_of
from pipelinelab.reading.desk import Desk
from pipelinelab.reading.positions import position
from pipelinelab.reading.questions import question
from pipelinelab.reading.shell_split import Part, lists, words

_GUARDS = frozenset(
    {
        "[",
        "[[",
        "test",
        "command",
        "which",
        "type",
        "hash",
        "grep",
        "export",
        "echo",
        "printf",
        "set",
        "true",
        "false",
        ":",
        "!",
        "unset",
        "exit",
        "return",
        "(",
    }
)
_HARMLESS = frozenset(
    {
        "echo",
        "printf",
        "cat",
        "yes",
        "env",
        "printenv",
        "set",
        "ls",
        "true",
        ":",
        "date",
        "pwd",
        "history",
        "whoami",
        "export",
    }
)
Script = tuple[Command | Pipe, ...]
_SSH = re.compile(r"^\s*(?:ssh|scp|sftp|rsync)\s.*?(?:[\w.$}{-]+@[\w.$}{-]+|:[/~])")


def check_shell(desk: Desk, file: Pipelines) -> None:
    """Report hints on the scripts of all steps, each script once however many aliases lead to it."""
    seen: set[Span] = set()
    for pipeline in file.pipelines:
        for step in steps_of(pipeline):
            for script in shell_scripts(step):
                items = [one for one in script if isinstance(one, Command)]
                if items and items[0].span not in seen:
                    _check_script(desk, script)
                seen.update(one.span for one in items)


def shell_scripts(step: Step) -> tuple[Script, ...]:
    """The scripts of a step that a shell reads; none of a step on a Windows runner, where they are PowerShell."""
    windows = any(label.split(".")[0].lower() == "windows" for label in step.runs_on)
    return () if windows else (step.script, step.after_script)


def _check_script(desk: Desk, script: Sequence[Command | Pipe]) -> None:
    whole = "\n".join(one.text for one in script if isinstance(one, Command))
    hosts = "known_hosts" in whole or "StrictHostKeyChecking" in whole or "ssh-keyscan" in whole
    pipefail = False
    for item in script:
        if not isinstance(item, Command):
            continue
        told: set[str] = set()
        for code, part, message, more in _hints(item.text, pipefail, hosts):
            if code in told:
                continue
            told.add(code)
            place = position(
                desk.lines,
                item,
                part.line,
                part.column + len(part.text) - len(part.text.lstrip()),
                len(part.text.strip()),
            )
            desk.report(code, place, message, via=item.via, **more)
        pipefail = pipefail or re.search(r"\bset\s+(?:-\w*o|-o)\s+pipefail", item.text) is not None


def _hints(text: str, pipefail: bool, hosts: bool) -> Iterator[tuple[str, Part, str, dict[str, Any]]]:
    first = True
    for parts in lists(text):
        names = [(words(part.text) or part.text.split() or [""])[0] for part in parts]
        if first and "$?" in parts[0].text and not parts[0].text.lstrip().startswith("'"):
            yield (
                "PL303",
                parts[0],
                "`$?` is always 0 here: Bitbucket echoes the line first",
                {"suggestion": "take `$?` in the same item as its command: put both in one block (`- |`)"},
            )
        first = False
        operators = [part.after for part in parts]
        if "&&" in operators and "||" not in operators and parts[-1].after != "&":
            at = next((i for i, one in enumerate(operators) if one == "&&" and names[i] not in _GUARDS), None)
            if at is not None:
                yield (
                    "PL301",
                    parts[at],
                    f"if `{_short(names[at])}` fails here, the step goes on",
                    {"suggestion": "`set -e` does not see it: give each command an item of its own"},
                )
        if not pipefail and "pipefail" not in text:
            at = next((i for i, one in enumerate(operators) if one in ("|", "|&") and names[i] not in _HARMLESS), None)
            if at is not None and names[at] and "||" not in operators:
                yield (
                    "PL302",
                    parts[at],
                    f"if `{_short(names[at])}` fails here, only the end of the pipe counts",
                    {"suggestion": "put `set -o pipefail` before it (bash only)"},
                )
        for index, part in enumerate(parts):
            fed = index > 0 and operators[index - 1] in ("|", "|&")
            asks = "" if fed or re.search(r"(?<![<\d])<(?![<(])", part.text) else question(part.text)
            if asks:
                yield (
                    "PL304",
                    part,
                    f"`{_short(' '.join(words(part.text)[:2]))}` may ask a question, and nobody is there",
                    {"suggestion": asks},
                )
            if not hosts and _SSH.match(part.text):
                yield (
                    "PL305",
                    part,
                    f"`{names[index]}` asks before it trusts a host it does not know",
                    {
                        "suggestion": "name the host under Repository settings > SSH keys > Known hosts, or: "
                        "ssh-keyscan HOST >> ~/.ssh/known_hosts"
                    },
                )


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
