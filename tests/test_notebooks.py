"""The notebooks are documentation that is run: their rules, and their outputs, strictly, live and recorded."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXPECTED = [
    "00-start",
    "05-the-file",
    "10-socket",
    "20-collation",
    "30-keepdb",
    "40-flush",
    "50-flaky",
    "90-your-own-repo",
]
STORY = [path for path in NOTEBOOKS if path.stem in EXPECTED]
every = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@cache
def cells(path: Path) -> list[dict]:
    return json.loads(path.read_text("utf-8"))["cells"]


def code(path: Path) -> list[dict]:
    return [cell for cell in cells(path) if cell["cell_type"] == "code"]


def prose(path: Path) -> str:
    return "\n".join("".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "markdown")


def outputs(path: Path) -> list[dict]:
    return [output for cell in code(path) for output in cell["outputs"]]


def said(output: dict) -> str:
    data = output.get("data", {})
    parts = [output.get("text", ""), output.get("evalue", ""), output.get("traceback", "")]
    parts += [data.get(kind, "") for kind in ("text/plain", "text/html")]
    return "\n".join("".join(part) for part in parts)


def nbval(
    paths: list[Path], engine: str, folder: Path = ROOT, python_path: str = ""
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PIPELINELAB_ENGINE": engine, "PYTHONPATH": python_path}
    environment.pop("PIPELINELAB_RECORD", None)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--nbval", *map(str, paths), "--nbval-sanitize-with",
         str(ROOT / "notebooks" / "sanitize.cfg"), "-p", "no:cacheprovider", "--no-header", "--tb=short"],
        cwd=ROOT, env=environment, capture_output=True, text=True,
    )  # fmt: skip


def test_the_whole_story_is_there():
    assert [path.stem for path in STORY] == EXPECTED


@every
def test_cells_are_counted_so_that_none_passes_uncompared(path):
    assert [cell["execution_count"] for cell in code(path)] == list(range(1, len(code(path)) + 1))


@every
def test_at_most_one_cell_in_ten_is_exempt_from_comparison(path):
    exempt = [cell for cell in code(path) if "nbval-ignore-output" in cell["metadata"].get("tags", [])]
    exempt += [cell for cell in code(path) if "NBVAL_" in "".join(cell["source"])]
    assert len(exempt) <= len(code(path)) / 10


@every
def test_nothing_went_to_stderr(path):
    assert not [said(output) for output in outputs(path) if output.get("name") == "stderr"]


@every
def test_no_trace_of_progress_is_stored(path):
    assert {} not in [output.get("data") for output in outputs(path)]


@every
def test_errors_are_sentences_and_expected(path):
    for cell in code(path):
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                assert "raises-exception" in cell["metadata"]["tags"]
                assert "Traceback" not in "".join(output["traceback"]) and "\x1b[" not in "".join(output["traceback"])


@every
def test_outputs_hold_no_path_of_a_machine_no_random_id_and_no_misspelt_magic(path):
    text = re.sub(r"base64,[A-Za-z0-9+/=]+", "", "\n".join(said(output) for output in outputs(path)))
    assert not re.findall(r"/(?:tmp|home|root|Users|work)/\S*", text)
    assert not re.findall(r"\bT_[0-9a-f]{5}\b|\bid=\"|0x[0-9a-f]{8,}|at 0x", text)
    assert "UsageError" not in text and "<script" not in text


@every
def test_every_picture_says_in_words_what_it_shows(path):
    for output in outputs(path):
        assert not {"image/png", "image/jpeg"} & set(output.get("data", {}))
        for image in re.findall(r"<img [^>]*>", said(output)):
            assert len(re.search(r'alt="([^"]*)"', image)[1]) > 20


@every
def test_the_kernel_is_python3(path):
    metadata = json.loads(path.read_text("utf-8"))["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"


@every
def test_it_begins_with_the_goal_and_the_minutes(path):
    first = "".join(cells(path)[0]["source"])
    assert first.startswith(f"# {path.stem[:2]} · ")
    assert "**You will be able to** " in first
    minutes = int(re.search(r"\*\*Time\*\* (\d+) minutes", first)[1])
    assert 5 <= minutes <= 15


@every
def test_links_lead_to_notebooks_that_are_there(path):
    links = re.findall(r"\]\(([^)]+)\)", prose(path))
    assert links
    for link in links:
        assert link.startswith("https://") or (path.parent / link.partition("#")[0]).is_file(), link


@pytest.mark.parametrize("path", STORY, ids=lambda path: path.stem)
def test_it_goes_from_a_symptom_to_a_proof_and_an_exercise_with_a_hidden_answer(path):
    text = prose(path)
    if path.stem not in ("00-start", "90-your-own-repo"):
        order = [text.index(word) for word in ("The symptom", "The evidence", "The cause", "proven", "Try it")]
        assert order == sorted(order)
    assert "## Try it" in text and "<details><summary>An answer</summary>" in text
    results = " ".join(said(output) for output in outputs(path))
    assert "right" in results and "green" in text


@pytest.mark.parametrize("path", STORY, ids=lambda path: path.stem)
def test_the_check_of_the_exercise_runs_the_answer(path):
    checks = ("pipelinelab.check(", "fails_after(*")
    assert [cell for cell in code(path) if any(word in "".join(cell["source"]) for word in checks)]


@pytest.mark.parametrize("path", STORY, ids=lambda path: path.stem)
def test_it_says_whether_it_is_live(path):
    assert any("this notebook runs" in said(output) for output in outputs(path))


def test_the_walkthroughs_sit_inside_the_failed_step():
    used = {
        word
        for path in STORY
        for cell in code(path)
        for word in ("%%inside", "%query")
        if word in "".join(cell["source"])
    }
    assert used == {"%%inside", "%query"}


def test_the_recordings_are_small():
    sizes = [path.stat().st_size for path in (ROOT / "data" / "recordings").rglob("*") if path.is_file()]
    assert 0 < sum(sizes) < 10_000_000


@pytest.mark.timeout(600)  # a busy machine is no failure
def test_every_notebook_gives_its_stored_output_from_the_recording():
    came = nbval(STORY, "recorded")
    assert came.returncode == 0, came.stdout[-4000:] + came.stderr[-2000:]


def _long(path):
    """Each takes the better part of a minute live, so half of them are in ``make test-full`` only."""
    return [] if path.stem in ("00-start", "10-socket", "40-flush", "50-flaky") else [pytest.mark.full]


@pytest.mark.live
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem, marks=_long(path)) for path in STORY])
def test_a_notebook_gives_its_stored_output_live(path):
    came = nbval([path], "docker")
    assert came.returncode == 0, came.stdout[-4000:] + came.stderr[-2000:]


def test_a_notebook_that_was_copied_elsewhere_runs_there(tmp_path):
    for name in ("00-start", "40-flush"):
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", tmp_path)
    came = nbval(sorted(tmp_path.glob("*.ipynb")), "recorded")
    assert came.returncode == 0, came.stdout[-4000:]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00-start.ipynb", "40-flush.ipynb"]


def test_an_answer_that_nobody_recorded_needs_docker_and_says_so(tmp_path):
    text = (ROOT / "notebooks" / "40-flush.ipynb").read_text("utf-8")
    notebook = json.loads(text)
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("make_rows", "make_some_rows")
    (tmp_path / "copied.ipynb").write_text(json.dumps(notebook), "utf-8")
    came = nbval([tmp_path / "copied.ipynb"], "recorded")
    assert came.returncode == 1
    assert "1 failed" in came.stdout and "was never recorded: this needs Docker" in came.stdout


# What is broken: the file, what it says, what it shall say, the notebook that must notice, and what it then shows.
BREAKS = {
    "what a diagnosis rules out": (
        "pipelinelab/diagnosis/values.py", '"ruled out", "not ruled out"', '"told apart", "not ruled out"', "10-socket",
        "told apart",
    ),
    "how sure evidence makes a diagnosis": (
        "pipelinelab/diagnosis/weighing.py", "confidence += (1 - confidence) * 0.5", "confidence += 0", "40-flush",
        "onfidence 80%",
    ),
    "what a proof says of the database": (
        "pipelinelab/session/effects.py", 'now.get("exists") is False', 'now.get("exists") is None', "30-keepdb",
        "without its 12 tables",
    ),
    "which command a timeline counts": (
        "pipelinelab/charts/timeline.py", "len(bars) + 1))", "len(bars)))", "40-flush", "command 5 of 7",
    ),
    "what a chart holds an encoding to": (
        "pipelinelab/charts/characters.py", "<= 0xFFFF", "<= 0x1FFFF", "20-collation", "can hold all of the 162",
    ),
    "what a chart takes for lost rows": (
        "pipelinelab/charts/database.py", "lost if new < old", "lost if new > old", "40-flush", "rows came: ",
    ),
}  # fmt: skip


@pytest.mark.full
@pytest.mark.parametrize("what", BREAKS)
def test_a_notebook_fails_where_one_value_is_broken(tmp_path, what):
    file, old, new, name, shown = BREAKS[what]
    came = nbval([ROOT / "notebooks" / f"{name}.ipynb"], "recorded", python_path=_patched(tmp_path, file, old, new))
    assert came.returncode == 1, came.stdout[-3000:]
    assert "Cell outputs differ" in came.stdout
    instead = [line for line in came.stdout.splitlines() if line.lstrip().startswith("- ")]
    assert [line for line in instead if shown in line], came.stdout[-3000:]


def _patched(folder: Path, file: str, old: str, new: str) -> str:
    """A copy of the package with one value changed; what PYTHONPATH must be for it."""
    shutil.copytree(ROOT / "pipelinelab", folder / "pipelinelab", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "data").symlink_to(ROOT / "data")
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, f"{file} has no {old!r} any more: choose another place to break"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return str(folder)
