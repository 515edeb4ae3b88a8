"""A cure that keeps what an earlier step made for the step that misses it. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from pipelinelab.diagnosis.cures.case import Case, Made
from pipelinelab.diagnosis.cures.items import get
from pipelinelab.diagnosis.cures.shell import Simple, joined, read_script
from pipelinelab.diagnosis.cures.yaml_text import Yaml, scalar
from pipelinelab.planning.globs import glob_matches

_PATH = re.compile(r"(?!/)[\w./@+-]+")
_WRITES = re.compile(r"(?<![\d&>=-])>{1,2}\s*[\"']?([\w./@+-]+)")
_OUTPUT = re.compile(r"\s(?:-o|-O|--output|--out|--output-file)(?:\s+|=)[\"']?([\w./@+-]+)")
_TAR = re.compile(r"\btar\s+(?:-\S+\s+)*?-?[a-zA-Z]*c[a-zA-Z]*f\s+[\"']?([\w./@+-]+)")
_QUOTED = re.compile(r"'[^']*>[^']*'|\"[^\"]*>[^\"]*\"")
_NOWHERE = "/dev/null"


def add_artifacts(case: Case) -> Made:
    """``artifacts`` with the folder of the missing file in the one earlier step of the pipeline whose own commands
    make it: by a redirection, mkdir, touch, cp, mv, tar, zip or an option for the output. Nothing where no step does
    so for certain, or several do."""
    read, missing = case.yaml, _missing(case)
    if read is None or case.item is None or not missing:
        return Made()
    earlier = {id(step): step for step in _earlier(read.root, case.item.step)}
    makers = [step for step in earlier.values() if _leaves(_commands(read, step), missing)]
    here = [one for one in case.script.commands if one.item < case.script.last]
    refused = getattr(get(get(case.item.step, "artifacts"), "download"), "value", "")
    if len(makers) != 1 or refused == "false" or any(_makes(one, missing) for one in here):
        return Made()
    step = makers[0]
    kept = get(step, "artifacts")
    listed = get(kept, "paths") or kept
    entries = [one.value for one in listed.value if isinstance(one.value, str)] if listed is not None else []
    if any(glob_matches(pattern, missing) for pattern in entries):
        return Made()
    folder = posixpath.dirname(missing) or ("" if "." in missing else missing)
    pattern = scalar(f"{folder}/**" if folder else missing)
    new = read.new_list(step, "artifacts", pattern) if kept is None else read.add_entry(listed, pattern)
    name = getattr(get(step, "name"), "value", "")
    return Made(case.yaml_edit(new), title=f"Keep {pattern} as an artifact of the step{f' {name}' if name else ''}")


def _missing(case: Case) -> str:
    """The missing path from the clone's root, "" where it lies elsewhere or nobody knows."""
    path = case.facts.get("path", "").removeprefix("./")
    if not _PATH.fullmatch(path):
        return ""
    using = [one for one in case.script.here if path in one.text] or case.script.here[-1:]
    folder = using[0].folder if using else None
    return (joined(folder, path) or "") if folder is not None else ""


def _commands(read: Yaml, step: Any) -> list[Simple]:
    script = read_script([one.command for one in read.items if one.step is step and one.key == "script"])
    return list(script.commands)


def _leaves(commands: list[Simple], path: str) -> bool:
    """Whether commands make the path, and none of them takes it away."""
    above = {path, *(path[:at] for at, char in enumerate(path) if char == "/")}
    gone = [one for one in commands if one.words[:1] == ["rm"] and one.folder is not None]
    taken = any(joined(one.folder or "", word.rstrip("/*")) in above for one in gone for word in one.words[1:])
    return not taken and any(_makes(one, path) for one in commands)


def _makes(command: Simple, path: str) -> bool:
    """Whether a command evidently makes the path, or the folder that it is in."""
    if command.folder is None:
        return False
    files, folders = _made(command)
    whole = {joined(command.folder, one) for one in files}
    above = {joined(command.folder, one) for one in folders}
    return path in whole | above or any(one and path.startswith(f"{one}/") for one in above)


def _made(command: Simple) -> tuple[list[str], list[str]]:
    """The files and the folders that a command makes, as it names them."""
    text, words = _QUOTED.sub("", command.text), command.words
    files = [one for pattern in (_WRITES, _OUTPUT, _TAR) for one in pattern.findall(text) if one != _NOWHERE]
    plain = [word for word in words[1:] if not word.startswith("-")]
    match words[:1]:
        case ["mkdir"]:
            return files, [word for word in plain if word != _NOWHERE]
        case ["touch"] | ["tee"]:
            files += plain
        case ["zip"] if plain:
            files.append(plain[0] if "." in plain[0] else f"{plain[0]}.zip")
        case ["cp"] | ["mv"] if len(plain) > 1:
            files += [plain[-1], *(posixpath.join(plain[-1], posixpath.basename(one)) for one in plain[:-1])]
    return files, []


def _earlier(root: Any, step: Any) -> Iterator[Any]:
    """The steps that run before a step, in every pipeline that has it; those beside it in a parallel group do not."""
    for entries in _pipelines(root):
        ran: list[Any] = []
        for entry in entries:
            steps = list(_steps(entry))
            if any(one is step for one in steps):
                own = steps if get(entry, "stage") is not None else []
                before = next((at for at, one in enumerate(own) if one is step), 0)
                yield from [*ran, *own[:before]]
                break
            ran += steps


def _pipelines(root: Any) -> Iterator[list[Any]]:
    for section, body in _pairs(get(root, "pipelines")):
        for entries in [body] if section == "default" else [value for _, value in _pairs(body)]:
            if isinstance(getattr(entries, "value", None), list) and not _pairs(entries):
                yield entries.value


def _steps(entry: Any) -> Iterator[Any]:
    for key, value in _pairs(entry):
        if key == "step":
            yield value
        elif key in ("parallel", "stage"):
            inner = get(value, "steps") or value
            for one in inner.value if isinstance(inner.value, list) and not _pairs(inner) else []:
                yield from _steps(one)


def _pairs(node: Any) -> list[tuple[str, Any]]:
    pairs = node.value if isinstance(getattr(node, "value", None), list) else []
    return [(str(pair[0].value), pair[1]) for pair in pairs if isinstance(pair, tuple)]
