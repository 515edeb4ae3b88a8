"""The calls that a notebook makes: a path in, a Run out, live where Docker answers and recorded where not."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelinelab.engines.base import Engine
from pipelinelab.errors import UsageError
from pipelinelab.planning.context import Options
from pipelinelab.session import engine as engines
from pipelinelab.session.configured import configured
from pipelinelab.session.forgetting import forget_at_end
from pipelinelab.session.homes import Home
from pipelinelab.session.perform import Listener
from pipelinelab.session.replay import choose
from pipelinelab.session.replay import plan as _plan
from pipelinelab.session.replay import replay as _replay
from pipelinelab.session.run import Run
from pipelinelab.session.settings import Settings
from pipelinelab.session.shipping import ship
from pipelinelab.session.watching import watched, whole
from pipelinelab.system import git

if TYPE_CHECKING:
    from pipelinelab.planning.tree import Tree
    from pipelinelab.session.diagnosed import Diagnosed


def replay(
    path: str | os.PathLike[str] = ".",
    pipeline: str = "",
    *,
    worktree: bool = True,
    stdin: str | None = None,
    steps: tuple[str, ...] = (),
    only_failed: bool = False,
    manual: bool = False,
    variables: dict[str, str] | None = None,
    secrets: dict[str, str] | None = None,
    images: dict[str, str] | None = None,
    deploy_for_real: bool = False,
    engine: Engine | None = None,
    listeners: tuple[Listener, ...] = (),
    **settings: Any,
) -> Run:
    """Replay a pipeline of the repository at ``path`` and give the Run, red or green.

    Unlike the command line, uncommitted changes are replayed too (``worktree``): in a notebook one edits and looks.
    ``steps`` are names, numbers or stages, empty for all; ``only_failed``: those that were red, or waited for one that
    was, last time; ``manual``: those that wait for a person too.
    ``settings`` are further fields of ``session.settings.Settings``. Raises UsageError or FileRefused before anything
    is started, NeedsDocker where there is no engine and this was never recorded, Stopped where it is interrupted.
    """
    asked = configured(Path(path))
    unknown = set(settings) - set(Settings.__dataclass_fields__)
    if unknown:
        known = ", ".join(Settings.__dataclass_fields__)
        raise UsageError(f"replay has no option {', '.join(sorted(unknown))}", f"it has: {known}")
    changes = dict(settings) | ({"stdin": stdin} if stdin else {})
    given = replace(
        asked.given,
        pipeline={**(variables or {}), **(secrets or {})},
        secrets=asked.given.secrets | set(secrets or {}),
    )
    asked = replace(
        asked,
        pipeline=pipeline,
        worktree=worktree,
        given=given,
        options=Options(steps=steps, only_failed=only_failed, manual=manual, deploy_for_real=deploy_for_real),
        settings=replace(asked.settings, images={**asked.settings.images, **(images or {})}, **changes),
    )
    with watched(f"replaying {Path(path).resolve().name}") as watcher:
        run = _replay(path, asked, engine or engines.available(), listeners=(*listeners, watcher), progress=watcher.say)
    ship(run)
    return whole(run)


def plan(path: str | os.PathLike[str] = ".", pipeline: str = "") -> Tree:
    """What a pipeline of the repository at ``path`` would do, as a tree and a picture: steps in their order, what runs
    at once, images, services, memory. Nothing is started. Raises UsageError, or FileRefused, as ``replay`` does."""
    from pipelinelab.planning.tree import tree

    asked = replace(configured(Path(path)), pipeline=pipeline, worktree=True)
    ready = _plan(Path(path), asked)
    return tree(ready.file, choose(ready.file, asked, ready.repo))


def load(folder: str | os.PathLike[str]) -> Run:
    """A recorded run from its folder."""
    return Run(Path(folder))


def diagnose(what: Run | str | os.PathLike[str]) -> Diagnosed:
    """Why a Run is red; for a repository's path, why its file is refused, or else why its last run is red."""
    from pipelinelab.session import diagnosed

    return diagnosed.diagnose(what) if isinstance(what, Run) else diagnosed.diagnose_path(git.toplevel(Path(what)))


def diagnose_log(
    log: str | bytes | os.PathLike[str], path: str | os.PathLike[str] | None = None, exit_code: int | None = None
) -> Diagnosed:
    """Why a step is red, from its downloaded or pasted log alone: the log's text, its bytes, or a file that holds it.

    ``path`` is the repository it came from: then cures are diffs of its files, and can be proven. Text of one line with
    a file's ending names that file. ``exit_code`` is what the step ended with, where the log does not tell it (1 where
    you only know that it is red). Raises UsageError where the file cannot be read."""
    from pipelinelab.diagnosis.reasoning import diagnose as reason
    from pipelinelab.diagnosis.values import ProjectFiles
    from pipelinelab.recording.bitbucket_log import parse_log
    from pipelinelab.session.diagnosed import Diagnosed, bench_for
    from pipelinelab.session.diagnosing import rules_of
    from pipelinelab.session.sources import files_of
    from pipelinelab.system.log_input import read_log

    if isinstance(log, str) and ("\n" in log or not Path(log).suffix):
        data = log.encode()
    elif isinstance(log, bytes):
        data = log
    else:
        data = read_log(Path(log)).data
    root = git.toplevel(Path(path)) if path is not None else None
    files = files_of(root) if root is not None else ProjectFiles()
    found = reason(parse_log(data, exit_code=exit_code), rules_of(root or Path())[0], files)
    return Diagnosed(None if root is None else lambda: bench_for(root), None, found)


def runs(path: str | os.PathLike[str] = ".") -> list[Run]:
    """The recorded runs of the repository at ``path``, oldest first."""
    from pipelinelab.recording.folder import run_ids

    home = Home(git.toplevel(Path(path)))
    return [Run(home.runs / run_id) for run_id in run_ids(home.runs)]


def sample(name: str, state: str, folder: str | os.PathLike[str] | None = None, stack: str | None = None) -> Path:
    """A sample's repository at a state of its story, made in ``folder`` or a new scratch folder."""
    import tempfile

    from pipelinelab.setup.samples import make

    target = Path(folder) if folder else Path(tempfile.mkdtemp(prefix="pipelinelab-")) / name
    if folder is None:
        forget_at_end(target)
    return make(name, target, state=state, stack=stack)


def mode() -> str:
    """ "live" where a Docker engine answers, else "recorded"."""
    return engines.mode()
