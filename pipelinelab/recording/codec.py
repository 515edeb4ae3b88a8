"""Events as JSON lines and back. Pure."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator
from typing import Any

from pipelinelab.events import types
from pipelinelab.events.types import Event, Output, ServiceOutput

_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def word(kind: type[Event]) -> str:
    """The stable name of an event type in events.jsonl: ``CommandEnded`` is ``command_ended``."""
    return _WORD.sub("_", kind.__name__).lower()


KINDS: dict[str, type[Event]] = {
    word(kind): kind
    for kind in vars(types).values()
    if isinstance(kind, type) and issubclass(kind, Event) and kind not in (Event, Output, ServiceOutput)
}


def encode(event: Event) -> bytes:
    """One line, newline included."""
    fields: dict[str, Any] = {"event": word(type(event))}
    for one in dataclasses.fields(event):
        value = getattr(event, one.name)
        fields[one.name] = round(value, 6) if isinstance(value, float) else value
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), default=str).encode("utf-8", "replace") + b"\n"


def decode(line: bytes) -> Event | None:
    """The event of a line; None for a torn line or a kind that this version does not know."""
    try:
        fields = json.loads(line)
        kind = KINDS[fields.pop("event")]
        names = {one.name for one in dataclasses.fields(kind)}
        return kind(**{name: _frozen(value) for name, value in fields.items() if name in names})
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value


def decode_all(data: bytes) -> Iterator[Event]:
    """Every whole event of a file that may be cut off anywhere."""
    for line in data.split(b"\n"):
        event = decode(line) if line.strip() else None
        if event is not None:
            yield event
