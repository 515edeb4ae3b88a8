"""Where shared pipelines are read from: the git of a repository at hand, or a file that the user names for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelinelab.errors import FileRefused, UsageError
from pipelinelab.model.pipelines import Import, Pipelines
from pipelinelab.planning.imports import Shared
from pipelinelab.reading.read import read_text
from pipelinelab.reading.report import render
from pipelinelab.system import git
from pipelinelab.system.files import load_pipelines_bytes

_REFS = ("refs/heads/{}", "refs/tags/{}", "refs/remotes/origin/{}", "{}")


@dataclass
class Library:
    """Reads shared files. ``places`` are paths by a repository's name: a repository, whose git is read at the import's
    ref, or a file, which is read as it stands. A repository that is not among them is looked for beside ``root``.
    ``own`` reads a file of the replayed repository as it is replayed. ``notes`` tells what was read from where."""

    root: Path
    places: Mapping[str, Path]
    own: Callable[[str], bytes | None]
    notes: list[str] = field(default_factory=list)

    def __call__(self, shared: Shared, home: Shared, imported: Import) -> Pipelines:
        """The model of a shared file. Raises UsageError where it is not to be had, FileRefused for a faulty one."""
        place = imported.place("import")
        if not shared.repository:
            text = self.own(shared.path)
            if text is None:
                raise UsageError(f"{place}: there is no file {shared.path} in this repository at the commit")
            return _model(text, shared.path)
        where = self._place(shared, place)
        if where.is_file():
            self._tell(f"{imported.source} is imported from {where}, whatever its ref")
            return _model(load_pipelines_bytes(where), str(where))
        commit = _commit(where, shared, place)
        text = git.file_at(where, commit, shared.path)
        if text is None:
            raise UsageError(f"{place}: there is no {shared.path} in {where} at {shared.ref}", "is it committed there?")
        self._tell(f"{imported.source} is imported from {where} at {commit[:12]}")
        return _model(text, str(shared))

    def _tell(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)

    def _place(self, shared: Shared, place: object) -> Path:
        name = shared.repository
        given = self.places.get(name)
        if given is None and not re.fullmatch(r"\w[\w.-]*", name):
            raise UsageError(f"{place}: {name!r} is no name of a repository", "write its slug")
        found = given or self.root.parent / name
        if (given and found.is_file()) or git.is_repository(found):
            return found
        if given is None:
            raise UsageError(
                f"{place}: the repository {name!r}, which this imports from, is not at {found}",
                f"clone it there, or say where it is: --import {name}=PATH, or under [imports] in a pipelinelab.toml",
            )
        what = "is not a git repository" if found.exists() else "is not there"
        raise UsageError(f"{place}: {found}, given for {name!r}, {what}", "name a clone of it, or a pipelines file")


def _commit(where: Path, shared: Shared, place: object) -> str:
    for form in _REFS:
        ref = form.format(shared.ref)
        if commit := git.commit_of(where, ref):
            return commit
    refs = git.git(where, "for-each-ref", "--format=%(refname:short)", "--count=12", "refs/heads", "refs/tags")
    raise UsageError(
        f"{place}: {where} has no branch, tag or commit {shared.ref!r}",
        f"git fetch there, or import one that it has: {', '.join(refs.split()) or 'it has none'}",
    )


def _model(text: bytes, name: str) -> Pipelines:
    reading = read_text(text, name)
    if reading.errors or reading.pipelines is None:
        count = len(reading.errors)
        raise FileRefused(
            f"{name}: Bitbucket would refuse this shared file ({count} error{'s' * (count != 1)})",
            "mend it where it is shared from",
            report=render(reading.problems, reading.text),
        )
    return reading.pipelines
