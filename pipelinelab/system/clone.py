"""A step's clone, made on the host from the user's own repository, as Bitbucket's runner makes it from its own.

What a script may ask git for is as there: the branch, the depth, the tags that the history holds, the remote's address,
who commits. No hook, filter or template of the user's own configuration has a part in it. Sources: the set-up that
Bitbucket's step logs show; Atlassian's pages on clone behaviour and on submodules, which a step must initialise itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

from pipelinelab.errors import PipelinelabError, UsageError
from pipelinelab.model.pipelines import Clone, Sparse
from pipelinelab.planning.context import Repository
from pipelinelab.system.git import git
from pipelinelab.system.lfs import fill

DEPTH = 50
"""Bitbucket's own default."""
Tell = Callable[[str], None]
_OWN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_LFS_SKIP_SMUDGE": "1"}
_WHO = "[user]\n\tname = bitbucket-pipelines\n\temail = commits-noreply@bitbucket.org\n[push]\n\tdefault = current\n"
_HOSTED = re.compile(r"(?:(?:https?|ssh|git)://(?:[^/]*@)?|[^/@:]+@)(?P<host>[^/:]+)(?::\d+(?=/))?[/:]")


def clone(root: Path, repo: Repository, target: Path, options: Clone, tell: Tell) -> None:
    """Clone a commit into ``target``. ``tell`` takes a sentence for each thing that is not as on Bitbucket."""
    target.mkdir(parents=True, exist_ok=True)
    _own(target, "init", "-q", "-b", "pipelinelab-initial")
    with (target / ".git" / "config").open("a", encoding="utf-8") as configuration:
        configuration.write(_WHO)
    exclude = target / ".git" / "info" / "exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.write_text(".bitbucket/pipelines/generated\n", "utf-8")
    if options.sparse_checkout:
        _sparse(target, options.sparse_checkout)
    depth = DEPTH if options.depth is None else options.depth
    _fetch(root, repo, target, depth, options.tags, tell)
    if repo.branch:
        _own(target, "checkout", "-q", "-B", repo.branch, repo.commit)
    else:
        _own(target, "checkout", "-q", "--detach", repo.commit)
    if repo.merged:
        _merge(root, repo, target, depth)
    _remote(target, repo, narrow=bool(depth))
    if options.lfs:
        fill(root, target, tell)
    if (target / ".gitmodules").is_file():
        _submodules(root, target, tell)
    if options.filter:
        tell(f"clone: filter: {options.filter} is left out: the clone holds all that Bitbucket's fetches when asked")


def origin(repo: Repository) -> str:
    """The address that ``git remote -v`` tells in a step: Bitbucket's own for its repositories and for those that only
    stand on this machine, else the one the user has, without credentials."""
    host = _HOSTED.match(repo.origin)
    if host is None or host["host"] in ("bitbucket.org", "altssh.bitbucket.org"):
        return f"http://bitbucket.org/{repo.workspace}/{repo.slug}"
    return repo.origin


def _own(target: Path, *words: str) -> str:
    return git(target, *words, environment=_OWN)


def _sparse(target: Path, sparse: Sparse) -> None:
    """Folders are git's cone; anything else is patterns, unless the file says which of the two they are."""
    plain = not any(set(one) & set("*?[!\\") for one in sparse.patterns)
    cone = plain if sparse.cone is None else sparse.cone
    _own(target, "sparse-checkout", "set", "--cone" if cone else "--no-cone", "--", *sparse.patterns)


def _fetch(root: Path, repo: Repository, target: Path, depth: int, tags: bool | None, tell: Tell) -> None:
    """The commit and ``depth`` of its history; with 0 the whole one and every branch. Tags come as far as the history
    goes, unless the options say all or none."""
    source = root.resolve().as_uri()
    mine = f"refs/remotes/origin/{repo.branch}" if repo.branch else "refs/pipelinelab/commit"
    refs = [f"+{repo.commit}:{mine}"]
    if repo.tag and not repo.branch and tags is not False:
        refs.append(f"+refs/tags/{repo.tag}:refs/tags/{repo.tag}")
    follow = {None: [] if depth else ["--tags"], True: ["--tags"], False: ["--no-tags"]}[tags]
    size = [f"--depth={depth}"] if depth else ["--update-shallow"]
    git(target, "fetch", "-q", *size, *follow, source, *refs)
    if not depth:
        for known in ("refs/remotes/origin", "refs/heads"):  # the user's own branches are newer than what was pushed
            git(
                target, "fetch", "-q", *size, "--no-tags", source, f"+{known}/*:refs/remotes/origin/*", f"^{known}/HEAD"
            )
        if repo.branch:
            git(target, "update-ref", mine, repo.commit)
        if (target / ".git" / "shallow").exists():
            tell("clone: depth: full, and your own repository is shallow: the step has no more history than that"
                 " (git fetch --unshallow)")  # fmt: skip
    if not repo.branch:
        git(target, "update-ref", "-d", mine)


def _merge(root: Path, repo: Repository, target: Path, depth: int) -> None:
    """Merge a pull request's destination, as Bitbucket does before its steps run. Raises UsageError where it conflicts,
    with what git says."""
    size = [f"--depth={depth}"] if depth else ["--update-shallow"]
    git(target, "fetch", "-q", *size, "--no-tags", root.resolve().as_uri(), repo.merged)
    try:
        _own(target, "merge", "-q", "--no-edit", repo.merged)
    except PipelinelabError as problem:
        said = str(problem).partition(": ")[2].strip().splitlines()
        raise UsageError(
            f"the pull request's destination cannot be merged into it, and on Bitbucket no step would run: {said[0]}",
            "merge it yourself, or give clone: depth: full where the histories are too short to meet",
        ) from None


def _remote(target: Path, repo: Repository, narrow: bool) -> None:
    branch = ["-t", repo.branch] if narrow and repo.branch else []
    _own(target, "remote", "add", *branch, "origin", origin(repo))
    if repo.branch:
        _own(target, "branch", "-q", f"--set-upstream-to=origin/{repo.branch}")
    (target / ".git" / "FETCH_HEAD").unlink(missing_ok=True)  # it names a path of this machine


def _submodules(root: Path, target: Path, tell: Tell) -> None:
    """Put what the user has of each submodule where the step's own ``git submodule update --init`` finds it. The
    folders stay empty: Bitbucket fills none of them."""
    here = root / git(root, "rev-parse", "--git-common-dir").strip()
    for name, path in _listed(target):
        copy = (here / "modules" / name).resolve()
        if not copy.is_relative_to(here.resolve()) or not (copy / "HEAD").is_file():
            tell(f"the submodule {path} is not at hand: a step that wants it fetches it from its own address"
                 f" (at hand it is after: git submodule update --init {path})")  # fmt: skip
            continue
        git(target, "submodule", "--quiet", "init", "--", path)
        git(target, "config", f"submodule.{name}.url", copy.as_uri())
        try:
            git(target, "submodule", "--quiet", "update", "--", path)
            git(target, "submodule", "--quiet", "sync", "--", path)
        finally:
            git(target, "submodule", "--quiet", "deinit", "-f", "--", path, check=False)
        for leftover in (target / ".git" / "modules").rglob("FETCH_HEAD"):
            leftover.unlink()


def _listed(target: Path) -> Iterator[tuple[str, str]]:
    """Name and path of each submodule."""
    for line in git(target, "config", "-z", "-f", ".gitmodules", "--get-regexp", r"^submodule\..*\.path$",
                    check=False).split("\0"):  # fmt: skip
        key, newline, path = line.partition("\n")
        if newline:
            yield key.removeprefix("submodule.").removesuffix(".path"), path
