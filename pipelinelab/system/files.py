"""Reading the files that people name, with a guard against those that are no files, and writing them back whole."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from pathlib import Path

from pipelinelab.errors import UsageError

MAX_READ = 1_000_001
"""One byte more than a pipelines file may have, so that its reader can say that it is too big."""


def load_pipelines_bytes(path: Path | str) -> bytes:
    """The bytes of a pipelines file, at most ``MAX_READ`` of them. Raises UsageError where the path is no regular
    file that can be read: a folder, a pipe, a device, a loop of links. Never waits for a writer."""
    return load_bytes(path, MAX_READ)


def load_bytes(path: Path | str, limit: int) -> bytes:
    """The first ``limit`` bytes of a regular file. Raises UsageError as ``load_pipelines_bytes`` does."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as problem:
        raise UsageError(f"{path}: {_why(problem)}", _hint(problem)) from None
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            raise UsageError(f"{path}: {_kind(mode)}, not a file", "name the bitbucket-pipelines.yml itself")
        with os.fdopen(handle, "rb", closefd=False) as stream:
            return stream.read(limit)
    except OSError as problem:
        raise UsageError(f"{path}: {_why(problem)}") from None
    finally:
        os.close(handle)


def save_bytes(path: Path | str, data: bytes) -> None:
    """Write a file whole or not at all, keeping its mode; through a link, its target. Raises UsageError."""
    try:
        target = Path(path).resolve(strict=True)
        mode = stat.S_IMODE(target.stat().st_mode)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(data)
            Path(name).chmod(mode)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except (OSError, RuntimeError) as problem:
        raise UsageError(f"{path}: cannot be written: {problem}") from None


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"))
    return next((word for test, word in kinds if test(mode)), "a device")


def _why(problem: OSError | ValueError) -> str:
    number = getattr(problem, "errno", None)
    words = {
        errno.ENOENT: "there is no such file",
        errno.ELOOP: "a loop of symbolic links",
        errno.EACCES: "you may not read it",
        errno.EISDIR: "a folder, not a file",
        errno.ENOTDIR: "a part of the path is not a folder",
        errno.ENXIO: "a socket, not a file",
        errno.ENAMETOOLONG: "the name is too long",
    }
    return words.get(number or 0, str(problem))


def _hint(problem: OSError | ValueError) -> str:
    if getattr(problem, "errno", None) == errno.ENOENT:
        return "name the file, or run this in the folder that holds bitbucket-pipelines.yml"
    return ""
