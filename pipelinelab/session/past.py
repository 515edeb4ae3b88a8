"""The history of a repository's tests: what was imported from CI, in ``.pipelinelab/history/``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelinelab.errors import RecordingError, UsageError
from pipelinelab.flaky.campaign import rows
from pipelinelab.reports import ReportRefused, TestCase, kind_of, namesakes, quiet, read, unnamed
from pipelinelab.reports.case import numbered

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


@dataclass(frozen=True)
class _Report:
    """One report that was read; ``unnamed`` are the tests that it counts and does not name, ``shared`` the names that
    several of its tests have."""

    path: Path
    cases: tuple[TestCase, ...]
    unnamed: int = 0
    shared: frozenset[namesakes.Name] = frozenset()


def gather(
    folder: Path, problems: list[str], *, commit: str = "", environment: str = "", pattern: str = "",
    apart: Collection[namesakes.Name] = (), failures_do: bool = False,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """The rows of every report under the folder. What cannot be read goes to ``problems``, and the rest goes on.

    ``pattern`` is searched in each path; its groups ``run``, ``commit`` and ``environment`` say what they name. Tests
    of one name in a JUnit file get a number, where one of the files shows that they are several, or where the name is
    among ``apart``. Raises UsageError for a pattern that is none, and before the first row where an output does not
    name the tests that passed, unless the failures alone will do or the run has another report."""
    try:
        shape = re.compile(pattern) if pattern else None
    except re.error as problem:
        raise UsageError(f"--pattern: {problem}", "for example: builds/(?P<run>\\d+)-(?P<commit>[0-9a-f]+)/") from None
    runs: list[tuple[tuple[str, str, str], list[_Report]]] = []
    for run, paths in reports(folder).items():
        found: dict[tuple[str, str, str], list[_Report]] = {}
        for path in paths:
            named = shape.search(path.as_posix()) if shape else None
            groups = named.groupdict() if named else {}
            key = (groups.get("run") or run, groups.get("commit") or commit, groups.get("environment") or environment)
            found.setdefault(key, []).append(_read(path, problems))
        runs += [(key, _whole(listed, problems, failures_do)) for key, listed in found.items()]
    if not failures_do and (silent := [one for _, listed in runs for one in listed if one.unnamed]):
        more = f" (and {len(silent) - 1} more like it)" if len(silent) > 1 else ""
        raise UsageError(quiet.why(str(silent[0].path), silent[0].unnamed) + more,
                         f"nothing was read; leave such outputs out, or {quiet.HINT}")  # fmt: skip
    several = set(apart).union(*(one.shared for _, listed in runs for one in listed))
    for (name, at, where), listed in runs:
        cases = [case for one in listed for case in namesakes.told_apart(one.cases, several)]
        yield from rows(name, numbered(cases), commit=at, environment=where)


def _whole(listed: list[_Report], problems: list[str], failures_do: bool) -> list[_Report]:
    """The reports of one run; a console's output that names failures only is left out beside a report that names all,
    since it would tell of them twice."""
    silent = [one for one in listed if one.unnamed]
    others = [one for one in listed if not one.unnamed]
    if silent and any(one.cases for one in others):
        return others
    if failures_do:
        problems += [quiet.why(str(one.path), one.unnamed) for one in silent if not one.cases]
    return listed


def apart(tests: pd.DataFrame) -> set[namesakes.Name]:
    """The names that the history has with a number, for ``gather``: what is told apart once stays so."""
    known = tests[["suite", "test"]].drop_duplicates()
    return namesakes.before(zip(known["suite"].astype(str), known["test"].astype(str), strict=True))


def _read(path: Path, problems: list[str]) -> _Report:
    try:
        if path.stat().st_size > _MOST:
            problems.append(f"{path}: larger than {_MOST // 2**20} MiB, left out")
            return _Report(path, ())
        data = path.read_bytes()
        cases = read(str(path), data)
        shared = namesakes.namesakes(cases) if kind_of(data) == "junit" else ()
        return _Report(path, cases, unnamed(data), frozenset(shared))
    except ReportRefused as problem:
        kept = f"; {len(problem.cases)} whole cases before it are kept" if problem.cases else ""
        problems.append(f"{problem}{kept}")
        return _Report(path, problem.cases)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as problem:
        problems.append(f"{path}: cannot be read as a report: {problem}")
        return _Report(path, ())


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
