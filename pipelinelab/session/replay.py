"""Replay: from a repository to a recorded run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipelinelab import __version__
from pipelinelab.engines.base import Engine
from pipelinelab.errors import FileRefused, UsageError
from pipelinelab.masking.mask import Masker, patterns
from pipelinelab.model.pipelines import Pipeline, Pipelines
from pipelinelab.planning.build import build
from pipelinelab.planning.choose import for_custom, for_pull_request, for_push
from pipelinelab.planning.context import Repository
from pipelinelab.planning.imports import resolved
from pipelinelab.planning.narrow import Past, only_failed
from pipelinelab.planning.one_step import WAITS
from pipelinelab.planning.plan import Plan
from pipelinelab.planning.preflight import notes as preflight
from pipelinelab.reading.read import read_text
from pipelinelab.reading.report import render
from pipelinelab.session.again import FACT, remembered
from pipelinelab.session.asked import Asked
from pipelinelab.session.earlier import GREEN, last
from pipelinelab.session.homes import Home
from pipelinelab.session.imports import Library
from pipelinelab.session.perform import Job, Listener, images_of, perform
from pipelinelab.session.run import Run
from pipelinelab.session.sweep import sweep
from pipelinelab.session.workspace import tree_name
from pipelinelab.system import git
from pipelinelab.system.files import load_pipelines_bytes

FILE = git.PIPELINES_FILE


@dataclass(frozen=True)
class Ready:
    """A plan with the repository it came from, what was asked (with the answers of whoever was asked back), the text of
    the pipelines file, and the run whose red steps it takes up, if it does."""

    root: Path
    asked: Asked
    text: bytes
    repo: Repository
    file: Pipelines
    plan: Plan
    notes: tuple[str, ...] = ()
    past: Past | None = None


def plan(path: Path, asked: Asked) -> Ready:
    """Read, check, choose and plan. Raises UsageError, or FileRefused with the whole report."""
    root = git.toplevel(path)
    destination = asked.options.pull_request[1] if asked.options.pull_request else ""
    repo = git.facts(root, asked.ref, destination)
    if asked.worktree and repo.changed is not None:
        repo = replace(repo, changed=tuple(dict.fromkeys((*repo.changed, *git.dirty(root)))))
    text, name, notes = _file(root, repo, asked)
    reading = read_text(text, name)
    if reading.errors or reading.pipelines is None:
        count = len(reading.errors)
        raise FileRefused(
            f"{name}: Bitbucket would refuse this file ({count} error{'s' * (count != 1)})",
            report=render(reading.problems, text),
        )
    library = Library(root, asked.imports, lambda path: _own(root, repo, asked, path))
    chosen = resolved(reading.pipelines, choose(reading.pipelines, asked, repo), library)
    home = Home(root)
    number = len(list(home.runs.glob("*"))) + 1 if home.runs.is_dir() else 1
    options = replace(asked.options, build_number=number)
    given = replace(asked.given, pipeline={**asked.given.pipeline, **_answers(chosen, asked)})
    made = build(reading.pipelines, chosen, repo, given, options)
    begun = _begun(made, asked)
    if begun:
        made = build(reading.pipelines, chosen, repo, given, replace(options, begun=begun))
    past = last(home, made.pipeline) if options.only_failed else None
    if past is not None:
        made = only_failed(made, past)
        if past.commit != repo.commit:
            notes = (*notes, f"the steps that were green at {past.commit[:12]} are not run again at {repo.commit[:12]}")
    asked = replace(asked, given=given, options=replace(asked.options, begun=begun))
    return Ready(root, asked, text, repo, reading.pipelines, made, (*notes, *library.notes, *preflight(made)), past)


def _begun(made: Plan, asked: Asked) -> frozenset[str]:
    """The steps and stages that a person starts, asked about one by one."""
    if asked.begin is None:
        return asked.options.begun
    waiting = dict.fromkeys(step.waits_for for step in made.steps() if step.skipped == WAITS and not step.guarded)
    return asked.options.begun | {name for name in waiting if asked.begin(name)}


def _answers(pipeline: Pipeline, asked: Asked) -> dict[str, str]:
    """The values of a custom pipeline's own variables: as given, else their default, else asked for."""
    found = {}
    for one in pipeline.variables:
        value = asked.given.pipeline.get(one.name, one.default)
        if value is None and asked.ask is not None:
            value = asked.ask(one)
        allowed = f"one of {', '.join(one.allowed_values)}" if one.allowed_values else "a value"
        if value is None:
            raise UsageError(f"{pipeline.title} asks for the variable {one.name}", f"give --var {one.name}={allowed}")
        if one.allowed_values and value not in one.allowed_values:
            said = "what was given" if one.name in asked.given.secrets else repr(value)
            raise UsageError(f"{one.name} may not be {said} in {pipeline.title}", f"it is {allowed}")
        found[one.name] = value
    return found


