"""Problems as a DataFrame."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pipelinelab.reading.problems import Reading

if TYPE_CHECKING:
    import pandas

PROBLEMS = {
    "file": "string",
    "line": "Int64",
    "column": "Int64",
    "severity": "string",
    "code": "string",
    "message": "string",
    "where": "string",
    "expected": "string",
    "found": "string",
    "suggestion": "string",
    "bitbucket_says": "string",
    "fixable": "boolean",
}
"""The columns and their dtypes. ``fixable``: ``check --fix`` would cure it."""


def problems_frame(readings: Iterable[Reading]) -> pandas.DataFrame:
    """One row a problem, in the order of the readings; the same columns where there is none."""
    import pandas as pd

    rows = [
        (p.span.file, p.span.line, p.span.column, p.severity, p.code, p.message, p.where, p.expected, p.found,
         p.suggestion,
         p.bitbucket_says, p.fix is not None and p.fix.safe)
        for reading in readings for p in reading.problems
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(PROBLEMS)).astype(PROBLEMS)
