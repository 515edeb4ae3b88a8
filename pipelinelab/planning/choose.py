"""Which pipeline a push, a pull request or a person would start. Pure.

Source: Atlassian's pages on pipeline start conditions and on glob patterns: an exact name beats a glob, the more
specific glob beats the less specific one, and ``default`` runs for a push to a branch that none matches, never for a
tag. A push of a commit with both a branch and a pull request starts one pipeline for each.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelinelab.model.pipelines import Pipeline, Pipelines
from pipelinelab.planning.globs import glob_matches, specificity


def for_push(file: Pipelines, branch: str = "", tag: str = "", bookmark: str = "") -> Pipeline | None:
    """The pipeline that a push to this branch, tag or bookmark starts; None where it starts none."""
    if tag:
        return matching(file, "tags", tag)
    if bookmark:
        return matching(file, "bookmarks", bookmark) or default(file)
    return (matching(file, "branches", branch) if branch else None) or default(file)


def for_pull_request(file: Pipelines, source: str) -> Pipeline | None:
    """The pipeline that a pull request from the branch ``source`` starts; None where it starts none."""
    return matching(file, "pull-requests", source)


def for_custom(file: Pipelines, name: str) -> Pipeline | None:
    """The custom pipeline with this name, as a person, a schedule or another step starts it."""
    return next((one for one in file.pipelines if one.kind == "custom" and one.pattern == name), None)


def default(file: Pipelines) -> Pipeline | None:
    """The default pipeline, where there is one."""
    return next((one for one in file.pipelines if one.kind == "default"), None)


def matching(file: Pipelines, kind: str, name: str) -> Pipeline | None:
    """Of the pipelines of this kind that match the name, the most specific; of equals, the first in the file."""
    found = candidates(file, kind, name)
    return max(found, key=lambda one: _rank(one, name)) if found else None


def candidates(file: Pipelines, kind: str, name: str) -> Sequence[Pipeline]:
    """All pipelines of this kind whose name or pattern matches, in the order of the file."""
    return [
        one for one in file.pipelines
        if one.kind == kind and (one.pattern == name or glob_matches(one.pattern, name))
    ]  # fmt: skip


def _rank(pipeline: Pipeline, name: str) -> tuple[int, int, int]:
    return (2, 0, 0) if pipeline.pattern == name else specificity(pipeline.pattern)
