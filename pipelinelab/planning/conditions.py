"""Whether a step's condition is met by a changeset. Globs as Bitbucket matches them."""

from __future__ import annotations

from collections.abc import Sequence

from pipelinelab.model.pipelines import Condition
from pipelinelab.planning.globs import glob_matches


def matches(path: str, globs: Sequence[str]) -> bool:
    """Whether a path of the changeset matches any of the globs; ``**`` crosses folders, ``*`` does not."""
    return any(glob_matches(pattern.lstrip("/"), path) for pattern in globs)


def unmet(condition: Condition, changed: Sequence[str] | None) -> str:
    """Why the step is passed over; "" where it runs, and where no changeset is known: Bitbucket runs it then too."""
    if changed is None or not (condition.include_paths or condition.exclude_paths):
        return ""
    relevant = [path for path in changed if not matches(path, condition.exclude_paths)]
    if condition.include_paths:
        if any(matches(path, condition.include_paths) for path in relevant):
            return ""
        return f"its condition is not met: no changed file matches {', '.join(condition.include_paths)}"
    return "" if relevant else f"its condition is not met: only {', '.join(condition.exclude_paths)} changed"
