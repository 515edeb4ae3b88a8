"""The samples: small projects to break and mend, each a git history that is made on demand from ordered patches.

A sample is a folder of ``data/samples`` whose ``story.toml`` names its states in order, what is broken in each and
where it is red, and the patch that leads to the next. Authors, dates and messages are fixed, so a sample's commit ids
are the same wherever it is made.
"""

from __future__ import annotations

import difflib
import os
import shutil
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pipelinelab.errors import PipelinelabError, UsageError
from pipelinelab.system.git import git

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
_STORY = "story.toml"
_COMMITTER = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_COMMITTER_NAME": "The sample's story",
    "GIT_COMMITTER_EMAIL": "story@pipelinelab.example",
}


@dataclass(frozen=True, kw_only=True)
class Stack:
    """What a sample's states can run on; ``patch`` is what differs from the first stack, before the first commit."""

    id: str
    title: str
    patch: Path | None = None


@dataclass(frozen=True, kw_only=True)
class State:
    """One state of a story, a tagged commit.

    ``broken`` says what is wrong ("" where all is well), ``family`` what kind of failure it is. Where the file itself
    is refused, ``file`` names it; else ``step`` and ``command`` are the first that fail. ``shows`` is what the failing
    command's output, or the refusal, has in it. ``cure`` says what the patch to the next state does.
    """

    id: str
    title: str
    broken: str = ""
    family: str = ""
    file: str = ""
    step: str = ""
    command: str = ""
    exit_codes: Mapping[str, int] = field(default_factory=dict)
    shows: str = ""
    cure: str = ""
    patch: Path | None = None

    @property
    def result(self) -> str:
        """What a replay comes to: refused (exit 2), red (1) or green (0); "flaky" where it is now this, now that."""
        if self.file:
            return "refused"
        if self.command:
            return "red"
        return "flaky" if self.broken else "green"


