"""The first notebooks as a reader opens them: in JupyterLab, in a real browser, run through its menu."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "screenshots"
pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]
LONG_CALLS = ("… replaying django-mysql, ", "… proving “")  # the first that takes long enough to be shown
both = pytest.mark.parametrize("name", ["00-start", "10-socket"])


@cache
def pages() -> dict[str, dict]:
    command = [sys.executable, str(ROOT / "tools" / "browser.py"), "00-start", "10-socket", "--out", str(OUT)]
    came = subprocess.run(command, capture_output=True, text=True)
    assert came.returncode == 0, came.stderr[-3000:]
    return {page["name"]: page for page in json.loads(came.stdout)}


@both
def test_every_cell_ran_and_none_failed(name):
    page = pages()[name]
    assert page["before"] == 0
    assert page["prompts"] == [f"[{number}]:" for number in range(1, len(page["prompts"]) + 1)]
    assert page["errors"] == [] and page["stderr"] == 0


@both
def test_the_console_has_no_errors(name):
    assert pages()[name]["problems"] == []


@both
def test_tables_and_charts_are_drawn_and_charts_speak(name):
    page = pages()[name]
    assert page["tables"] >= 2
    assert len(page["charts"]) >= 2
    for chart in page["charts"]:
        assert chart["drawn"] and chart["alt"] == chart["caption"]
    assert any("failed (exit 1)" in chart["alt"] for chart in page["charts"])


@both
def test_a_long_replay_shows_the_command_it_is_at_and_leaves_nothing_of_that(name):
    page = pages()[name]
    assert page["progress"].startswith(LONG_CALLS)
    assert ", command " in page["progress"]
    assert "… replaying" not in page["text"] and "… proving" not in page["text"]
    assert ", command " not in page["text"].replace(", command by command", "")
    assert any(shot.endswith("-progress.png") for shot in page["shots"])


def test_the_finding_its_evidence_and_its_proof_are_on_the_page():
    text = pages()["10-socket"]["text"]
    for words in ("looks for a socket file that is not there", "HOST 127.0.0.1", "all is green", "✔ right", "1044"):
        assert words in text


@both
def test_screenshots_are_kept(name):
    shots = [Path(shot) for shot in pages()[name]["shots"]]
    assert {"top", "chart"} <= {shot.stem.rpartition("-")[2] for shot in shots}
    assert all(shot.stat().st_size > 10_000 for shot in shots)


def test_the_readme_picture_is_small():
    assert (ROOT / "notebooks" / "screenshot.png").stat().st_size < 200_000