def _own(root: Path, repo: Repository, asked: Asked, path: str) -> bytes | None:
    """A file of the repository as it is replayed, None where it is not there."""
    if path in asked.edits:
        return asked.edits[path].encode()
    here = (root / path).resolve()
    if asked.worktree and here.is_file() and here.is_relative_to(root.resolve()):
        return load_pipelines_bytes(here)
    return git.file_at(root, repo.commit, path)


def _file(root: Path, repo: Repository, asked: Asked) -> tuple[bytes, str, tuple[str, ...]]:
    if asked.file is not None:
        if asked.text is not None:
            return asked.text.encode(), str(asked.file), ()
        try:
            return asked.file.read_bytes(), str(asked.file), ()
        except OSError as problem:
            raise UsageError(f"{asked.file} cannot be read: {problem.strerror}") from None
    if FILE in asked.edits:
        return asked.edits[FILE].encode(), FILE, ()
    dirty = [name for name in git.dirty(root) if not name.startswith(".pipelinelab/")]
    if asked.worktree:
        if (root / FILE).is_file():
            return (root / FILE).read_bytes(), FILE, ()
    elif (committed := git.file_at(root, repo.commit, FILE)) is not None:
        notes: tuple[str, ...] = ()
        if dirty and asked.ref == "HEAD":
            some = ", ".join(dirty[:3]) + (" …" if len(dirty) > 3 else "")
            notes = (f"not committed, so not replayed: {some} (--worktree replays it too)",)
        return committed, FILE, notes
    elif (root / FILE).is_file():
        raise UsageError(f"{FILE} is not committed", "git add and git commit it, or give --worktree")
    raise UsageError(f"there is no {FILE} in {root}", "name one with --file, or see: pipelinelab sample list")


def choose(file: Pipelines, asked: Asked, repo: Repository) -> Pipeline:
    """The pipeline that was asked for, or that a push of this commit would start."""
    if asked.pipeline:
        named = file.find(asked.pipeline) or for_custom(file, asked.pipeline)
        if named is None:
            known = ", ".join(one.title for one in file.pipelines) or "none"
            raise UsageError(f"no pipeline is called {asked.pipeline!r}", f"there are: {known}")
        return named
    if asked.options.pull_request:
        found, what = for_pull_request(file, repo.branch), f"pull request from {repo.branch!r}"
    else:
        found = for_push(file, branch=repo.branch, tag=repo.tag)
        what = f"push to tag {repo.tag!r}" if repo.tag else f"push to branch {repo.branch!r}"
    if found is None:
        known = ", ".join(one.title for one in file.pipelines) or "none"
        raise UsageError(f"a {what} starts no pipeline", f"name one with --pipeline: {known}")
    return found


def replay(
    path: str | os.PathLike[str],
    asked: Asked,
    engine: Engine,
    *,
    listeners: Sequence[Listener] = (),
    progress: Callable[[str], None] | None = None,
    facts: Mapping[str, object] | None = None,
) -> Run:
    """Replay a pipeline of the repository at ``path`` and give the recorded run, red or green.

    Raises UsageError or FileRefused before anything is started; EngineError and its kin where the lab fails."""
    ready = plan(Path(path), asked)
    home = Home(ready.root)
    home.make()
    sweep(engine, home, spare=(asked.parent_run, *asked.spare))
    images = images_of(ready.plan, engine, asked.settings, progress)
    for note in ready.notes if progress else ():
        progress(note)  # type: ignore[misc]
    job = Job(
        plan=ready.plan, repo=ready.repo, home=home, engine=engine, images=images, settings=asked.settings,
        worktree=asked.worktree, edits=asked.edits, parent_run=asked.parent_run, listeners=listeners, past=ready.past,
        facts=_facts(ready, asked) | dict(facts or {}),
    )  # fmt: skip
    return Run(perform(job), engine, ready.asked)


def digest(text: bytes) -> str:
    """A short name for a text."""
    return hashlib.sha256(text).hexdigest()[:16]


def _facts(ready: Ready, asked: Asked) -> dict[str, object]:
    """What a reader of the recording needs beside the events. Values of secrets are not among it."""
    steps = list(ready.plan.steps())
    secret = {n: v for step in steps for n, v in step.variables.items() if n in step.secrets}
    masker = Masker(patterns(secret))
    return {
        "pipelinelab": __version__,
        "notes": list(ready.notes),
        "secrets": sorted(secret),
        "stdin": asked.settings.stdin,
        "worktree": asked.worktree,
        "file": digest(ready.text),
        "tree": digest(tree_name(ready.root, ready.repo, asked.worktree, asked.edits).encode()),
        FACT: remembered(ready.asked, secret, masker),
        GREEN: {str(index): run for index, run in ready.past.green.items()} if ready.past else {},
        "services": {
            str(step.index): {
                service.name: {n: masker.text(v) for n, v in service.variables.items()} for service in step.services
            }
            for step in steps
            if step.services
        },
    }
