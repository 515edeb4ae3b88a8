"""The check cell of an exercise: the reader's answer is replayed, and what came of it decides."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from pipelinelab.errors import UsageError

if TYPE_CHECKING:
    from pipelinelab.session.diagnosed import Diagnosed, Proved


class Verdict:
    """Right or not yet, and the replay that says so. ``proved`` is None where nothing had to be replayed."""

    def __init__(self, right: bool, why: str, proved: Proved | None = None) -> None:
        self.right, self.why, self.proved = right, why, proved

    def __repr__(self) -> str:
        return f"{'✔ right' if self.right else '✘ not yet'}: {self.why}"

    def _repr_html_(self) -> str:
        shown = self.proved._repr_html_() if self.proved is not None else ""
        return f"<div><strong>{escape(repr(self))}</strong></div>{shown}"


def check(diagnosed: Diagnosed, answer: Any, wanted: str = "proven") -> Verdict:
    """Replay an answer, a dict with ``path``, ``old`` and ``new``, on what was diagnosed.

    It is right where the replay's outcome is ``wanted``: proven, moved on, no change or harmful. Raises UsageError
    where the answer lacks a word or its ``old`` is not in the file, NeedsDocker where nobody recorded this answer."""
    shape = '{"path": "a file", "old": "what it says", "new": "what it should say"}'
    if not isinstance(answer, dict):
        raise UsageError(f"the answer is {answer!r}", f"write it as {shape}")
    missing = [name for name in ("path", "old", "new") if not isinstance(answer.get(name), str)]
    if missing:
        raise UsageError(f"the answer has no {', '.join(missing)}", f"write it as {shape}")
    if answer["old"] == answer["new"]:
        return Verdict(False, "the answer changes nothing")
    proved = diagnosed.try_edit(answer["path"], answer["old"], answer["new"])
    return Verdict(proved.outcome == wanted, str(proved.proof).partition(": ")[2], proved)
