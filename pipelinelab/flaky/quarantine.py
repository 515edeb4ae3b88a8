"""The quarantine file: tests whose failures do not stop a merge, each with a reason and a day when it is looked at
again. Written and read as JSON, or as a markdown table that people review in a pull request."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from pipelinelab.errors import UsageError
from pipelinelab.flaky.verdicts import FLAKY

if TYPE_CHECKING:
    import pandas as pd

_HEAD = ("suite", "test", "verdict", "reason", "since", "until")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Quarantined:
    """One test in quarantine; ``since`` and ``until`` are ISO dates, "" where not said."""

    suite: str
    test: str
    verdict: str = ""
    reason: str = ""
    since: str = ""
    until: str = ""


def proposed(ranking: pd.DataFrame, since: str = "", until: str = "") -> tuple[Quarantined, ...]:
    """The tests that a ranking calls flaky, in its order."""
    flaky = ranking[ranking["verdict"].isin(FLAKY)]
    return tuple(
        Quarantined(row["suite"], row["test"], row["verdict"], row["reason"], since, until)
        for row in flaky.to_dict("records")
    )


def standing(tests: Iterable[Quarantined], today: str) -> tuple[Quarantined, ...]:
    """Those whose time has not run out on this ISO date. Raises UsageError for an ``until`` that is no date."""
    listed = list(tests)
    for one in listed:
        if one.until and not _DATE.fullmatch(one.until):
            raise UsageError(f"{one.suite}::{one.test} is quarantined until {one.until!r}, which is no date",
                             "write it as 2030-12-31, or leave it empty")  # fmt: skip
    return tuple(one for one in listed if not one.until or one.until >= today)


def expired(tests: Iterable[Quarantined], today: str) -> tuple[Quarantined, ...]:
    """Those whose time has run out on this ISO date. Raises UsageError as ``standing`` does."""
    listed = list(tests)
    stand = set(standing(listed, today))
    return tuple(one for one in listed if one not in stand)


def write(tests: Iterable[Quarantined], form: str = "json") -> str:
    """The file's text, ``form`` "json" or "markdown". Raises UsageError for another form."""
    listed = list(tests)
    if form == "json":
        text = json.dumps({"quarantine": [asdict(one) for one in listed]}, indent=2, ensure_ascii=False)
        return text + "\n"
    if form != "markdown":
        raise UsageError(f"a quarantine file cannot be written as {form!r}", "json and markdown can")
    lines = ["# Quarantined tests", "", "Their failures are reported and do not stop a merge.", "",
             "| " + " | ".join(_HEAD) + " |", "|" + " --- |" * len(_HEAD)]  # fmt: skip
    lines += ["| " + " | ".join(_escaped(value) for value in asdict(one).values()) + " |" for one in listed]
    return "\n".join(lines) + "\n"


def read(text: str, name: str = "quarantine") -> tuple[Quarantined, ...]:
    """The tests of a quarantine file, JSON or markdown; ``name`` is for messages. Raises UsageError with the line for
    what is neither."""
    if text.lstrip().startswith("{"):
        return _read_json(text, name)
    found = []
    head: list[str] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("|"):
            continue
        cells = [_plain(cell) for cell in _CELL.split(line.strip().strip("|") if line.strip()[-2:] != "\\|" else line)]
        if head is None:
            head = [cell.lower() for cell in cells]
            if not {"suite", "test"} <= set(head):
                raise UsageError(f"{name}:{number}:1: the table has no columns suite and test", f"columns: {_HEAD}")
        elif not all(set(cell) <= set("-: ") for cell in cells) or not any(cells):
            if len(cells) != len(head):
                raise UsageError(f"{name}:{number}:1: {len(cells)} cells under {len(head)} columns",
                                 "a | inside of a cell is written \\|")  # fmt: skip
            row = dict(zip(head, cells, strict=True))
            found.append(Quarantined(**{key: row.get(key, "") for key in _HEAD}))
    if head is None:
        raise UsageError(f"{name}: no quarantine can be read here", "it is JSON, or a markdown table")
    return tuple(found)


def _read_json(text: str, name: str) -> tuple[Quarantined, ...]:
    try:
        listed = json.loads(text)["quarantine"]
        return tuple(Quarantined(**{key: str(one.get(key, "")) for key in _HEAD}) for one in listed)
    except json.JSONDecodeError as problem:
        raise UsageError(f"{name}:{problem.lineno}:{problem.colno}: not JSON: {problem.msg}") from None
    except (KeyError, TypeError, AttributeError):
        raise UsageError(f'{name}: expected {{"quarantine": [{{"suite": …, "test": …}}]}}') from None


def _escaped(value: str) -> str:
    return " ".join(value.replace("\\", "\\\\").replace("|", "\\|").split())


def _plain(cell: str) -> str:
    return re.sub(r"\\([\\|])", r"\1", cell.strip())
