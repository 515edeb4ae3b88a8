"""Talking with a build container: its output and its messages in true order, with times."""

from __future__ import annotations

from collections.abc import Iterator

from pipelinelab.engines.base import Step
from pipelinelab.errors import EngineError
from pipelinelab.inside.channel import Channel, Message

Heard = tuple[float, bytes | Message | None]
"""(engine time, output or a message or None for a moment of silence)."""


class Conversation:
    """One build container's channel, both ways."""

    def __init__(self, step: Step, nonce: str, tick: float) -> None:
        self.step = step
        self.ended = False
        self._heard = self._listen(Channel(nonce.encode()), tick)

    def _listen(self, channel: Channel, tick: float) -> Iterator[Heard]:
        at = 0.0
        for chunk in self.step.listen(tick):
            at = chunk.at
            if not chunk.data:
                yield at, None
            for piece in channel.feed(chunk.data) if chunk.data else ():
                yield at, piece
        self.ended = True
        if rest := channel.end():
            yield at, rest

    def __iter__(self) -> Iterator[Heard]:
        return self._heard

    def say(self, data: bytes) -> None:
        self.step.say(data)

    def wait_for(self, verb: str, limit: float) -> Message:
        """The next message of this kind. Raises EngineError where the container ends or stays silent first."""
        first: float | None = None
        for at, piece in self._heard:
            first = at if first is None else first
            if isinstance(piece, Message) and piece.verb == verb:
                return piece
            if at - first > limit:
                raise EngineError(f"the build container did not answer within {limit:.0f} s")
        raise EngineError("the build container ended before its script began", "is its image made for this machine?")
