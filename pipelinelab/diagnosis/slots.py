"""Texts with slots: ``{name}`` and ``{name|default}``. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

_NAMES = (
    "package", "module", "library", "program", "image", "variable", "option", "path", "file", "url", "host", "pattern",
    "key", "name", "migration", "repo", "what", "why",
)  # fmt: skip
"""Groups that name what a title without a slot is about, the most telling first."""
_SHOWN = 100
_SLOT = re.compile(r"\{(\w+)(?:\|([^}]*))?\}")

_BEFORE_SIGN = re.compile(r" +([,;)]|:(?!:)|\.(?![\w/.]))")  # " .npmrc", " ./gradlew" and " ::1" keep their blank

_TWO_STOPS = re.compile(r"(?<![./])\.\.(?![./\w])")  # a value that is a sentence, at the end of one


def fill(template: str, facts: Mapping[str, str]) -> str | None:
    """The text with its slots filled; None where one stays empty."""
    missing = False

    def value(slot: re.Match[str]) -> str:
        nonlocal missing
        found = facts.get(slot.group(1)) or slot.group(2)
        missing = missing or found is None
        return found or ""

    text = _SLOT.sub(value, template)
    return None if missing else text


def tell(template: str, facts: Mapping[str, str]) -> str:
    """The text for people: slots that nothing fills read "…", and empty defaults leave no gap behind."""
    text = _SLOT.sub(
        lambda slot: facts.get(slot.group(1)) or (slot.group(2) if slot.group(2) is not None else "…"), template
    )
    text = re.sub(r" ?\( *\)", "", re.sub(r"  +", " ", text))
    return _TWO_STOPS.sub(".", _BEFORE_SIGN.sub(r"\1", text)).replace("\n", " ").strip()


def headed(title: str, facts: Mapping[str, str], groups: Mapping[str, str]) -> str:
    """A rule's title, told; where it has no slot of its own, with the name that its match caught."""
    told = tell(title, facts)
    if "{" in title:
        return told
    found, wanted = groups.get("found"), groups.get("wanted")
    if found and wanted:
        return f"{told} (found {found}, wanted {wanted})"
    name = next(((facts.get(one) or groups[one]).strip(" .") for one in _NAMES if groups.get(one)), "")
    if not name or name in told or "\n" in name:
        return told
    return f"{told}: {name if len(name) <= _SHOWN else f'{name[:_SHOWN]}…'}"
