"""What a cure generator is given, and how edits become a cure with its diff. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pipelinelab.diagnosis.cures.yaml_text import Item, Yaml
from pipelinelab.diagnosis.values import Edit, ProjectFiles
from pipelinelab.recording.records import CommandRecord, StepRecord


@dataclass(frozen=True)
class Case:
    """One entry of a rule's cures, with its texts filled in, and everything that a diff can be made from."""

    params: Mapping[str, str]
    facts: Mapping[str, str]
    files: ProjectFiles
    step: StepRecord
    failing: CommandRecord | None

    @cached_property
    def yaml(self) -> Yaml | None:
        """The pipelines file, None where it is not there or not YAML."""
        path = self.files.pipelines_path
        read = Yaml(self.files.get(path) or "") if path else None
        return read if read is not None and read.root is not None else None

    @cached_property
    def item(self) -> Item | None:
        """The failing command's place in the pipelines file."""
        read = self.yaml
        return read.item(self.failing.command, self.failing.yaml_line) if read and self.failing else None

    def yaml_edit(self, new: str | None) -> list[Edit]:
        """The pipelines file with a new text; no edit for None."""
        path = self.files.pipelines_path
        return [self.edit(path, new)] if path and new is not None else []

    def edit(self, path: str, new: str) -> Edit:
        """One file's change."""
        return Edit(path, self.files.get(path) or "", new)


def unified_diff(edits: Sequence[Edit]) -> str:
    """The edits as one unified diff that ``git apply`` and ``patch -p1`` take."""
    parts: list[str] = []
    for edit in edits:
        before, after = edit.before.splitlines(keepends=True), edit.after.splitlines(keepends=True)
        old = f"a/{edit.path}" if edit.before else "/dev/null"
        for line in difflib.unified_diff(before, after, old, f"b/{edit.path}"):
            parts.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
    return "".join(parts)


def before(case: Case, lines: list[str]) -> list[Edit]:
    """Script items put before the failing one; nothing where its place is not known."""
    item = case.item
    return case.yaml_edit(case.yaml.insert_before(item, lines)) if case.yaml and item else []


def change(case: Case, how: Callable[[str], str]) -> list[Edit]:
    """The failing item's raw text changed; nothing where its place is not known."""
    item = case.item
    return case.yaml_edit(case.yaml.change_items(how, [item])) if case.yaml and item else []
