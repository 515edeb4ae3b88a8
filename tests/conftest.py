"""Live tests need an engine: without one they are skipped, but never in CI."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cache

import pytest
from hypothesis import settings

from pipelinelab.errors import EngineUnavailable
from pipelinelab.setup.connect import connect

settings.register_profile("untimed", deadline=None)  # a busy machine is no failure
settings.load_profile("untimed")


@cache
def why_no_engine() -> str:
    """ "" where an engine answers, else why none does."""
    try:
        connect().close()
    except EngineUnavailable as problem:
        return str(problem)
    return ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("live") and not os.environ.get("CI") and why_no_engine():
        pytest.skip(f"live: {why_no_engine()}")


def pytest_sessionfinish() -> None:
    """Red steps are kept until the next replay of their repository; those of the tests' scratch folders see none."""
    import tempfile
    from pathlib import Path

    from pipelinelab.errors import PipelinelabError
    from pipelinelab.session.engine import live
    from pipelinelab.system import lock

    scratch = Path(tempfile.gettempdir()).resolve()
    with suppress(PipelinelabError):
        live().sweep(
            lambda labels: (
                (folder := Path(labels.get("pipelinelab.folder", "/"))).is_relative_to(scratch)
                and not lock.held(folder)
            )
        )
