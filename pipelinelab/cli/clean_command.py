"""``pipelinelab clean``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("clean")
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--all", "everything", is_flag=True, help="Of every repository, not only the one at PATH.")
@click.option("--runs", "runs", is_flag=True, help="Remove the recorded runs and caches too.")
def command(path: Path, everything: bool, runs: bool) -> int:
    """Remove what replays left standing: containers of kept steps and of replays that died. Runs that go on stay."""
    import shutil

    from pipelinelab.session.engine import live
    from pipelinelab.session.homes import Home
    from pipelinelab.session.sweep import sweep
    from pipelinelab.system import git

    home = None if everything else Home(git.toplevel(path))
    counts = sweep(live(), home)
    total = sum(counts.values())
    click.echo(f"removed {total} container{'s' * (total != 1)}" if total else "nothing was left standing")
    if runs and home is not None:
        going_on = [one for one in home.runs.glob("*") if home.active(one.name)]
        for one in home.runs.glob("*"):
            if one not in going_on:
                shutil.rmtree(one, ignore_errors=True)
        shutil.rmtree(home.caches, ignore_errors=True)
        click.echo("removed the recorded runs and caches")
    return 0
