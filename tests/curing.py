"""Cures of one kind, made for a log and the files of a project: the rulebook is not asked."""

from collections.abc import Mapping

from pipelinelab.diagnosis.cures import cures_for
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.values import Cure, ProjectFiles
from pipelinelab.recording.bitbucket_log import parse_log

FILE = "bitbucket-pipelines.yml"


def step(*script: str, image: str = "python:3.11", more: str = "", end: str = "") -> str:
    """A pipelines file of one step with this script; ``more`` are keys of the step, ``end`` is what follows."""
    items = "".join(f"          - {one}\n" for one in script)
    return f"image: {image}\npipelines:\n  default:\n    - step:\n{more}        script:\n{items}{end}"


def service(name: str, image: str, **variables: str) -> str:
    """The definition of a service, for the end of a file."""
    body = "".join(f"        {key}: {value}\n" for key, value in variables.items())
    return f"definitions:\n  services:\n    {name}:\n      image: {image}\n" + (
        f"      variables:\n{body}" if body else ""
    )


def cures(
    entry: Mapping[str, str] | str,
    *commands: str,
    files: Mapping[str, str] | str = "",
    said: str = "",
    **facts: str,
) -> tuple[Cure, ...]:
    """The cures of a rule with this one entry (or this kind), for a log of these commands, the last of which failed.

    ``files`` are the project's, or the text of its pipelines file; ``said`` is put before the log."""
    texts = {FILE: files} if isinstance(files, str) and files else files or {}
    recording = parse_log((said + "".join(f"+ {one}\n" for one in commands) + "it failed\n").encode())
    (record,) = recording.steps
    failing = [one for one in record.commands if one.phase == "script"][-1]
    entries = ({"kind": entry},) if isinstance(entry, str) else (dict(entry),)
    rule = Rule(id="a-rule", title="A rule", category="test", cures=entries)
    return cures_for(rule, {"alias": "default", **facts}, ProjectFiles(dict(texts)), record, failing)


def cured(
    entry: Mapping[str, str] | str,
    *commands: str,
    files: Mapping[str, str] | str = "",
    said: str = "",
    **facts: str,
) -> dict[str, list[str]]:
    """The lines that the only cure adds, by file; {} where there is none, or one without a diff."""
    found = cures(entry, *commands, files=files, said=said, **facts)
    return {edit.path: _added(edit.before, edit.after) for cure in found for edit in cure.edits}


def _added(before: str, after: str) -> list[str]:
    old = before.splitlines()
    return [line.strip() for line in after.splitlines() if line not in old]
