"""Small suites for campaigns to run, and what came of a run."""

from __future__ import annotations

import os
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipelinelab.flaky.campaign import Run
from pipelinelab.session.test_process import Task

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


@pytest.fixture(autouse=True)
def bare_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The plugins of this very environment make each pytest start slowly, and the suites need none of them."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


def suite(folder: Path, text: str) -> Path:
    (folder / "test_a.py").write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


def outcomes(parts: Iterable) -> list[tuple[str, str]]:
    return [(case.test, case.outcome) for part in parts for case in part.cases]


def alive(process: int) -> bool:
    """Whether it runs; a zombie that nobody has yet reaped does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")


def task(folder: Path, number: int = 0, **more) -> Task:
    return Task(command=PYTEST, source=str(folder), run=more.pop("run", Run(number, 5)), **more)
