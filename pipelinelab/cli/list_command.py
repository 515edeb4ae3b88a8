"""``pipelinelab list``: the pipelines of a file, which one starts, and its plan as a tree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from pipelinelab.errors import FileRefused, UsageError
from pipelinelab.model.pipelines import Pipeline, Pipelines
from pipelinelab.reading.problems import Reading
from pipelinelab.reading.read import read_text
from pipelinelab.reading.report import render
from pipelinelab.system.files import load_pipelines_bytes

DEFAULT = "bitbucket-pipelines.yml"


@click.command("list")
@click.argument("file", default=DEFAULT)
@click.option("--branch", metavar="NAME", help="What a push to this branch starts.")
@click.option("--tag", metavar="NAME", help="What a push of this tag starts.")
@click.option("--pull-request", "pull_request", metavar="BRANCH", help="What a pull request from this branch starts.")
@click.option("--custom", metavar="NAME", help="What a custom run of this name starts.")
@click.option("--pipeline", metavar="TITLE", help="The pipeline with this title, as the list has it.")
@click.option(
    "--changed", metavar="PATH", multiple=True, help="A path of the changeset, for conditions; may be repeated."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(
    file: str, branch: str | None, tag: str | None, pull_request: str | None, custom: str | None, pipeline: str | None,
    changed: Sequence[str], form: str,
) -> int:  # fmt: skip
    """List the pipelines of FILE (by default the bitbucket-pipelines.yml here), which one a push would start, and its
    plan: steps, parallel groups, stages, conditions, services, memory, caches and artifacts.

    Without an option, every pipeline is listed. Exit code 0; 1 where nothing would start; 2 for a file or a name that
    is not there, or a file that Bitbucket would refuse.
    """
    path = Path(file) / DEFAULT if Path(file).is_dir() else Path(file)
    reading = read_text(load_pipelines_bytes(path), str(path))
    pipelines = readable(reading)
    asked = {"branch": branch, "tag": tag, "pull request": pull_request, "custom": custom, "pipeline": pipeline}
    given = {kind: name for kind, name in asked.items() if name is not None}
    if len(given) > 1:
        raise UsageError(f"only one of {', '.join('--' + kind.replace(' ', '-') for kind in given)} can be asked for")
    if not given:
        return _show(pipelines, pipelines.pipelines, changed, form, title=str(path))
    kind, name = next(iter(given.items()))
    found = _chosen(pipelines, kind, name)
    if found is None:
        if form == "json":
            click.echo("[]")
        else:
            known = ", ".join(one.title for one in pipelines.pipelines) or "none"
            click.echo(f"{_what(kind, name)} starts no pipeline. There are: {known}")
        return 1
    return _show(pipelines, [found], changed, form, title=f"{_what(kind, name)} starts {found.title}")


def readable(reading: Reading) -> Pipelines:
    """The model of a reading without errors. Raises FileRefused, with the whole report."""
    if reading.errors or reading.pipelines is None:
        click.echo(render(reading.errors, reading.text), err=True, nl=False)
        count = len(reading.errors)
        raise FileRefused(
            f"{reading.file}: Bitbucket would refuse this file ({count} error{'s' * (count != 1)})",
            "pipelinelab check tells more",
        )
    return reading.pipelines


def _chosen(pipelines: Pipelines, kind: str, name: str) -> Pipeline | None:
    from pipelinelab.planning.choose import for_custom, for_pull_request, for_push

    if kind == "branch":
        return for_push(pipelines, branch=name)
    if kind == "tag":
        return for_push(pipelines, tag=name)
    if kind == "pull request":
        return for_pull_request(pipelines, name)
    if kind == "custom":
        return for_custom(pipelines, name)
    found = pipelines.find(name)
    if found is None:
        known = ", ".join(one.title for one in pipelines.pipelines) or "none"
        raise UsageError(f"no pipeline is called {name!r}", f"there are: {known}")
    return found


def _what(kind: str, name: str) -> str:
    words = {
        "branch": f"a push to branch {name}",
        "tag": f"a push of tag {name}",
        "custom": f"a custom run of {name}",
        "pull request": f"a pull request from {name}",
        "pipeline": f"asked for by name, {name}",
    }
    return words[kind]


def _show(file: Pipelines, pipelines: Sequence[Pipeline], changed: Sequence[str], form: str, title: str) -> int:
    from pipelinelab.planning.tree import tree

    trees = [tree(file, one, list(changed) or None) for one in pipelines]
    if form == "json":
        click.echo(json.dumps([asdict(one.root) for one in trees], indent=2, ensure_ascii=False))
        return 0
    click.echo(title)
    for one in trees:
        click.echo(f"\n{one}", nl=False)
    return 0
