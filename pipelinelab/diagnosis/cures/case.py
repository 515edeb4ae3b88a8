"""What a cure generator is given, and how edits become a cure with its diff. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipelinelab.diagnosis.cures.items import Item, get, texts_of
from pipelinelab.diagnosis.cures.shell import Script, read_script
from pipelinelab.diagnosis.cures.yaml_text import Yaml, image_of
from pipelinelab.diagnosis.values import Edit, ProjectFiles
from pipelinelab.recording.records import CommandRecord, StepRecord

DEFAULT_IMAGE = "atlassian/default-image:latest"
_CLONE = re.compile(r"git clone .*?--branch=[\"']?([^\s\"']+)")
_SHOWN = 200  # characters of a command


@dataclass(frozen=True)
class Made:
    """What a generator made. Title, why and safety, where given, take the place of the rule's. ``advice`` is what it
    would write: it is told where there is no diff, because no place for it is known."""

    edits: Sequence[Edit] = ()
    advice: str = ""
    title: str = ""
    why: str = ""
    safety: str = ""


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
        read, failing = self.yaml, self.failing
        if read is None or failing is None:
            return None
        return read.item(failing.command, failing.yaml_line, self._said[:-1], self._branch)

    @cached_property
    def script(self) -> Script:
        """What the step's script did up to the failing command: as the file writes it, else as the log tells it."""
        item, read = self.item, self.yaml
        if item is None or read is None:
            return read_script(self._said)
        mine = [one for one in read.items if one.step is item.step and one.key == item.key]
        return read_script([one.command for one in mine if one.index <= item.index])

    @cached_property
    def step_node(self) -> Any:
        """The failing step's mapping node: that of its item, else the file's only step; None where nobody knows."""
        if self.item is not None:
            return self.item.step
        steps = {id(one.step): one.step for one in self.yaml.items} if self.yaml else {}
        return next(iter(steps.values())) if len(steps) == 1 else None

    @cached_property
    def image(self) -> str:
        """The image that the step runs in, "" where nothing tells."""
        told = self.step.image_used or self.step.image_asked
        if told or self.yaml is None:
            return told
        step = self.step_node
        return (image_of(step) if step is not None else "") or image_of(self.yaml.root) or DEFAULT_IMAGE

    def services(self, image: str) -> list[tuple[Any, Any]]:
        """(key node, body node) of the defined services whose image (or name) matches, those of the step first."""
        read = self.yaml
        named = texts_of(get(self.step_node, "services"))
        found = [(k, v) for k, v in read.services() if re.search(image, image_of(v) or k.value)] if read else []
        return sorted(found, key=lambda pair: pair[0].value not in named)

    def yaml_edit(self, new: str | None) -> list[Edit]:
        """The pipelines file with a new text; no edit for None."""
        path = self.files.pipelines_path
        return [self.edit(path, new)] if path and new is not None else []

    def edit(self, path: str, new: str) -> Edit:
        """One file's change."""
        return Edit(path, self.files.get(path) or "", new)

    @cached_property
    def _said(self) -> list[str]:
        """The log's commands of the failing one's script, up to it."""
        failing = self.failing
        if failing is None:
            return []
        mine = [one for one in self.step.commands if one.phase == failing.phase and one.index < failing.index]
        return [*(one.command for one in mine), failing.command]

    @property
    def _branch(self) -> str:
        found = (_CLONE.search(one.command) for one in self.step.commands if one.phase == "setup")
        return next((one[1] for one in found if one), "")


def unified_diff(edits: Sequence[Edit]) -> str:
    """The edits as one unified diff that ``git apply`` and ``patch -p1`` take."""
    parts: list[str] = []
    for edit in edits:
        before, after = edit.before.splitlines(keepends=True), edit.after.splitlines(keepends=True)
        old = f"a/{edit.path}" if edit.before else "/dev/null"
        for line in difflib.unified_diff(before, after, old, f"b/{edit.path}"):
            parts.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
    return "".join(parts)


def before(case: Case, lines: Sequence[str]) -> Made:
    """Script items put before the failing one; advice where its place is not known."""
    item, advice = case.item, " && ".join(lines)
    if case.yaml is None or item is None:
        return Made(advice=advice)
    return Made(case.yaml_edit(case.yaml.insert_before(item, list(lines))))


def change(case: Case, how: Callable[[str], str], advice: str = "") -> Made:
    """The failing item's raw text changed; where its place is not known, the changed command as advice."""
    item = case.item
    if case.yaml is not None and item is not None:
        return Made(case.yaml_edit(case.yaml.change_items(how, [item])))
    command = case.failing.command if case.failing else ""
    changed = how(command)
    return Made(advice=changed if changed != command and len(changed) <= _SHOWN and "\n" not in changed else advice)
