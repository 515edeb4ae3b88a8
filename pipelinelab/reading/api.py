"""The public call: a path or a text to a Reading."""

from __future__ import annotations

from pathlib import Path

from pipelinelab.reading.problems import Reading
from pipelinelab.reading.read import read_text
from pipelinelab.system.files import load_pipelines_bytes


def read(source: str | Path | bytes = "bitbucket-pipelines.yml", file: str = "") -> Reading:
    """Read a pipelines file, or a text that holds one.

    A Path, or a string of one line, is a file's path (a folder's bitbucket-pipelines.yml where it is a folder); a
    string of several lines, or bytes, is the text itself, and ``file`` is what its problems call it.
    Raises UsageError where there is no such file or where it cannot be read. Never raises for what is in it.
    """
    if isinstance(source, bytes) or (isinstance(source, str) and "\n" in source):
        return read_text(source, file or "bitbucket-pipelines.yml")
    path = Path(source)
    if path.is_dir():
        path = path / "bitbucket-pipelines.yml"
    return read_text(load_pipelines_bytes(path), file or str(path))
