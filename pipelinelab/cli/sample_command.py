"""``pipelinelab sample``: the projects to break and mend."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from pipelinelab.setup.samples import State, make, sample, samples


@click.group(name="sample")
def command() -> None:
    """Make a sample project: a git repository whose pipeline is broken in a known way, and its whole story."""


@command.command(name="list")
def list_samples() -> None:
    """List the samples, their stacks and their states, in the order of the story."""
    for number, told in enumerate(samples()):
        if number:
            click.echo()
        click.echo(click.style(told.name, bold=True) + f"  {told.title}")
        for title, lines in (
            ("stacks", [(stack.id, stack.title) for stack in told.stacks]),
            ("states", [(state.id, _line(state)) for state in told.states]),
        ):
            width = max(len(id) for id, _ in lines)
            for index, (id, text) in enumerate(lines):
                click.echo(f"  {title if not index else '':6}  {id:{width}}  {text}")


@command.command(name="make")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--state", help="Where in the story it stands; the first state where not given.")
@click.option("--stack", help="What it runs on; the first stack where not given.")
def make_sample(name: str, folder: Path, state: str | None, stack: str | None) -> None:
    """Make the sample NAME as a git repository in FOLDER, which is new or empty."""
    make(name, folder, state=state, stack=stack)
    told = sample(name)
    at, on = told.state(state), told.stack(stack)
    click.echo(f"{folder}: {told.title}")
    click.echo(f"  stack  {on.id}: {on.title}")
    click.echo(f"  state  {at.id}: {_line(at)}")
    if at.broken:
        click.echo(f"         {at.broken}")
    click.echo(f"  next   cd {shlex.quote(str(folder))} && {_next(at)}")


def _line(state: State) -> str:
    where = {
        "refused": f"{state.file} is refused",
        "red": f"red at `{state.command}`",
        "flaky": "now red, now green",
        "green": "green",
    }[state.result]
    return f"{state.title} ({where})"


def _next(at: State) -> str:
    if at.result == "refused":
        return "pipelinelab check"
    if at.result == "flaky":
        return "pipelinelab flaky run"
    return "pipelinelab replay"
