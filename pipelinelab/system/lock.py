"""A file lock that says "this run goes on": released by the kernel however its process ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

NAME = "lock"


class Lock:
    """Held from its making until ``release`` or the end of the process."""

    def __init__(self, folder: Path, *, wait: bool = True) -> None:
        """Raises BlockingIOError where another has it and it is not to be waited for."""
        self._file = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BaseException:
            os.close(self._file)
            raise

    @classmethod
    def free(cls, folder: Path) -> Lock | None:
        """The lock of this folder where nobody has it, else None; never waits."""
        try:
            return cls(folder, wait=False)
        except BlockingIOError:
            return None

    def release(self) -> None:
        os.close(self._file)


def held(folder: Path) -> bool:
    """Whether some process holds the lock of this folder."""
    try:
        file = os.open(folder / NAME, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(file)
    return False
