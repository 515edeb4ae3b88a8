"""Concurrency groups: no two steps of one run at the same time, in whatever replay of the repository.

Source: Atlassian's announcement of concurrency groups: steps of one group queue up, and go on by themselves.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelinelab.events.types import Note
from pipelinelab.planning.plan import StepPlan
from pipelinelab.session.prepared import Hands
from pipelinelab.system.lock import Lock

LOOK_S = 0.1


class Groups:
    """The locks of a repository's concurrency groups, in ``folder``. The kernel frees one whose process ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def held(self, step: StepPlan, hands: Hands) -> Iterator[bool]:
        """While this is held, no other step of the step's group runs. Waits for that, and says so; gives False, and
        holds nothing, where the replay was stopped meanwhile."""
        lock = self._wait(step, hands) if step.concurrency_group else None
        try:
            yield lock is not None or not step.concurrency_group
        finally:
            if lock is not None:
                lock.release()

    def _wait(self, step: StepPlan, hands: Hands) -> Lock | None:
        place = self._folder / hashlib.sha256(step.concurrency_group.encode()).hexdigest()[:16]
        place.mkdir(parents=True, exist_ok=True)
        said = False
        while not hands.stop.is_set():
            if (lock := Lock.free(place)) is not None:
                return lock
            if not said:
                text = (
                    f"step {step.index} {step.name!r} waits: another step of the concurrency group"
                    f" {step.concurrency_group!r} is running"
                )
                hands.emit(Note(at=hands.now(), kind="concurrency", text=text, step=step.index))
                said = True
            time.sleep(LOOK_S)
        return None
