"""Secrets out of what events tell in words: names, paths, tests, notes and answers. Pure.

A step's output and a service's log come as bytes in pieces, and are masked as streams. What else an event tells is
free text from a container or from the pipelines file; words that stand for something, such as a result, stay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pipelinelab.events import types
from pipelinelab.masking.mask import Masker

FREE_TEXT: Mapping[type[types.Event], tuple[str, ...]] = {
    types.StepStarted: ("name", "stage", "image_asked"),
    types.StepSkipped: ("name", "why", "stage", "image_asked"),
    types.ImageUsed: ("asked", "used"),
    types.ServiceStarted: ("image_used",),
    types.InputAwaited: ("process", "prompt"),
    types.Probe: ("arguments", "answer"),
    types.Note: ("text",),
    types.TestSeen: ("suite", "test", "message"),
    types.ArtifactMoved: ("name", "why"),
    types.CacheMoved: ("name", "why"),
}


def masked(event: types.Event, masker: Masker) -> types.Event:
    """The event with its free text masked."""
    names = FREE_TEXT.get(type(event), ()) if masker.pairs else ()
    return replace(event, **{name: everywhere(getattr(event, name), masker.text) for name in names}) if names else event


def everywhere(value: Any, mask: Callable[[str], str]) -> Any:
    """A value as JSON has it, with every text in it masked."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {key: everywhere(one, mask) for key, one in value.items()}
    return [everywhere(one, mask) for one in value] if isinstance(value, list) else value
