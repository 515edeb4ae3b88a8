"""The whole story of a problem code. The one place that opens the table beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from pipelinelab.reading.codes import CODES


@dataclass(frozen=True)
class Story:
    """What a code is, why it is bad, an example of it ("" where none can be shown) and what to write instead."""

    code: str
    severity: str
    title: str
    what: str
    why: str
    instead: str
    example: str = ""


@lru_cache(maxsize=1)
def _table() -> dict[str, dict[str, Any]]:
    import yaml

    text = files("pipelinelab.reading").joinpath("codes.yml").read_text(encoding="utf-8")
    table: dict[str, dict[str, Any]] = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return table


def story(code: str) -> Story | None:
    """The story of a code, whatever its case; None where there is no such code."""
    found = CODES.get(code.upper())
    if found is None:
        return None
    return Story(code=found.code, severity=found.severity, title=found.title, **_table()[found.code])


def page(told: Story) -> str:
    """A story as a page for a terminal."""
    parts = [
        f"{told.code}: {told.title} ({told.severity})",
        "",
        told.what.strip(),
        "",
        "Why it is bad",
        told.why.strip(),
    ]
    if told.example:
        parts += ["", "Example", *_indented(told.example)]
    parts += ["", "Instead", *(_indented(told.instead) if "\n" in told.instead.strip() else [told.instead.strip()])]
    return "\n".join(parts) + "\n"


def _indented(text: str) -> list[str]:
    return [f"    {line}".rstrip() for line in text.rstrip("\n").split("\n")]
