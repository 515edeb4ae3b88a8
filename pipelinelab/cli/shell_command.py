"""``pipelinelab shell``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("shell")
@click.argument("run_id", default="last")
@click.option("-C", "path", type=click.Path(path_type=Path), default=".", help="The repository.")
@click.option("-c", "line", help="Run this and leave, instead of sitting down.")
@click.option("--service", help="In this service's container instead of the build container.")
def command(run_id: str, path: Path, line: str | None, service: str | None) -> int:
    """Sit down in a failed step's containers: its variables set, its services up, the clone as the step left it."""
    import os
    import shutil
    import sys

    from pipelinelab.errors import UsageError
    from pipelinelab.recording import folder
    from pipelinelab.session.homes import Home
    from pipelinelab.session.kept import shell_argv
    from pipelinelab.session.run import Run
    from pipelinelab.system import git

    home = Home(git.toplevel(path))
    kept = Run(folder.find(home.runs, run_id)).kept()
    if line is not None:
        said = kept.run(line, service or "build")
        click.echo(said.output, nl=not said.output.endswith("\n"))
        return said.exit_code
    docker = shutil.which("docker")
    if docker is None:
        raise UsageError("sitting down needs the docker command", "or run single commands with -c")
    click.echo(f"step {kept.record.index} {kept.record.name!r} as it failed; leave with exit or Ctrl-D", err=True)
    terminal = ["-it"] if sys.stdin.isatty() else ["-i"]
    argv = ["docker", "exec", *terminal, *shell_argv(kept, service or "build")]
    return os.spawnv(os.P_WAIT, docker, argv)
