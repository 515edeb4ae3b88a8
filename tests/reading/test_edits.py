"""The diffs that are shown can be applied."""

import subprocess
from pathlib import Path

import pytest

from pipelinelab.reading.edits import diff


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\nb\nc\n", "a\nx\nc\n"),
        ("a\r\nb\r\nc\r\n", "a\r\nx\r\nc\r\n"),
        ("a\nb", "a\nb\nc"),
        ("a\x0cb\nc\u2028d\n", "a\x0cb\nx\nc\u2028d\n"),
    ],
)
def test_git_takes_them_whatever_the_lines_end_with(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "ci.yml"
    file.write_bytes(before.encode())
    shown = diff(before, after, "ci.yml").encode()
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=shown, check=True)
    assert file.read_bytes().decode() == after
