"""``pipelinelab replay``."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelinelab.cli.given import given_options
from pipelinelab.cli.numbers import Number
from pipelinelab.cli.sections import Sectioned

if TYPE_CHECKING:
    from pipelinelab.model.pipelines import CustomVariable

SECTIONS = {
    "What is replayed": (
        "pipeline", "ref", "file", "worktree", "pull_request", "steps", "start", "only_failed", "manual",
    ),
    "Variables": ("variables", "secrets", "env_files", "deployments", "stub"),
    "Where things come from": ("images", "imports", "platform", "ssh_key", "known_hosts"),
    "What may be done": ("deploy_for_real", "allow_docker_service"),
    "How it runs": ("stdin", "no_service_wait", "service_wait", "max_time", "log_cap", "jobs", "no_keep"),
    "What is shown": ("dry_run", "quiet", "as_json"),
}  # fmt: skip


@click.command("replay", cls=Sectioned, sections=SECTIONS, context_settings={"max_content_width": 110})
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("-p", "--pipeline", default="", metavar="TITLE", help="Which pipeline: default, branches/main,"
              " custom/nightly … (default: what a push would start)")  # fmt: skip
@click.option("--ref", default="HEAD", help="The branch, tag or commit to replay.", show_default=True)
@click.option("--file", "file", type=click.Path(path_type=Path), help="Another bitbucket-pipelines.yml.")
@click.option("-w", "--worktree", is_flag=True, help="Replay uncommitted changes too.")
@click.option(
    "-s", "--step", "steps", multiple=True, metavar="STEP", help="Only this step, by name, number or stage. Repeatable."
)
@click.option("--from", "start", default="", metavar="STEP", help="Start at this step, by name or number.")
@click.option("--only-failed", is_flag=True, help="Only the steps that were red, or held up by a red one, last time.")
@given_options
@click.option("--import", "imports", multiple=True, metavar="NAME=PATH", help="Where the repository NAME is, a clone or"
              " a file, that pipelines are imported from (default: beside this one). Repeatable.")  # fmt: skip
@click.option("--platform", help="The platform of the images, e.g. linux/amd64.")
@click.option("--stdin", type=click.Choice(["closed", "silent"]), help="closed: end of file at once, as on Bitbucket"
              " (default); silent: open and never answered, and whoever waits on it is found.")  # fmt: skip
@click.option("--no-service-wait", is_flag=True, help="Do not wait until services listen: show the race.")
@click.option("--service-wait", type=Number(min=0), help="Seconds to wait for services at the most.")
@click.option(
    "--max-time",
    type=Number(min=0, min_open=True),
    metavar="MINUTES",
    help="A step's time limit, if less than the file's.",
)
@click.option(
    "--log-cap",
    type=Number(min=0.001),
    metavar="MB",
    help="How much of a step's log is kept (Bitbucket: 50).",
)
@click.option("--pull-request", metavar="ID:DESTINATION", help="Replay as this pull request.")
@click.option("--manual", is_flag=True, help="Start what waits for a person too; in a terminal each is asked about.")
@click.option("--jobs", type=click.IntRange(min=1), help="Parallel steps at the same time, at the most.")
@click.option("--no-keep", is_flag=True, help="Remove the containers of a failed step too.")
@click.option("--deploy-for-real", is_flag=True, help="Run steps that deploy, push or publish. They will do it.")
@click.option("--ssh-key", type=click.Path(path_type=Path), help="A private key for the step's ssh.")
@click.option("--known-hosts", type=click.Path(path_type=Path), help="A known_hosts file for the step's ssh.")
@click.option("-q", "--quiet", is_flag=True, help="Only the summary.")
@click.option("--json", "as_json", is_flag=True, help="The summary as JSON; nothing else on standard output.")
@click.option("--env-stub", "stub", type=click.Path(path_type=Path), metavar="FILE",
              help="Write what is used and not given as a .env file to fill in; run nothing.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show the plan and run nothing.")
def command(path: Path, quiet: bool, as_json: bool, dry_run: bool, stub: Path | None, **options: object) -> int:
    """Replay a pipeline of the repository at PATH in Docker, as Bitbucket would run it.

    Exit codes: 0 green, 1 red, 2 usage or a file that Bitbucket would refuse, 3 the lab failed, 130 stopped.
    """
    from pipelinelab.cli.asked import asked_from
    from pipelinelab.cli.live import terminal
    from pipelinelab.cli.table import commands_table
    from pipelinelab.planning.preflight import missing_variables
    from pipelinelab.recording.summary import lines
    from pipelinelab.session.engine import live
    from pipelinelab.session.perform import CODES
    from pipelinelab.session.replay import plan, replay

    asked = asked_from(path, options)
    if sys.stdin.isatty():
        # Planned twice, below and by the replay; asked once.
        asked = replace(asked, ask=cache(_ask), begin=None if dry_run or stub else cache(_begin))
    if stub is not None:
        return _write_stub(stub, missing_variables(plan(path, asked).plan))
    if dry_run:
        ready = plan(path, asked)
        from pipelinelab.cli.table import plan_lines

        notes = (*ready.notes, *(note.text for note in ready.plan.notes))
        click.echo("\n".join([*plan_lines(ready.plan), *(f"! {note}" for note in notes)]))
        return 0
    plan(path, asked)  # a file that cannot be replayed is told before an engine is looked for
    silent = quiet or as_json
    engine = live()
    run = replay(path, asked, engine, listeners=() if silent else (terminal(),),
                 progress=lambda text: click.echo(text, err=True))  # fmt: skip
    if as_json:
        frames = {name: json.loads(getattr(run, name).to_json(orient="records", date_format="iso"))
                  for name in ("runs", "steps", "commands", "services")}  # fmt: skip
        click.echo(json.dumps({**frames, "folder": str(run.folder)}, indent=1, ensure_ascii=False))
    else:
        click.echo()
        click.echo(commands_table(run.recording))
        click.echo("\n".join(lines(run.recording)))
        _what_next(run.run_id, any(step.kept for step in run.recording.steps), run.ok or run.recording.broken_off)
    return CODES[run.result]


def _ask(variable: CustomVariable) -> str:
    """A custom pipeline's variable, asked for in the terminal."""
    choice = click.Choice(variable.allowed_values) if variable.allowed_values else None
    about = f" ({variable.description})" if variable.description else ""
    return str(click.prompt(f"{variable.name}{about}", type=choice))


def _begin(name: str) -> bool:
    """Whether what waits for a person is started, asked for in the terminal."""
    return click.confirm(f"{name!r} waits to be started by hand. Start it?", default=False)


def _write_stub(file: Path, names: tuple[str, ...]) -> int:
    from pipelinelab.errors import UsageError
    from pipelinelab.planning.preflight import env_stub

    if not names:
        click.echo("no variable is used that is not given")
    elif file.exists():
        raise UsageError(f"{file} is there already, and is not overwritten")
    else:
        file.write_text(env_stub(names))
        click.echo(f"{file}: {', '.join(names)}; fill it in, keep it out of git, and give --env-file {file}")
    return 0


def _what_next(run_id: str, kept: bool, ok: bool) -> None:
    if not ok:
        click.echo(f"\nwhy:          pipelinelab diagnose {run_id}")
    if kept:
        click.echo("look around:  pipelinelab shell        (its containers stay until the next replay)")
    click.echo(f"the record:   pipelinelab show {run_id}")
