"""Where the project's data is: beside the package in a checkout, which is how the lab is installed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pipelinelab.errors import PipelinelabError

DATA_VARIABLE = "PIPELINELAB_DATA"


def data_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder with ``images``, ``samples`` and ``recordings``: PIPELINELAB_DATA, or the checkout's ``data``.

    Raises PipelinelabError where there is none, as after a plain (not editable) install.
    """
    named = environ.get(DATA_VARIABLE)
    path = Path(named) if named else Path(__file__).resolve().parents[2] / "data"
    if not (path / "images").is_dir():
        hint = f"install from a checkout with `pip install -e .`, or set {DATA_VARIABLE} to a checkout's data folder"
        raise PipelinelabError(f"the lab's data is not at {path}", hint)
    return path


def images_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder with one Dockerfile folder for each lab image. Raises PipelinelabError where it is not there."""
    return data_dir(environ) / "images"
