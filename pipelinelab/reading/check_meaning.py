"""Beyond the form: what names what, what adds up, what can happen at all."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelinelab.model.pipelines import Artifacts, Command, Condition, Parallel, Pipeline, Pipelines, Stage, Step
from pipelinelab.model.source import Node, Span
from pipelinelab.planning.globs import impossible
from pipelinelab.reading.check_services import (
    check_image_variables,
    check_memory,
    check_names,
    keys_under,
)
from pipelinelab.reading.desk import Desk
from pipelinelab.reading.problems import ERROR, HINT, WARNING, Edit, Fix
from pipelinelab.reading.suggest import nearest
from pipelinelab.reading.yaml_tree import Mapping

MOST_STEPS = 100
_DOCKER = re.compile(
    r"^\s*(?:sudo\s+)?docker(?:-compose|\s+(?:compose|build|buildx|run|push|pull|login|tag|exec|load|save|images|ps))\b",
    re.MULTILINE,
)


def check_meaning(desk: Desk, root: Mapping, file: Pipelines) -> None:
    """Report what Bitbucket refuses, or does not do as meant, in a file whose form can be read."""
    names = [key.value for key in keys_under(root)]
    told = desk.problems_at("pipelines") or {"default", "branches", "custom", "pull-requests"} & set(names)
    if "pipelines" not in names and not file.pipelines and not told:
        desk.report(
            "PL118",
            root.entries[0][0] if root.entries else root,
            "the file has no `pipelines:`, so nothing runs",
            expected="`pipelines:`",
            found=", ".join(f"`{name}:`" for name in dict.fromkeys(names[:5])),
            suggestion=_stranger(names),
        )
        if _STRANGERS.keys() & set(names):
            desk.problems = [one for one in desk.problems if one.code not in ("PL103", "PL105")]
    steps = [step for pipeline in file.pipelines for step in steps_of(pipeline)]
    check_names(desk, root, file, steps)
    for step in steps:
        check_memory(desk, file, step)
        _check_step(desk, file, step)
    for service in file.services.values():
        check_image_variables(desk, service)
    for pipeline in file.pipelines:
        _check_pipeline(desk, file, pipeline)
    _check_children(desk, file, steps)


_STRANGERS = {
    "on": "a GitHub workflow",
    "jobs": "a CircleCI file",
    "stages": "a GitLab pipeline",
    "services": "a compose file",
    "steps": "an Azure pipeline",
}


def _stranger(names: list[str]) -> str:
    for word, system in _STRANGERS.items():
        if word in names:
            return f"it looks like {system}, which Bitbucket cannot read"
    return "begin with `pipelines:`, and put the steps under `default:` or a branch"


def steps_of(pipeline: Pipeline) -> Iterator[Step]:
    """Every step of a pipeline, in order."""
    for element in pipeline.elements:
        for one in element.steps if isinstance(element, Stage) else (element,):
            if isinstance(one, Parallel):
                yield from one.steps
            elif isinstance(one, Step):
                yield one


def _check_pipeline(desk: Desk, file: Pipelines, pipeline: Pipeline) -> None:
    count = sum(1 for _ in steps_of(pipeline))
    if count > MOST_STEPS:
        desk.report(
            "PL209",
            pipeline.span,
            f"{pipeline.title} has {count} steps",
            expected=f"at most {MOST_STEPS}",
            found=str(count),
        )
    of = {"branches": "branch", "pull-requests": "branch", "tags": "tag", "bookmarks": "branch"}.get(pipeline.kind)
    why = impossible(pipeline.pattern, of) if of else ""
    if why:
        desk.report(
            "PL210",
            pipeline.place("pattern"),
            f"no {of} can match {pipeline.pattern!r}: {why}",
            expected=f"a {of}'s name or a glob",
            found=pipeline.pattern,
        )
    first = pipeline.elements[0] if pipeline.elements else None
    if isinstance(first, Step | Stage) and first.trigger == "manual" and pipeline.kind not in ("custom", "definitions"):
        what = "stage" if isinstance(first, Stage) else "step"
        desk.report(
            "PL206",
            first.place("trigger"),
            f"the first {what} of {pipeline.title} has `trigger: manual`",
            via=first.via,
            expected=f"a first {what} that starts by itself",
            found="`trigger: manual`",
            suggestion="take the line away, or make it a custom pipeline, which starts by hand",
            severity=WARNING if isinstance(first, Stage) else ERROR,
        )
    _check_deployments(desk, pipeline)
    for variable in pipeline.variables:
        if variable.default and variable.allowed_values and variable.default not in variable.allowed_values:
            desk.report(
                "PL106",
                variable.place("default"),
                f"{variable.default} is not among the allowed values",
                severity=WARNING,
                expected=" or ".join(variable.allowed_values),
                found=variable.default,
            )


def _check_deployments(desk: Desk, pipeline: Pipeline) -> None:
    seen: dict[str, Span] = {}
    stages = [one for one in pipeline.elements if isinstance(one, Stage)]
    deploying: list[Stage | Step] = [*stages, *steps_of(pipeline)]
    for one in deploying:
        name = one.deployment
        if not name or "$" in name:
            continue
        place = one.via[0] if one.via and one.place("deployment") in seen.values() else one.place("deployment")
        if name in seen:
            desk.report(
                "PL205",
                place,
                f"{pipeline.title} deploys to {name} twice, first in line {seen[name].line}",
                expected=f"{name} once in a pipeline",
                found=f"{name} in lines {seen[name].line} and {place.line}",
                suggestion="put the steps in one stage with `deployment:`, or take it from one of them",
                bitbucket_says="occurs multiple times in the pipeline",
            )
        seen.setdefault(name, place)


def _check_step(desk: Desk, file: Pipelines, step: Step) -> None:
    if step.condition is not None:
        _check_paths(desk, step.condition)
    if step.artifacts is not None:
        _check_artifacts(desk, step.artifacts, step)
    docker = file.options.docker or any(
        name == "docker" or (name in file.services and file.services[name].type == "docker") for name in step.services
    )
    if docker or step.runs_on or file.options.runs_on:
        return
    for item in (*step.script, *step.after_script):
        if isinstance(item, Command) and _DOCKER.search(item.text) and "DOCKER_HOST" not in item.text:
            desk.report(
                "PL214",
                _start(item),
                "a docker command in a step without the docker service",
                via=item.via,
                expected="`services: [docker]` in the step, or `options: docker: true`",
                found="no docker service",
                suggestion="add docker to the step's `services:`",
            )
            return


def _start(node: Node) -> Span:
    span = node.span
    return Span(
        span.file, span.line, span.column, span.line, max(span.column + 1, min(span.end_column, span.column + 60))
    )


def _check_paths(desk: Desk, condition: Condition) -> None:
    for keyword, paths in (("includePaths", condition.include_paths), ("excludePaths", condition.exclude_paths)):
        for index, path in enumerate(paths):
            place = condition.places.get(f"{keyword}.{index}", condition.place(keyword))
            why = impossible(path, "path")
            if why:
                fixed = path.removeprefix("./").lstrip("/") + ("**" if path.endswith("/") else "")
                desk.report(
                    "PL210",
                    place,
                    f"no changed file can match {path!r}: {why}",
                    expected=f"{fixed!r}",
                    found=path,
                    suggestion=f"did you mean {fixed}?",
                )
            elif not re.search(r"[*?{\[]", path) and "." not in path.rsplit("/", 1)[-1]:
                desk.report(
                    "PL210",
                    place,
                    f"{path!r} matches a file with just this path, and nothing in a folder",
                    severity=HINT,
                    expected=f"'{path}/**' for a folder",
                    found=path,
                    suggestion=f"if it is a folder, write {path}/**",
                )


def _check_artifacts(desk: Desk, artifacts: Artifacts, step: Step) -> None:
    short = "paths" not in artifacts.places
    found = [(artifacts.places.get(f"paths.{i}") or step.places.get(f"artifacts.{i}") if short
              else artifacts.places.get(f"paths.{i}"), path) for i, path in enumerate(artifacts.paths)]  # fmt: skip
    found += [
        (upload.places.get(f"paths.{i}"), path) for upload in artifacts.upload for i, path in enumerate(upload.paths)
    ]
    for place, path in found:
        at = place or artifacts.span
        outside = path.startswith(("/", "~", "../")) and not path.startswith("/opt/atlassian/pipelines/agent/build/")
        if outside or "/../" in path:
            desk.report(
                "PL211",
                at,
                f"{path!r} lies outside the clone, where nothing becomes an artifact",
                expected="a path inside the clone",
                found=path,
                suggestion="copy it into the clone at the end of the script",
            )
        elif path.startswith("$"):
            desk.report(
                "PL211",
                at,
                f"{path!r}: variables are not replaced in artifacts",
                expected="a path or a glob",
                found=path,
                suggestion="write the path as it is, from the root of the clone",
            )


def _check_children(desk: Desk, file: Pipelines, steps: list[Step]) -> None:
    custom = [one.pattern for one in file.pipelines if one.kind == "custom"]
    asked = [(step.custom, step.place("custom")) for step in steps if step.type == "pipeline" and step.custom]
    for triggers in file.triggers.values():
        for trigger in triggers:
            asked += [
                (name, trigger.places.get(f"pipelines.{i}", trigger.span)) for i, name in enumerate(trigger.pipelines)
            ]
    for name, place in asked:
        if name not in custom and "$" not in name:
            near = nearest(name, custom)
            desk.report(
                "PL219",
                place,
                f"there is no custom pipeline {name}",
                expected=" or ".join(custom) or "`custom:`",
                found=name,
                suggestion=f"did you mean {near}?" if near else "define it under `custom:`",
                fix=Fix(title=f"write {near}", edits=(Edit(place, near),), safe=False) if near else None,
            )
