"""What a step's run is given: a started build container, its clone in it, and hands to the outside."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from pipelinelab.engines.base import ImageFound, Step
from pipelinelab.events.types import Event
from pipelinelab.masking.mask import Masker
from pipelinelab.session.conversation import Conversation
from pipelinelab.session.handover import Handover

READY_S = 60.0


@dataclass(frozen=True)
class Hands:
    """What a step run needs from outside. ``stop`` asks it to end, ``hurry`` to end without its after-script."""

    emit: Callable[[Event], None]
    now: Callable[[], float]
    masker: Callable[[], Masker]
    stop: threading.Event
    hurry: threading.Event
    handover: Handover | None = None


@dataclass(frozen=True)
class Started:
    """A build container that waits for its clone. ``shell`` is a path there; ``unpacks`` tells whether it can unpack a
    tar itself; ``user`` is the number and ``home`` the folder of the user that it runs as."""

    talk: Conversation
    shell: str
    unpacks: bool
    user: int = 0
    home: str = "/root"


@dataclass(frozen=True)
class Prepared:
    """A build container with its clone that waits for its script. ``clone_s`` is what getting the clone there took, in
    seconds."""

    talk: Conversation
    nonce: str
    image: ImageFound
    shell: str
    clone_s: float
    key: str = ""

    @property
    def step(self) -> Step:
        return self.talk.step


def ready(step: Step, nonce: str) -> Started:
    """A started build container, once it says that it is there. Raises EngineError where it does not."""
    talk = Conversation(step, nonce, tick=0.1)
    shell, unpacks, user, *home = talk.wait_for("ready", READY_S).fields
    return Started(talk, shell, unpacks == "yes", int(user) if user.isdigit() else 0, "".join(home) or "/root")
