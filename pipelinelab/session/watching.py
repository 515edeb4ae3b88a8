"""Who watches the lab at work: a face that shows progress registers here; without one, nobody does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from pipelinelab.errors import Stopped
from pipelinelab.events.types import Event
from pipelinelab.session.run import Run


class Watcher(Protocol):
    """What is told of one piece of work: the events of its replays, and what goes on where no event tells it."""

    def __call__(self, event: Event) -> None: ...

    def say(self, text: str) -> None: ...


Watch = Callable[[str], AbstractContextManager[Watcher]]
"""Begins to watch, given what is being done in words; ends with the work, however that ends."""


class _Nobody:
    def __call__(self, event: Event) -> None:
        return None

    def say(self, text: str) -> None:
        return None


@contextmanager
def nobody(doing: str) -> Iterator[Watcher]:
    """Watches nothing."""
    yield _Nobody()


_faces: list[Watch] = [nobody]


def register(watch: Watch) -> None:
    """From now on, work is watched by this face."""
    _faces[:] = [watch]


@contextmanager
def watched(doing: str) -> Iterator[Watcher]:
    """Do a piece of work under the face's eyes. Raises Stopped, with no traceback to show, where it is interrupted."""
    try:
        with _faces[0](doing) as watcher:
            yield watcher
    except KeyboardInterrupt as interrupt:
        raise interrupt if isinstance(interrupt, Stopped) else Stopped(f"stopped while {doing}") from None


def whole(run: Run) -> Run:
    """The run, where it went to its end. Raises Stopped where somebody stopped it: it has nothing to be judged by."""
    if run.result == "stopped":
        raise Stopped("the replay was stopped")
    return run
