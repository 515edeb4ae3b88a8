"""The history of a repository's tests: what was imported from CI, in ``.pipelinelab/history/``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelinelab.errors import RecordingError, UsageError
from pipelinelab.flaky.campaign import rows
from pipelinelab.reports import ReportRefused, TestCase, read

if TYPE_CHECKING:
    import pandas as pd

_MOST = 512 * 1024 * 1024
_ENDINGS = {".xml", ".json", ".jsonl", ".txt", ".log", ".out"}


def reports(folder: Path) -> dict[str, list[Path]]:
    """The reports under a folder by run: each folder directly in it is a run, and so is each file. In natural order,
    so that build-9 comes before build-10. Raises UsageError where there are none."""
    if folder.is_file():
        return {folder.stem: [folder]}
    found: dict[str, list[Path]] = {}
    paths = [path for path in folder.rglob("*") if path.suffix.lower() in _ENDINGS and path.is_file()]
    for path in sorted(paths, key=lambda path: natural(str(path.relative_to(folder)))):
        inside = path.relative_to(folder).parts
        found.setdefault(inside[0] if len(inside) > 1 else path.stem, []).append(path)
    if not found:
        raise UsageError(f"{folder}: no report is here", "reports end in .xml, .json, .jsonl, .txt, .log or .out")
    return found


def natural(name: str) -> list[tuple[int, int, str]]:
    """A key that sorts numbers inside of names by their value."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name) if part]


def gather(
    folder: Path, problems: list[str], *, commit: str = "", environment: str = "", pattern: str = ""
) -> Iterator[dict[str, Any]]:
    """The rows of every report under the folder. What cannot be read goes to ``problems``, and the rest goes on.

    ``pattern`` is searched in each path; its groups ``run``, ``commit`` and ``environment`` say what they name. Raises
    UsageError for a pattern that is none."""
    try:
        shape = re.compile(pattern) if pattern else None
    except re.error as problem:
        raise UsageError(f"--pattern: {problem}", "for example: builds/(?P<run>\\d+)-(?P<commit>[0-9a-f]+)/") from None
    for run, paths in reports(folder).items():
        cases: dict[tuple[str, str, str], list[TestCase]] = {}
        for path in paths:
            named = shape.search(path.as_posix()) if shape else None
            groups = named.groupdict() if named else {}
            key = (groups.get("run") or run, groups.get("commit") or commit, groups.get("environment") or environment)
            cases.setdefault(key, []).extend(_cases(path, problems))
        for (name, at, where), found in cases.items():
            numbered = [case._replace(position=place) for place, case in enumerate(found)]
            yield from rows(name, numbered, commit=at, environment=where)


def _cases(path: Path, problems: list[str]) -> tuple[TestCase, ...]:
    try:
        if path.stat().st_size > _MOST:
            problems.append(f"{path}: larger than {_MOST // 2**20} MiB, left out")
            return ()
        return read(str(path), path.read_bytes())
    except ReportRefused as problem:
        kept = f"; {len(problem.cases)} whole cases before it are kept" if problem.cases else ""
        problems.append(f"{problem}{kept}")
        return problem.cases
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        problems.append(f"{path}: cannot be read as a report: {problem}")
        return ()


def load(file: Path) -> pd.DataFrame:
    """The ``tests`` frame of a history file, empty where there is none. Raises RecordingError where it is broken."""
    import pandas as pd

    from pipelinelab.events.columns import TESTS
    from pipelinelab.recording.frames import frame

    if not file.exists():
        return frame("tests", [])
    try:
        found = pd.read_parquet(file)
        return found.astype({column: dtype for column, dtype in TESTS.items() if column in found})
    except (OSError, ValueError) as problem:
        raise RecordingError(f"{file}: the history cannot be read: {problem}", "import the reports again") from None


def add(file: Path, new: pd.DataFrame) -> tuple[int, int]:
    """Add runs to the history; a run that is in it already is replaced. Returns how many runs were new and replaced."""
    import pandas as pd

    past = load(file)
    incoming = set(new["run_id"])
    before = set(past["run_id"])
    kept = past[~past["run_id"].isin(incoming)]
    whole = new if kept.empty else pd.concat([kept, new], ignore_index=True)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary = file.with_name(file.name + ".part")
        whole.to_parquet(temporary, index=False)
        temporary.replace(file)
    except OSError as problem:
        raise RecordingError(f"{file}: the history cannot be written: {problem.strerror}") from None
    return len(incoming - before), len(incoming & before)
