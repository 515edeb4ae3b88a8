"""Git, through one function whose error shows the command, its code and what it said."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pipelinelab.errors import PipelinelabError, UsageError
from pipelinelab.planning.context import Repository

PIPELINES_FILE = "bitbucket-pipelines.yml"
_CREDENTIALS = re.compile(r"(?<=://)[^/]*@")
# Whatever the user's own configuration says, a replay's clone is made the same way; and a clone of a local repository
# may ask for any commit.
_SETTINGS = {
    "uploadpack.allowAnySHA1InWant": "true",
    "protocol.file.allow": "always",
    "core.hooksPath": os.devnull,
    "advice.detachedHead": "false",
    "gc.auto": "0",
}


def git(folder: Path, *args: str, check: bool = True, environment: Mapping[str, str] | None = None,
        text: str = "") -> str:  # fmt: skip
    """Run git in ``folder`` with ``text`` as its input; returns its standard output. Raises PipelinelabError with all
    that git said."""
    settings = {"GIT_CONFIG_COUNT": str(len(_SETTINGS)), "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    for index, (key, value) in enumerate(_SETTINGS.items()):
        settings |= {f"GIT_CONFIG_KEY_{index}": key, f"GIT_CONFIG_VALUE_{index}": value}
    own = {key: value for key, value in os.environ.items() if key not in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")}
    try:
        done = subprocess.run(
            ["git", *args], cwd=folder, env={**own, **settings, **(environment or {})}, capture_output=True,
            input=text.encode(), check=False,
        )  # fmt: skip
    except OSError as problem:
        if problem.filename == "git":
            raise PipelinelabError("git is not installed", "install it, e.g. with: apt-get install git") from None
        raise PipelinelabError(f"{folder} cannot be entered: {problem.strerror}") from None
    if check and done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip() or done.stdout.decode("utf-8", "replace").strip()
        raise PipelinelabError(f"git {' '.join(args)} ended with {done.returncode}: {said}")
    return done.stdout.decode("utf-8", "replace") if not done.returncode else ""


def toplevel(path: Path) -> Path:
    """The root of the repository that holds ``path``. Raises UsageError where there is none."""
    if not path.exists():
        raise UsageError(f"{path} does not exist")
    folder = path if path.is_dir() else path.parent
    if root := git(folder, "rev-parse", "--show-toplevel", check=False).strip():
        return Path(root)
    here = folder.resolve()
    try:
        bare = git(folder, "rev-parse", "--is-bare-repository").strip() == "true"
    except PipelinelabError as problem:
        if "dubious ownership" in str(problem):
            trust = f"git config --global --add safe.directory {shlex.quote(str(here))}"
            raise UsageError(f"{here} belongs to another user, so git does not trust it", trust) from None
        bare = False
    if bare:
        raise UsageError(f"{here} is a bare repository", "name a clone of it, with its files")
    raise UsageError(
        f"{here} is not in a git repository", "a replay clones a commit: git init, git add and git commit first"
    )


def is_repository(folder: Path) -> bool:
    """Whether a clone, or a bare repository, begins at this folder."""
    return (folder / ".git").exists() or ((folder / "HEAD").is_file() and (folder / "objects").is_dir())


def commit_of(root: Path, name: str) -> str:
    """The commit that a branch, a tag or any other name stands for; "" where there is none."""
    return git(root, "rev-parse", "-q", "--verify", "--end-of-options", f"{name}^{{commit}}", check=False).strip()


def facts(root: Path, ref: str = "HEAD", destination: str = "") -> Repository:
    """What git says of this repository at ``ref``. ``destination`` is a pull request's target branch."""
    commit = git(root, "rev-parse", "-q", "--verify", f"{ref}^{{commit}}", check=False).strip()
    if not commit:
        if ref == "HEAD":
            raise UsageError(f"{root} has no commit yet", "git add and git commit first")
        raise UsageError(f"there is no commit {ref!r} in {root}")
    branch = git(root, "symbolic-ref", "-q", "--short", ref, check=False).strip()
    if not branch and git(root, "rev-parse", "-q", "--verify", f"refs/heads/{ref}", check=False):
        branch = ref
    tag = "" if branch else git(root, "describe", "--tags", "--exact-match", commit, check=False).strip()
    origin = _CREDENTIALS.sub("", git(root, "config", "--get", "remote.origin.url", check=False).strip())
    remote = re.search(r"[/:]([\w-]+)/([^/]+?)(?:\.git)?/?$", origin) if "://" in origin or "@" in origin else None
    paths, no_base = changed(root, commit, destination)
    slug = re.sub(r"[^a-z0-9_.-]+", "-", (remote[2] if remote else root.name).lower())
    return Repository(
        name=root.name, commit=commit, branch=branch, tag=tag, origin=origin, slug=slug or "repository",
        workspace=remote[1] if remote else "workspace", changed=paths, no_base=no_base,
        merged=next(iter(heads(root, destination)), ""),
    )  # fmt: skip


def heads(root: Path, destination: str) -> list[str]:
    """The commits that a branch is at here: one's own, and the one that was last fetched."""
    names = (destination, f"origin/{destination}") if destination else ()
    return [head for name in names if (head := commit_of(root, name))]


def changed(root: Path, commit: str, destination: str = "") -> tuple[tuple[str, ...] | None, str]:
    """Paths that the commit changed against its first parent, or a pull request since it left ``destination``; or None,
    and why there is nothing to compare with.

    Source: Atlassian's page on conditions: a pull request is judged by all of its commits, anything else by the last
    one alone. That a first commit changes every file is inferred."""
    if not destination:
        parents = git(root, "cat-file", "commit", commit).partition("\n\n")[0].count("\nparent ")
        if not parents:
            return _paths(root, "diff-tree", "--root", "--no-commit-id", "-r", commit), ""
        base = commit_of(root, f"{commit}^1")
        if not base:
            return None, f"this clone is shallow, and the parent of {commit[:12]} is not in it (git fetch --deepen=1)"
        return _paths(root, "diff", base, commit), ""
    known = heads(root, destination)
    if not known:
        return None, f"the destination {destination!r} is not here (git fetch origin {destination}:{destination})"
    for head in known:
        if base := git(root, "merge-base", head, commit, check=False).strip():
            return _paths(root, "diff", base, commit), ""
    if git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        return None, f"this clone is shallow, and where it left {destination!r} is not in it (git fetch --unshallow)"
    return None, f"it has no commit in common with {destination!r}"


def _paths(root: Path, *told: str) -> tuple[str, ...]:
    named = git(root, told[0], "--no-renames", "--name-only", "-z", *told[1:]).split("\0")
    return tuple(path for path in named if path)


def file_at(root: Path, commit: str, path: str) -> bytes | None:
    """A file's bytes at a commit, or None where it is not there."""
    try:
        return subprocess.run(
            ["git", "show", f"{commit}:{path}"], cwd=root, capture_output=True, check=True, stdin=subprocess.DEVNULL
        ).stdout
    except subprocess.CalledProcessError:
        return None


def dirty(root: Path) -> tuple[str, ...]:
    """Paths that differ from HEAD, untracked ones included, ignored ones not."""
    lines = git(root, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all").split("\0")
    return tuple(line[3:] for line in lines if line)
