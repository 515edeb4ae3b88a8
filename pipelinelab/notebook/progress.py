"""How far a long call of a notebook is: one display, updated in place, and empty again once the call is over.

Its first and last content is an empty bundle, which no front end shows, no file keeps and nbval has nothing to compare
in: what stays in the cell is only what the cell itself shows. Without a kernel nothing is shown at all.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from pipelinelab.events import types as e
from pipelinelab.recording.summary import first_line
from pipelinelab.session import watching

PATIENCE_S = 0.4
"""Seconds that a call may take before anything is shown: what is over by then would only flicker."""
TICK_S = 0.5
WIDTH = 100


class State:
    """What goes on now: a fold over a replay's masked events, and over what is said beside them."""

    def __init__(self, doing: str) -> None:
        self._doing, self._said = doing, ""
        self._steps: dict[int, str] = {}
        self._items: dict[tuple[int, str, int], tuple[str, int, str]] = {}
        self._now: dict[int, str] = {}
        self._last: dict[int, str] = {}

    def say(self, text: str) -> None:
        """Something that no event tells."""
        self._said = first_line(text, WIDTH)

    def __call__(self, event: e.Event) -> None:
        match event:
            case e.StepStarted():
                self._said = ""
                self._steps[event.step] = f"step {event.step} “{event.name}”"
                self._now[event.step] = "getting ready"
                for phase in {phase for phase, *_ in event.items}:
                    of = [item for item in event.items if item[0] == phase]
                    kind = "command" if phase == "script" else f"{phase} command"
                    for number, (_, index, text, _) in enumerate(of, 1):
                        self._items[event.step, phase, index] = (f"{kind} {number} of {len(of)}", index, text)
            case e.ServiceStarted():
                self._now[event.step] = f"waiting for the service {event.service}"
            case e.CommandStarted():
                place, _, text = self._items.get((event.step, event.phase, event.index), ("a command", 0, ""))
                self._now[event.step] = f"{place}: {first_line(text, WIDTH)}"
                self._last.pop(event.step, None)
            case e.Output():
                lines = event.data.decode("utf-8", "replace").splitlines()
                text = next((line.strip() for line in reversed(lines) if line.strip()), "")
                if text and not text.startswith("\x1d"):
                    self._last[event.step] = first_line(text, WIDTH)
            case e.StepEnded():
                for known in (self._steps, self._now, self._last):
                    known.pop(event.step, None)
                self._said = f"step {event.step} is over"
            case _:
                pass

    def lines(self) -> list[tuple[str, str]]:
        """What goes on, the likes of ("step 1 “Test”, command 2 of 5: make", "its last line of output")."""
        running = [(f"{name}, {self._now[step]}", self._last.get(step, "")) for step, name in self._steps.items()]
        return running or [(self._said, "")]

    def bundle(self, seconds: float) -> dict[str, str]:
        """The state as HTML and as text."""
        head = f"… {self._doing}, {seconds:.0f} s"
        lines = [line for line in self.lines() if line[0]]
        text = "\n".join([head, *(f"  {what}\n    {last}".rstrip() for what, last in lines)])
        html = "".join(
            f"<div>{escape(what)}</div>" + (f"<div><small><code>{escape(last)}</code></small></div>" if last else "")
            for what, last in lines
        )
        return {"text/plain": text, "text/html": f"<div><strong>{escape(head)}</strong></div>{html}"}


@contextmanager
def shown(doing: str) -> Iterator[watching.Watcher]:
    """Show a piece of work in the cell that does it, from a thread beside it, until it is over."""
    from IPython.core.getipython import get_ipython

    shell: Any = get_ipython()
    state = State(doing)
    if getattr(shell, "kernel", None) is None or threading.current_thread() is not threading.main_thread():
        yield state
        return
    over, began = threading.Event(), time.monotonic()

    def display() -> None:
        from IPython.display import DisplayHandle

        if over.wait(PATIENCE_S):
            return
        handle: Any = DisplayHandle()  # type: ignore[no-untyped-call]
        handle.display({}, raw=True)
        while True:
            handle.update(state.bundle(time.monotonic() - began), raw=True)
            if over.wait(TICK_S):
                break
        handle.update({}, raw=True)

    thread = threading.Thread(target=display, name="pipelinelab-progress", daemon=True)
    thread.start()
    try:
        yield state
    finally:
        over.set()
        thread.join()


def begin() -> None:
    """From now on, long calls show in their cell how far they are."""
    watching.register(shown)
