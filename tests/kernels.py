"""A real kernel that a test drives as a notebook does: cells in, what they showed out."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager


@dataclass
class Cell:
    """What a cell showed. ``told`` is what stays of it as text; ``error`` the name of its error, ``sentence`` what is
    shown of that; ``progress`` each text that a display had in turn, ``left`` what the displays hold at the end."""

    told: str = ""
    error: str = ""
    sentence: str = ""
    progress: list[str] = field(default_factory=list)
    left: dict[str, dict[str, Any]] = field(default_factory=dict)


class Kernel:
    """Started in ``folder``."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel(cwd=str(folder), env={**os.environ, **environment})
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(60)

    def interrupt(self) -> None:
        self._manager.interrupt_kernel()

    def kill(self) -> None:
        self._manager.signal_kernel(signal.SIGKILL)

    def begin(self, code: str) -> str:
        """Run a cell and do not wait for it."""
        sent: str = self._client.execute(code)
        return sent

    def run(self, code: str, at: str = "", do: Callable[[], None] = lambda: None, limit: float = 120.0) -> Cell:
        """Run a cell to its end; ``do`` something once a display of it holds the words ``at``."""
        sent, cell, until = self.begin(code), Cell(), time.monotonic() + limit
        while True:
            message = self._client.get_iopub_msg(timeout=max(0.1, until - time.monotonic()))
            if message["parent_header"].get("msg_id") != sent:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "stream":
                cell.told += content["text"]
            elif kind == "execute_result":
                cell.told += content["data"]["text/plain"]
            elif kind == "error":
                cell.error, cell.sentence = content["ename"], "\n".join(content["traceback"])
            elif kind in ("display_data", "update_display_data"):
                cell.left[content["transient"]["display_id"]] = content["data"]
                text = content["data"].get("text/plain", "")
                cell.progress += [text] if text else []
                if at and at in text:
                    at = ""
                    do()
            elif kind == "status" and content["execution_state"] == "idle":
                assert not at, f"no display said {at!r}: {cell}"
                return cell

    def close(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=not self._manager.is_alive())


@contextmanager
def kernel(folder: Path, **environment: str) -> Iterator[Kernel]:
    """A kernel for the while."""
    one = Kernel(folder, **environment)
    try:
        yield one
    finally:
        one.close()
