"""Docker's attach stream: frames of an eight-byte header and a payload, joined back into chunks."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

from pipelinelab.engines.base import Chunk

HEADER = 8
AT_ONCE = 1 << 18


def raw_socket(wrapped: object) -> socket.socket:
    """The plain socket under what docker-py gives back (it wraps unix sockets, not TCP ones)."""
    inner = getattr(wrapped, "_sock", wrapped)
    assert isinstance(inner, socket.socket)
    inner.settimeout(None)
    return inner


def payloads(sock: socket.socket, tick: float | None = None, deadline: float | None = None) -> Iterator[Chunk]:
    """Chunks as they arrive, stamped; an empty one after every ``tick`` seconds of silence. Ends with the stream.

    With a ``deadline`` (monotonic seconds) a TimeoutError is raised when it passes."""
    held = b""
    poll = select.poll()
    poll.register(sock, select.POLLIN | select.POLLHUP | select.POLLERR)
    while True:
        wait = tick
        if deadline is not None:
            wait = max(0.0, min(wait if wait is not None else 3600.0, deadline - time.monotonic()))
        if not poll.poll(None if wait is None else wait * 1000):
            if deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError
            yield Chunk(b"", time.monotonic())
            continue
        try:
            data = sock.recv(AT_ONCE)
        except (ConnectionError, ValueError, OSError):
            return
        at = time.monotonic()
        if not data:
            return
        data = held + data if held else data
        parts, place, size = [], 0, len(data)
        while size - place >= HEADER:
            end = place + HEADER + int.from_bytes(data[place + 4 : place + HEADER], "big")
            if end > size:
                break
            parts.append(data[place + HEADER : end])
            place = end
        held = data[place:]
        if parts:
            yield Chunk(b"".join(parts), at)


def close(sock: socket.socket | None) -> None:
    """Close it, whoever may be reading it."""
    if sock is None:
        return
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        sock.close()
