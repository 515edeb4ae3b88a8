"""A long call shows in its cell how far it is, and leaves nothing of that behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import nbformat
import pytest
from kernels import kernel

from pipelinelab.events import types as e
from pipelinelab.notebook.progress import State

ITEMS = (("script", 0, "make", 3), ("script", 1, "make test\nmake more", 4), ("after-script", 0, "echo over", 7))
DIG = """
import time
from pipelinelab.session.watching import watched
with watched("digging") as watcher:
    watcher.say("deep")
    time.sleep({seconds})
print("a treasure")
"""


def begun(*events: e.Event) -> State:
    state = State("replaying shop")
    for event in (e.StepStarted(at=0.0, step=1, name="Test", items=ITEMS), *events):
        state(event)
    return state


def test_it_names_the_step_the_command_and_the_last_line_of_output():
    command = e.CommandStarted(at=1.0, step=1, phase="script", index=1, offset=0)
    state = begun(command, e.Output(at=2.0, step=1, data=b"\x1d+ make test\nok 1\nok <2>\n\n"))
    shown = state.bundle(12.4)
    assert shown["text/plain"] == ("… replaying shop, 12 s\n  step 1 “Test”, command 2 of 2: make test …\n    ok <2>")
    assert "ok &lt;2&gt;" in shown["text/html"] and "<script" not in shown["text/html"]


def test_the_line_that_was_printed_before_does_not_stay_for_the_next_command():
    first, second = (e.CommandStarted(at=1.0, step=1, phase="script", index=n, offset=0) for n in (0, 1))
    assert "ok" not in begun(first, e.Output(at=2.0, step=1, data=b"ok\n"), second).bundle(3.0)["text/plain"]


def test_it_says_what_is_waited_for_and_counts_the_after_script_apart():
    service = e.ServiceStarted(at=0.1, step=1, service="mysql", image_used="mysql:5.7")
    assert "step 1 “Test”, waiting for the service mysql" in begun(service).bundle(1.0)["text/plain"]
    after = e.CommandStarted(at=1.0, step=1, phase="after-script", index=0, offset=0)
    assert "after-script command 1 of 1: echo over" in begun(after).bundle(1.0)["text/plain"]


def test_steps_that_run_at_once_have_a_line_each_until_they_end():
    second = e.StepStarted(at=0.0, step=2, name="Lint", items=())
    state = begun(second)
    assert [what for what, _ in state.lines()] == ["step 1 “Test”, getting ready", "step 2 “Lint”, getting ready"]
    state(e.StepEnded(at=3.0, step=1, result="passed", exit_code=0))
    assert [what for what, _ in state.lines()] == ["step 2 “Lint”, getting ready"]


def test_a_cell_shows_it_in_one_display_that_is_empty_at_the_end(tmp_path):
    with kernel(tmp_path) as one:
        one.run("import pipelinelab")
        cell = one.run(DIG.format(seconds=1.3))
    assert cell.told == "a treasure\n"
    assert cell.progress[0] == "… digging, 0 s\n  deep" and len(cell.progress) >= 2
    assert list(cell.left.values()) == [{}]


def test_a_call_that_is_over_at_once_shows_nothing(tmp_path):
    with kernel(tmp_path) as one:
        one.run("import pipelinelab")
        assert one.run(DIG.format(seconds=0)).left == {}


def test_a_call_that_fails_leaves_nothing_of_it_either(tmp_path):
    with kernel(tmp_path) as one:
        one.run("import pipelinelab")
        cell = one.run(DIG.format(seconds=1).replace("time.sleep(1)", "time.sleep(1); 1 / 0"))
    assert cell.error == "ZeroDivisionError" and cell.progress and list(cell.left.values()) == [{}]


def test_an_interrupted_call_is_one_sentence(tmp_path):
    with kernel(tmp_path) as one:
        one.run("import pipelinelab")
        cell = one.run(DIG.format(seconds=30), "digging", one.interrupt, limit=20)
    assert cell.error == "Stopped"
    assert cell.sentence.splitlines() == [
        "stopped while digging", "→ nothing of it is left running: run the cell again whenever you like",
    ]  # fmt: skip


@pytest.mark.parametrize("seconds", [0, 1])
def test_nbval_finds_nothing_of_it_however_long_it_took(tmp_path, seconds):
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": ""}}
    )
    notebook.cells = [nbformat.v4.new_code_cell(text) for text in ("import pipelinelab", DIG.format(seconds=seconds))]
    stored = nbformat.v4.new_output("stream", name="stdout", text="a treasure\n")
    notebook.cells[0].execution_count, notebook.cells[1].execution_count = 1, 2
    notebook.cells[1].outputs = [stored]
    (tmp_path / "one.ipynb").write_text(json.dumps(notebook), "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "--nbval", "-p", "no:cacheprovider", "one.ipynb"]
    came = subprocess.run(command, cwd=tmp_path, env=os.environ, capture_output=True, text=True)
    assert came.returncode == 0 and "2 passed" in came.stdout, came.stdout


def test_a_script_shows_nothing(tmp_path):
    code = "import pipelinelab\n" + DIG.format(seconds=0.6)
    came = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (came.stdout, came.stderr) == ("a treasure\n", "")
