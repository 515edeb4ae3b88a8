"""Git, through one function whose error shows the command, its code and what it said."""

from __future__ import annotations

import os
import re
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
    except FileNotFoundError:
        raise PipelinelabError("git is not installed", "install it, e.g. with: apt-get install git") from None
    if check and done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip() or done.stdout.decode("utf-8", "replace").strip()
        raise PipelinelabError(f"git {' '.join(args)} ended with {done.returncode}: {said}")
    return done.stdout.decode("utf-8", "replace") if not done.returncode else ""


def toplevel(path: Path) -> Path:
    """The root of the repository that holds ``path``. Raises UsageError where there is none."""
    if not path.exists():
        raise UsageError(f"{path} does not exist")
    folder = path if path.is_dir() else path.parent
    root = git(folder, "rev-parse", "--show-toplevel", check=False).strip()
    if not root:
        raise UsageError(
            f"{folder.resolve()} is not in a git repository",
            "a replay clones a commit: git init, git add and git commit first",
        )
    return Path(root)


def has_commit(root: Path) -> bool:
    return bool(git(root, "rev-parse", "-q", "--verify", "HEAD^{commit}", check=False))


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
    slug = re.sub(r"[^a-z0-9_.-]+", "-", (remote[2] if remote else root.name).lower())
    return Repository(
        name=root.name, commit=commit, branch=branch, tag=tag, origin=origin, slug=slug or "repository",
        workspace=remote[1] if remote else "workspace", changed=changed(root, commit, destination),
    )  # fmt: skip


def changed(root: Path, commit: str, destination: str = "") -> tuple[str, ...] | None:
    """Paths that the commit changed, or all of a pull request since it left ``destination``; None without a base."""
    if destination:
        base = git(root, "merge-base", destination, commit, check=False).strip()
        base = base or git(root, "merge-base", f"origin/{destination}", commit, check=False).strip()
    else:
        base = git(root, "rev-parse", "-q", "--verify", f"{commit}^1", check=False).strip()
    if not base:
        return None
    return tuple(git(root, "diff", "--name-only", "-z", base, commit).rstrip("\0").split("\0"))


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
