"""A pipeline as a tree that can be looked at: what runs, in which order, with what, and what is passed over. Pure.

The tree is made from the model alone, so it can be shown for any file that can be read, without a repository.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelinelab.model.pipelines import (
    Artifacts,
    Condition,
    Parallel,
    Pipeline,
    Pipelines,
    Stage,
    Step,
)
from pipelinelab.planning.conditions import unmet
from pipelinelab.planning.memory import PER_SIZE_MIB, SERVICE_MIB
from pipelinelab.planning.one_step import DEFAULT_IMAGE, DEFAULT_MINUTES


@dataclass(frozen=True, kw_only=True)
class Branch:
    """One node of the tree: a pipeline, a stage, a parallel group, a step or a final step (``kind``).

    ``facts`` are (name, text) in the order they should be shown. ``met`` is False where a condition keeps it from
    running, True where it lets it run, None where there is none or where no changeset is known; ``why`` says it in
    words. ``manual``: it waits for a person. ``line`` is where it is written (0 where unknown)."""

    kind: str
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    children: tuple[Branch, ...] = ()
    met: bool | None = None
    why: str = ""
    manual: bool = False
    line: int = 0

    def walk(self) -> Iterator[Branch]:
        """This node and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A pipeline's plan as a tree; in a notebook it is a picture."""

    root: Branch
    notes: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return "\n".join(lines(self.root)) + "\n"

    def _repr_html_(self) -> str:
        from pipelinelab.planning.picture import picture

        return picture(self.root)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "text/html": self._repr_html_()}


def tree(file: Pipelines, pipeline: Pipeline, changed: Sequence[str] | None = None) -> Tree:
    """The tree of one pipeline. ``changed`` are the paths of the changeset; None: unknown, and every step runs."""
    children = tuple(_element(file, one, changed) for one in pipeline.elements)
    facts = []
    if pipeline.imported:
        facts.append(("import", pipeline.imported.source))
    for one in pipeline.variables:
        allowed = f" (one of {', '.join(one.allowed_values)})" if one.allowed_values else ""
        facts.append(("variable", f"{one.name}={one.default if one.default is not None else ''}{allowed}"))
    return Tree(
        root=Branch(
            kind="pipeline", title=pipeline.title, facts=tuple(facts), children=children, line=pipeline.span.line
        )
    )


def _element(file: Pipelines, element: Step | Parallel | Stage, changed: Sequence[str] | None) -> Branch:
    if isinstance(element, Stage):
        met, why = _condition(element.condition, changed)
        facts = [("deployment", element.deployment)] if element.deployment else []
        return Branch(
            kind="stage",
            title=element.name or "stage",
            facts=(*facts, *_state(element.condition)),
            met=met,
            why=why,
            children=tuple(_element(file, one, changed) for one in element.steps),
            manual=element.trigger == "manual",
            line=element.span.line,
        )
    if isinstance(element, Parallel):
        facts = [("fail-fast", "one failure stops the others")] if element.fail_fast else []
        title = f"parallel: {len(element.steps)} steps at once"
        return Branch(
            kind="parallel",
            title=title,
            facts=tuple(facts),
            line=element.span.line,
            children=tuple(_element(file, one, changed) for one in element.steps),
        )
    met, why = _condition(element.condition, changed)
    return Branch(
        kind="final" if element.final else "step",
        title=element.name or "step",
        facts=tuple(_facts(file, element)),
        met=met,
        why=why,
        manual=element.trigger == "manual",
        line=element.span.line,
    )


def _condition(condition: Condition | None, changed: Sequence[str] | None) -> tuple[bool | None, str]:
    if condition is None or changed is None or not (condition.include_paths or condition.exclude_paths):
        return None, ""
    why = unmet(condition, changed)
    return not why, why or "its condition is met"


def _state(condition: Condition | None) -> Iterator[tuple[str, str]]:
    if condition is None:
        return
    if condition.include_paths:
        yield "condition", f"a change in {', '.join(condition.include_paths)}"
    if condition.exclude_paths:
        yield "condition", f"a change outside {', '.join(condition.exclude_paths)}"
    if condition.state:
        yield "condition", condition.state


def _facts(file: Pipelines, step: Step) -> Iterator[tuple[str, str]]:
    image = step.image or file.image
    yield "image", image.name if image else DEFAULT_IMAGE
    if step.type == "pipeline":
        yield "starts", f"custom/{step.custom}"
    else:
        after = f", {len(step.after_script)} after" if step.after_script else ""
        yield "script", f"{len(step.script)} command{'s' * (len(step.script) != 1)}{after}"
    yield from _memory(file, step)
    for name in step.caches:
        cache = file.cache(name)
        keyed = f", key from {', '.join(cache.key_files)}" if cache and cache.key_files else ""
        yield "cache", f"{name} ({cache.path}{keyed})" if cache else f"{name} (defined nowhere)"
    yield from _artifacts(step.artifacts)
    deployment = step.deployment or step.environment
    if deployment:
        yield "deployment", deployment
    yield from _state(step.condition)
    minutes = step.max_time or file.options.max_time or DEFAULT_MINUTES
    if minutes != DEFAULT_MINUTES:
        yield "max-time", f"{minutes} min"
    runners = step.runs_on or file.options.runs_on
    if runners:
        yield "runs-on", ", ".join(runners)
    if step.output_variables:
        yield "output", ", ".join(step.output_variables)


def _memory(file: Pipelines, step: Step) -> Iterator[tuple[str, str]]:
    names = [*step.services, *(["docker"] if file.options.docker and "docker" not in step.services else [])]
    size = step.size or file.options.size or 1
    left = PER_SIZE_MIB * size
    for name in names:
        service = file.services.get(name)
        memory = service.memory if service and service.memory else SERVICE_MIB
        left -= memory
        image = (
            service.image.name
            if service and service.image
            else "docker-in-docker"
            if name == "docker"
            else "defined nowhere"
        )
        yield "service", f"{name} ({image}, {memory} MB)"
    if names or size > 1:
        yield "memory", f"{left} MB for the build, of {PER_SIZE_MIB * size} MB ({size}x)"


def _artifacts(artifacts: Artifacts | None) -> Iterator[tuple[str, str]]:
    if artifacts is None:
        return
    if artifacts.paths:
        yield "artifacts", ", ".join(artifacts.paths)
    for upload in artifacts.upload:
        yield "artifacts", f"{upload.name}: {', '.join(upload.paths)} ({upload.type})"
    if artifacts.download is not True:
        yield "downloads", ", ".join(artifacts.download) if artifacts.download else "nothing"


SIGNS = {"pipeline": "", "stage": "stage ", "parallel": "", "step": "", "final": "finally "}


def headline(branch: Branch) -> str:
    """A node in one line: its kind, title, and what keeps it from running by itself."""
    notes = [
        word for word, there in (("waits for a person", branch.manual), (branch.why, branch.met is not None)) if there
    ]
    mark = {False: "✗ ", True: "✓ ", None: ""}[branch.met]
    return mark + SIGNS[branch.kind] + branch.title + (f"  [{'; '.join(notes)}]" if notes else "")


def lines(branch: Branch, before: str = "", last: bool = True, top: bool = True) -> Iterator[str]:
    """The tree as lines of text."""
    yield headline(branch) if top else f"{before}{'└── ' if last else '├── '}{headline(branch)}"
    inner = "" if top else before + ("    " if last else "│   ")
    bar = "│   " if branch.children else "    "
    for name, text in branch.facts:
        yield f"{inner}{bar}{name}: {text}"
    for index, child in enumerate(branch.children):
        yield from lines(child, inner, index == len(branch.children) - 1, top=False)
