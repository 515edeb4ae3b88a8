"""Run notebooks and store their outputs: once live in Docker, recording every replay, then again from the recording.

    python tools/notebooks.py [--recorded] [NAME …]

The stored outputs are those of the recorded run; where the live run's differ after sanitising, it says so and fails.
With --recorded the recordings stay, and only the outputs are made anew.
"""

from __future__ import annotations

import configparser
import difflib
import os
import re
import shutil
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = ROOT / "notebooks"
RECORDINGS = ROOT / "data" / "recordings"


def sanitiser() -> list[tuple[re.Pattern[str], str]]:
    """The patterns of notebooks/sanitize.cfg, as nbval applies them."""
    config = configparser.RawConfigParser()
    config.read(NOTEBOOKS / "sanitize.cfg")
    return [(re.compile(config[one]["regex"], re.MULTILINE), config[one]["replace"]) for one in config.sections()]


def executed(path: Path, engine: str, record: Path | None) -> nbformat.NotebookNode:
    """The notebook run top to bottom with this engine."""
    notebook = nbformat.read(path, as_version=4)
    environment = {**os.environ, "PIPELINELAB_ENGINE": engine}
    environment.pop("PIPELINELAB_RECORD", None)
    if record is not None:
        environment["PIPELINELAB_RECORD"] = str(record)
    client = NotebookClient(
        notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
    )
    client.create_kernel_manager().shutdown_wait_time = 120  # its last act is to copy the recordings
    client.execute(env=environment)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":  # where a long call showed how far it was, an empty display is left
            cell.outputs = [one for one in cell.outputs if one.get("data") != {}]
        for output in cell.get("outputs", []):
            # The caption and the text say what a picture shows; the pixels of an HTML figure are left to the reader.
            output.get("metadata", {}).clear()
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return notebook


def words(notebook: nbformat.NotebookNode) -> list[str]:
    """What nbval would compare, sanitised, a line each."""
    text = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            for part in (output.get("text", ""), data.get("text/plain", ""), data.get("text/html", "")):
                for pattern, put in sanitiser():
                    part = pattern.sub(put, part)
                text += part.splitlines()
    return text


def main(names: list[str]) -> int:
    """Regenerate these notebooks, or all; the number that differ between live and recorded."""
    differ, only_recorded = 0, "--recorded" in names
    names = [name for name in names if name != "--recorded"]
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if names and not any(path.name.startswith(name) for name in names):
            continue
        if only_recorded:
            print(f"{path.name}: recorded", flush=True)
            nbformat.write(executed(path, "recorded", None), path)
            continue
        print(f"{path.name}: live", flush=True)
        fresh = ROOT / "build" / "recordings" / path.stem / path.stem
        shutil.rmtree(fresh.parent, ignore_errors=True)
        fresh.parent.mkdir(parents=True)
        live = executed(path, "docker", fresh)
        for old in RECORDINGS.glob(f"{path.stem}-*"):
            shutil.rmtree(old)
        for new in sorted(fresh.parent.iterdir()):
            shutil.move(new, RECORDINGS / new.name)
        print(f"{path.name}: recorded", flush=True)
        nbformat.write(live, path)  # so that there is something to look at where the recording lacks something
        recorded = executed(path, "recorded", None)
        lines = list(difflib.unified_diff(words(live), words(recorded), "live", "recorded", lineterm="", n=1))
        if lines:
            differ += 1
            print("\n".join(lines[:60]))
        nbformat.write(recorded, path)
    return differ


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