@dataclass(frozen=True, kw_only=True)
class Commit:
    """A commit before the story: the project's files it takes, as they are. ``date`` is ISO 8601 with its zone."""

    author: str
    date: str
    message: str
    files: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A sample as its story tells it; ``stacks`` and ``states`` are in order, the first of each is the default."""

    name: str
    title: str
    folder: Path
    project: Path
    branch: str
    stacks: tuple[Stack, ...]
    begin: tuple[Commit, ...]
    states: tuple[State, ...]

    def state(self, id: str | None = None) -> State:
        """The state of this name. Raises UsageError, with the nearest name that there is."""
        return self.states[0] if id is None else _named(id, self.states, f"state of the sample {self.name}")

    def stack(self, id: str | None = None) -> Stack:
        """The stack of this name. Raises UsageError, with the nearest name that there is."""
        return self.stacks[0] if id is None else _named(id, self.stacks, f"stack of the sample {self.name}")


_Part = TypeVar("_Part", State, Stack)


def samples(folder: Path = SAMPLES) -> tuple[Sample, ...]:
    """Every sample, by name. Raises PipelinelabError where the samples are not here (an install without its clone)."""
    stories = sorted(folder.glob(f"*/{_STORY}"))
    if not stories:
        raise PipelinelabError(f"there are no samples in {folder}", "they are in a clone of pipelinelab: run it there")
    return tuple(_read(story) for story in stories)


def sample(name: str) -> Sample:
    """The sample of this name. Raises UsageError, with the nearest name that there is."""
    found = {one.name: one for one in samples()}
    if name not in found:
        raise UsageError(f"there is no sample {name!r}", _did_you_mean(name, found))
    return found[name]


def make(name: str, folder: Path | str, state: str | None = None, stack: str | None = None) -> Path:
    """Make a sample's git repository in ``folder`` (new or empty) and return its path.

    Each state is a tag; the sample's branch stands at ``state`` and is checked out. Nothing of the user's git
    configuration plays a part. Raises UsageError for a name that is not there, and for a folder that cannot be used;
    then nothing is left in it.
    """
    told = sample(name)
    at, on = told.state(state), told.stack(stack)
    target = Path(folder)
    _empty(target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        _build(told, on, target.resolve())
        git(target, "checkout", "-q", "-B", told.branch, at.id, environment=_COMMITTER)
    except OSError as problem:
        _clear(target)
        raise UsageError(f"cannot make {name} in {target}: {problem.strerror or problem}") from None
    except BaseException:
        _clear(target)
        raise
    return target


def _build(told: Sample, stack: Stack, target: Path) -> None:
    """The whole history in ``target``, the branch at its end."""
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "*.sqlite3", ".pipelinelab", ".pytest_cache")
    shutil.copytree(told.project, target, ignore=ignored, copy_function=shutil.copyfile, dirs_exist_ok=True)
    git(target, "init", "-q", "--template=", "-b", told.branch, environment=_COMMITTER)
    if stack.patch:
        git(target, "apply", str(stack.patch), environment=_COMMITTER)
    for one in told.begin:
        name, _, email = one.author.removesuffix(">").partition(" <")
        author = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email, "GIT_AUTHOR_DATE": one.date}
        git(target, "add", "--", *one.files, environment=_COMMITTER)
        dated = {**_COMMITTER, **author, "GIT_COMMITTER_DATE": one.date}
        git(target, "commit", "-q", "-m", one.message, environment=dated)
    patches = [str(state.patch) for state in told.states if state.patch]
    if patches:
        git(target, "am", "-q", "--committer-date-is-author-date", *patches, environment=_COMMITTER)
    commits = git(target, "rev-list", "--reverse", "HEAD").split()[len(told.begin) - 1 :]
    for state, commit in zip(told.states, commits, strict=True):
        git(target, "tag", state.id, commit, environment=_COMMITTER)


def _empty(target: Path) -> None:
    try:
        if not target.exists():
            return
        if not target.is_dir():
            raise UsageError(f"{target} is a file", "name a new or empty folder")
        if any(target.iterdir()):
            raise UsageError(f"the folder {target} is not empty", "name a new or empty folder")
    except OSError as problem:
        raise UsageError(f"cannot use the folder {target}: {problem.strerror or problem}") from None


def _clear(target: Path) -> None:
    """Take back what was made: the folder was new or empty."""
    shutil.rmtree(target, ignore_errors=True)


def _read(story: Path) -> Sample:
    told = tomllib.loads(story.read_text(encoding="utf-8"))
    folder = story.parent
    stacks = tuple(_stack(one, folder) for one in told["stack"])
    return Sample(
        name=folder.name, title=told["title"], folder=folder, project=folder / told["project"], branch=told["branch"],
        stacks=stacks, begin=tuple(Commit(**{**one, "files": tuple(one["files"])}) for one in told["begin"]),
        states=tuple(_state(one, folder, stacks) for one in told["state"]),
    )  # fmt: skip


def _stack(told: Mapping[str, Any], folder: Path) -> Stack:
    return Stack(id=told["id"], title=told["title"], patch=folder / told["patch"] if "patch" in told else None)


def _state(told: Mapping[str, Any], folder: Path, stacks: Iterable[Stack]) -> State:
    rest = {key: value for key, value in told.items() if key not in ("exit_code", "patch")}
    code = told.get("exit_code")
    codes = code if isinstance(code, dict) else {} if code is None else {stack.id: code for stack in stacks}
    return State(**rest, exit_codes=codes, patch=folder / told["patch"] if "patch" in told else None)


def _named(id: str, things: tuple[_Part, ...], what: str) -> _Part:
    found = {thing.id: thing for thing in things}
    if id not in found:
        raise UsageError(f"there is no {what} named {id!r}", _did_you_mean(id, found))
    return found[id]


def _did_you_mean(name: str, there: Iterable[str]) -> str:
    names = list(there)
    near = difflib.get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else f"there are: {', '.join(names)}"
