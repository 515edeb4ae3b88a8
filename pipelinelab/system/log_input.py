"""Reading a log of any size: whole up to a limit, else its first and last parts, so that memory stays bounded."""

from __future__ import annotations

import stat
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipelinelab.errors import UsageError

WHOLE = 128 * 1024 * 1024
"""Bytes up to which a log is kept whole. Bitbucket's own end at 50 MB."""
_FIRST = 32 * 1024 * 1024
_CHUNK = 1024 * 1024
_MOST = 8 * 1024**3


@dataclass(frozen=True)
class LogInput:
    """A log's bytes, and a sentence on what was left out ("" for nothing)."""

    data: bytes
    note: str = ""


def read_log(path: Path) -> LogInput:
    """A log file, or a named pipe. Raises UsageError where it is neither or cannot be read."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
            raise UsageError(f"{path}: not a file", "name a log, or - for standard input")
        with path.open("rb") as stream:
            return read_stream(stream)
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        raise UsageError(f"{path}: {why}", "name a log, or - for standard input") from None


def read_stdin() -> LogInput:
    """Standard input to its end."""
    return read_stream(sys.stdin.buffer)


def read_stream(stream: IO[bytes], whole: int = WHOLE, first: int = _FIRST) -> LogInput:
    """A stream to its end: all of it, or its first ``first`` and last ``whole - first`` bytes with a note, and empty
    lines for those between them, so that line numbers stay true."""
    head = bytearray()
    tail: deque[bytes] = deque()
    size = kept = lines = 0
    while (chunk := stream.read(_CHUNK)) and size < _MOST:
        size += len(chunk)
        if len(head) < first:
            head += chunk
            continue
        tail.append(chunk)
        kept += len(chunk)
        while size > whole and kept - len(tail[0]) >= whole - first:
            dropped = tail.popleft()
            kept -= len(dropped)
            lines += dropped.count(b"\n")
    data = bytes(head) + b"".join(tail)
    if len(data) == size:
        return LogInput(data)
    left = (size - len(data)) / 2**20
    cut = f"\n[{left:.0f} MiB of the log left out here]\n".encode() + b"\n" * max(0, lines - 2)
    note = (
        f"the log has {size / 2**20:.0f} MiB; its first and last parts were read, {left:.0f} MiB between them were not"
    )
    return LogInput(bytes(head) + cut + b"".join(tail), note)
