"""CPU and memory of a step's containers over time, from a second into the step on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from pipelinelab.engines.base import Step
from pipelinelab.errors import PipelinelabError
from pipelinelab.events.types import Event, Sample


class Sampler:
    """Looks at each container every ``every`` seconds, in a thread of its own, until stopped."""

    def __init__(self, step: Step, index: int, services: Sequence[str], emit: Callable[[Event], None],
                 now: Callable[[], float], every: float) -> None:  # fmt: skip
        self._step, self._index, self._emit, self._now, self._every = step, index, emit, now, every
        self._names = ("build", *services)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(10.0)

    def _sample(self) -> None:
        before: dict[str, tuple[float, float]] = {}
        while not self._over.wait(self._every):
            for name in self._names:
                with suppress(PipelinelabError, OSError):
                    look = self._step.look(name)
                    at = self._now()
                    if look.memory_mib is None or look.cpu_s is None:
                        continue
                    then, spent = before.get(name, (at - self._every, 0.0))
                    percent = 100 * (look.cpu_s - spent) / max(at - then, 0.05) if name in before else 0.0
                    before[name] = (at, look.cpu_s)
                    self._emit(Sample(at=at, step=self._index, container=name, cpu_percent=round(percent, 1),
                                      memory_mib=round(look.memory_mib, 1)))  # fmt: skip
