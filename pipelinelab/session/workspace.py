"""The clone that each step gets: made once a replay on the host, sent to every step's volume."""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from pipelinelab.model.pipelines import Clone
from pipelinelab.planning.context import Repository
from pipelinelab.planning.plan import CLONE_DIR
from pipelinelab.session.prepared import Started
from pipelinelab.system import git, tree
from pipelinelab.system.clone import clone as make_clone

UNPACK_S = 600.0


class Workspace:
    """Tars of the repository at one commit, by clone options. ``worktree`` adds what is not committed, ``edits`` new
    texts of files, by path: a cure is tried in the clone, never in the user's own files. ``secret_files`` (content and
    mode by path, for the home of the step's user) go into every container too, as that user's own, and into no file of
    the host's. ``tell`` takes a sentence for what is
    not as on Bitbucket."""

    def __init__(self, root: Path, repo: Repository, scratch: Path, worktree: bool,
                 files: Mapping[str, tuple[bytes, int]], edits: Mapping[str, str],
                 secret_files: Callable[[str], Mapping[str, tuple[bytes, int]]],
                 tell: Callable[[str], None] = lambda text: None) -> None:  # fmt: skip
        self._root, self._repo, self._scratch, self._worktree, self._files = root, repo, scratch, worktree, files
        self._edits, self._tell = edits, tell
        self._secret_files = secret_files
        self._tars: dict[Clone, Path] = {}
        self._making = threading.Lock()  # the steps of a parallel group ask at the same time

    def fill(self, started: Started, clone: Clone) -> float:
        """Put the clone, and the files that every container gets, where the step expects them; seconds it took.

        A container that has tar unpacks it from its control channel: the engine's own way starts a process of the
        engine for it, which costs more than all the rest of a small step."""
        began = time.monotonic()
        tar = self.tar(clone)
        seconds = time.monotonic() - began + _unpack(started, tar.stat().st_size, lambda: tree.pieces(tar))
        if secret := tree.packed(self._secret_files(started.home), owner=started.user):
            seconds += _unpack(started, len(secret), lambda: iter((secret,)))
        return seconds

    @cached_property
    def tree(self) -> str:
        """A name for the files of every step's clone: git's own, and what the worktree and the edits add."""
        return tree_name(self._root, self._repo, self._worktree, self._edits)

    @cached_property
    def _changes(self) -> dict[str, str]:
        return changes(self._root, self._worktree, self._edits)

    def blobs(self) -> Mapping[str, str]:
        """Names for the contents of the clone's files, by path: git's own as far as they are the commit's."""
        return self._blobs

    @cached_property
    def _blobs(self) -> dict[str, str]:
        listed = git.git(self._root, "ls-tree", "-r", "-z", self._repo.commit).rstrip("\0").split("\0")
        pairs = (line.partition("\t") for line in listed if line)
        found = {path: told.split()[2] for told, _, path in pairs} | self._changes
        return {path: content for path, content in found.items() if content}

    def tar(self, clone: Clone) -> Path:
        """The tar for these options, made when first asked for."""
        with self._making:
            return self._tar(clone)

    def _tar(self, clone: Clone) -> Path:
        if clone not in self._tars:
            name = str(len(self._tars))
            folder = self._scratch / f"clone-{name}"
            folder.mkdir(parents=True)
            try:
                self._tars[clone] = self._packed(clone, folder, self._scratch / f"clone-{name}.tar")
            finally:
                shutil.rmtree(folder)
        return self._tars[clone]

    def _packed(self, clone: Clone, folder: Path, tar: Path) -> Path:
        """The clone made in ``folder``, as the file ``tar``."""
        if clone.enabled is not False:
            make_clone(self._root, self._repo, folder, clone, self._tell)
            if self._worktree:
                self._overlay(folder)
            for path, text in self._edits.items():
                tree.cleared(folder, path).write_text(text, "utf-8", newline="")
        with tar.open("wb") as out:
            tree.pack(folder, CLONE_DIR.lstrip("/"), out, self._files)
        return tar

    def _overlay(self, folder: Path) -> None:
        """What the worktree has instead of the commit's files: first what is gone, so that a folder may stand where
        there was a file or a link."""
        changed = git.dirty(self._root)
        for name in changed:
            if not (self._root / name).is_symlink() and not (self._root / name).is_file():
                tree.cleared(folder, name)
        for name in changed:
            source = self._root / name
            if source.is_symlink() or source.is_file():
                shutil.copy2(source, tree.cleared(folder, name), follow_symlinks=False)


def tree_name(root: Path, repo: Repository, worktree: bool, edits: Mapping[str, str]) -> str:
    """A name for the files of a clone: git's own for the commit's, and what the worktree and the edits add."""
    added = sorted(changes(root, worktree, edits).items()) + ([("merged", repo.merged)] if repo.merged else [])
    return git.git(root, "rev-parse", f"{repo.commit}^{{tree}}").strip() + (str(added) if added else "")


def changes(root: Path, worktree: bool, edits: Mapping[str, str]) -> dict[str, str]:
    """Digests of the files that are not as in the commit, by path; "" for those that are gone."""
    own = {name: _digest(root / name) for name in (git.dirty(root) if worktree else ())}
    return own | {name: hashlib.sha256(text.encode()).hexdigest() for name, text in edits.items()}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _unpack(started: Started, size: int, pieces: Callable[[], Iterator[bytes]]) -> float:
    """Unpack a tar at the container's root; seconds it took."""
    began = time.monotonic()
    talk = started.talk
    if started.unpacks:
        talk.say(b"tar %d\n" % size)
        for piece in pieces():
            talk.say(piece)
        if talk.wait_for("unpacked", UNPACK_S).fields == ("0",):
            return time.monotonic() - began
    return talk.step.put("/", pieces())
