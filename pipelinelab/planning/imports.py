"""Shared pipelines: what an import names, and the imported pipeline in the place of the import. Pure.

Source: Atlassian's pages on sharing pipelines and on YAML sharing: ``import: repository:ref:pipeline``, or
``import: pipeline@source`` with a source of ``definitions: imports:``, which is a file of the same repository,
``repository:ref`` or ``repository:ref:file``. What is shared stands under ``definitions: pipelines:``; a file of
another repository says ``export: true``. That an imported pipeline may not be an import itself is inferred.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pipelinelab.errors import UsageError
from pipelinelab.model.pipelines import CustomVariable, Import, Pipeline, Pipelines
from pipelinelab.reading.check_meaning import steps_of

FILE = "bitbucket-pipelines.yml"


@dataclass(frozen=True)
class Shared:
    """A file that pipelines are imported from; ``repository`` "" is the importing file's own, at its own commit."""

    repository: str
    ref: str
    path: str = FILE

    def __str__(self) -> str:
        return ":".join(part for part in (self.repository, self.ref, self.path) if part)


Fetch = Callable[[Shared, Shared, Import], Pipelines]
"""Reads the file named first. The second is the file that names it, at the import: there an error is told."""


def named(file: Pipelines, imported: Import, home: Shared) -> tuple[Shared, str]:
    """The file and the pipeline that an import of ``file``, which is ``home``, names. Raises UsageError for a source
    that is not among its ``definitions: imports:``."""
    text = imported.source
    if "@" not in text.partition(":")[0]:
        repository, ref, pipeline = text.split(":", 2)
        return Shared(repository, ref), pipeline
    pipeline, _, alias = text.partition("@")
    source = file.imports.get(alias)
    if source is None:
        known = ", ".join(file.imports) or "none"
        raise UsageError(
            f"{imported.place('source')}: there is no import source {alias!r}",
            f"name it under definitions: imports:; there: {known}",
        )
    parts = source.source.split(":", 2)
    if len(parts) == 1:
        return replace(home, path=parts[0]), pipeline
    return Shared(*parts), pipeline


def resolved(file: Pipelines, pipeline: Pipeline, fetch: Fetch) -> Pipeline:
    """The pipeline with everything imported that it needs: itself, and the custom pipelines that its steps start.

    Raises UsageError, with the import's place, for what is not there, is not shared, is an import again, or leads in a
    circle; whatever ``fetch`` raises."""
    return _resolved(file, pipeline, fetch, Shared("", ""), ())


def _resolved(file: Pipelines, pipeline: Pipeline, fetch: Fetch, home: Shared, trail: tuple[str, ...]) -> Pipeline:
    if pipeline.imported is not None:
        pipeline, home = _imported(file, pipeline, fetch, home)
    inside = pipeline.home or file
    custom = {}
    for name in dict.fromkeys(step.custom for step in steps_of(pipeline) if step.type == "pipeline"):
        child = inside.find(f"custom/{name}")
        if child is not None and child.title not in trail:  # a circle of children is told where they are planned
            custom[child.title] = _resolved(inside, child, fetch, home, (*trail, child.title))
    changed = {title: one for title, one in custom.items() if one != inside.find(title)}
    if not changed:
        return pipeline
    return replace(pipeline, home=_with(inside, changed))


def _with(file: Pipelines, changed: Mapping[str, Pipeline]) -> Pipelines:
    return replace(file, pipelines=tuple(changed.get(one.title, one) for one in file.pipelines))


def _imported(file: Pipelines, pipeline: Pipeline, fetch: Fetch, home: Shared) -> tuple[Pipeline, Shared]:
    """The imported pipeline under the name of the one that imports it, and the file that it came from."""
    imported = pipeline.imported
    assert imported is not None
    place, trail = imported.place("import"), []
    inside, at = file, home
    while True:
        shared, name = named(inside, imported, at)
        trail.append(f"{shared}:{name}")
        if trail[-1] in trail[:-1]:
            raise UsageError(
                f"{place}: the import leads in a circle: {' → '.join(trail)}", "let one of them hold the steps"
            )
        inside, at = fetch(shared, at, imported), shared
        found = _exported(inside, shared, name, imported)
        if found.imported is None:
            break
        imported = found.imported
    if len(trail) > 1:
        raise UsageError(
            f"{place}: {trail[0]} is itself an import, of {trail[-1]}",
            f"import that one here: {pipeline.title} can only import steps",
        )
    variables = _asked(found.variables, pipeline.variables)
    return replace(pipeline, elements=found.elements, variables=variables, home=inside), at


def _exported(file: Pipelines, shared: Shared, name: str, imported: Import) -> Pipeline:
    place = imported.place("import")
    if shared.repository and not file.export:
        raise UsageError(
            f"{place}: {shared} shares nothing: it does not say `export: true`", "add it there, at the top"
        )
    there = [one for one in file.pipelines if one.kind == "definitions"]
    found = next((one for one in there if one.pattern == name), None)
    if found is not None:
        return found
    known = ", ".join(one.pattern for one in there)
    elsewhere = next((one for one in file.pipelines if one.pattern == name), None)
    hint = f"it shares: {known}" if known else "it has nothing under definitions: pipelines:"
    if elsewhere is not None:
        hint = f"{elsewhere.title} is there, in line {elsewhere.span.line}: move it under definitions: pipelines:"
    raise UsageError(f"{place}: {shared} shares no pipeline {name!r}", hint)


def _asked(there: tuple[CustomVariable, ...], here: tuple[CustomVariable, ...]) -> tuple[CustomVariable, ...]:
    """The variables that are asked for: those of the shared pipeline, as far as the import does not say its own."""
    own = {one.name for one in here}
    return (*(one for one in there if one.name not in own), *here)
