"""pipelinelab: find out why a Bitbucket pipeline is red.

    run = pipelinelab.replay("path/to/repository")     # in Docker, as Bitbucket would
    run.commands                                       # every command a row
    run.kept().run("env | sort")                       # sit in the failed step

Names are imported when first used, so that ``import pipelinelab`` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Chart": "pipelinelab.charts.chart",
    "PipelinelabError": "pipelinelab.errors",
    "Run": "pipelinelab.session.run",
    "campaign": "pipelinelab.session.flaky_lab",
    "check": "pipelinelab.notebook.exercise",
    "diagnose": "pipelinelab.session.lab",
    "diagnose_log": "pipelinelab.session.lab",
    "load": "pipelinelab.session.lab",
    "load_ipython_extension": "pipelinelab.notebook.extension",
    "mode": "pipelinelab.session.lab",
    "outcomes": "pipelinelab.session.flaky_lab",
    "plan": "pipelinelab.session.lab",
    "read": "pipelinelab.reading.api",
    "replay": "pipelinelab.session.lab",
    "runs": "pipelinelab.session.lab",
    "sample": "pipelinelab.session.lab",
    "timeline": "pipelinelab.charts.timeline",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'pipelinelab' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__


if "ipykernel" in sys.modules:  # this is a notebook's kernel: long calls show how far they are
    from pipelinelab.notebook import progress

    progress.begin()
