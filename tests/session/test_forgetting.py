"""A scratch repository goes with the process that made it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from faults import wait_until

CODE = """
import os, sys, pipelinelab
print(pipelinelab.sample("pytest-flaky", "flaky"), flush=True)
sys.stdin.readline()
{end}
"""


@pytest.mark.parametrize("end", ["", "os.kill(os.getpid(), 9)", "1 / 0"])
def test_a_scratch_repository_goes_with_its_process_in_whatever_way_that_ends(end):
    lab = subprocess.Popen(
        [sys.executable, "-c", CODE.format(end=end)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, env={**os.environ, "PIPELINELAB_ENGINE": "recorded"},
    )  # fmt: skip
    folder = Path(lab.stdout.readline().strip())
    assert (folder / "tests").is_dir()
    lab.communicate("\n")
    wait_until(lambda: not folder.parent.exists())


def test_a_repository_whose_folder_was_named_stays(tmp_path):
    code = CODE.replace('"flaky")', f'"flaky", {str(tmp_path / "mine")!r})').format(end="")
    subprocess.run([sys.executable, "-c", code], input="\n", text=True, check=True, capture_output=True)
    assert (tmp_path / "mine" / "tests").is_dir()
