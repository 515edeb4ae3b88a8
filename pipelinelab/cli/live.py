"""A replay as it happens, in a terminal or a plain stream: a fold over masked events."""

from __future__ import annotations

import sys
from typing import TextIO

from pipelinelab.events import types as e
from pipelinelab.recording.summary import GLYPHS, WORDS, first_line, seconds

BOLD, DIM, RED, GREEN, YELLOW, PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[0m"


class Live:
    """Prints what a run says. Colours only where ``colour``; the lines of steps that run at the same time carry their
    names."""

    def __init__(self, out: TextIO, colour: bool) -> None:
        self._out, self._colour = out, colour
        self._names: dict[int, str] = {}
        self._together: set[int] = set()
        self._items: dict[tuple[int, str, int], str] = {}
        self._begun: dict[object, float] = {}

    def _say(self, text: str, *styles: str) -> None:
        if self._colour and styles:
            text = "".join(styles) + text + PLAIN
        self._out.write(text + "\n")
        self._out.flush()

    def __call__(self, event: e.Event) -> None:
        match event:
            case e.StepStarted():
                self._names[event.step] = f"{event.name} │ "
                if event.group is not None or len(self._names) > 1:
                    self._together |= self._names.keys()
                self._begun[event.step] = event.at
                self._items |= {(event.step, phase, index): text for phase, index, text, _ in event.items}
                stage = f"{event.stage} › " if event.stage else ""
                self._say(f"── step {event.step}: {stage}{event.name} ── {event.image_asked}", BOLD)
            case e.StepSkipped():
                self._say(f"– step {event.step}: {event.name}: not run: {event.why}", YELLOW)
            case e.ServiceReady():
                late = ", after the script began: on Bitbucket it may lose this race" if event.late else ""
                self._say(f"  service {event.service} listens after {event.after_s:.1f} s{late}", DIM)
            case e.Output():
                self._print(event.step, event.data)
            case e.CommandStarted():
                self._begun[event.step, event.phase, event.index] = event.at
            case e.CommandEnded() if event.result != "passed" or event.hidden_failure:
                self._ended(event)
            case e.InputAwaited():
                self._say(f"⌨ {event.process} waits for input that nobody will give: {event.prompt}", YELLOW)
            case e.Note():
                self._say("! " + event.text, YELLOW)
            case e.ArtifactMoved() if event.action != "downloaded":
                files = f"{event.files} file{'s' * (event.files != 1)}, {event.size_bytes / 1048576:.1f} MiB"
                self._say(f"  artifact {event.name}: {event.action}, {files if event.files else event.why}", DIM)
            case e.CacheMoved():
                self._say(f"  cache {event.name}: {event.action}{', ' + event.why if event.why else ''}", DIM)
            case e.LogCapped():
                self._say(f"! the log reached {event.cap_bytes / 1e6:g} MB; what follows is not kept", YELLOW)
            case e.StepEnded():
                took = seconds(event.at - self._begun.get(event.step, event.at))
                colour = GREEN if event.result == "passed" else RED
                word = WORDS.get(event.result, event.result)
                name = self._prefix(event.step)
                self._names.pop(event.step, None)
                self._say(f"{name}{GLYPHS.get(event.result, '?')} step {event.step} {word}, {took}", colour, BOLD)

    def _ended(self, event: e.CommandEnded) -> None:
        text = first_line(self._items.get((event.step, event.phase, event.index), ""))
        took = seconds(event.at - self._begun.get((event.step, event.phase, event.index), event.at))
        if event.result == "passed":
            codes = " ".join(map(str, event.pipestatus)) if len(event.pipestatus) > 1 else event.exit_code
            self._say(f"! `{text}` failed unnoticed (exit {codes}); the script went on", YELLOW)
        else:
            code = f", exit code {event.exit_code}" if event.exit_code is not None else ""
            self._say(f"✘ `{text}` {WORDS.get(event.result, event.result)}{code}, {took}", RED)

    def _prefix(self, step: int) -> str:
        return self._names.get(step, "") if step in self._together else ""

    def _print(self, step: int, data: bytes) -> None:
        text = data.decode("utf-8", "replace").replace("\x1d+ ", f"{BOLD}+ {PLAIN}" if self._colour else "+ ")
        if name := self._prefix(step):
            text = "".join(name + line for line in text.splitlines(keepends=True))
        self._out.write(text)
        self._out.flush()


def terminal() -> Live:
    """A display on standard output, with colours where it is a terminal."""
    return Live(sys.stdout, sys.stdout.isatty())
