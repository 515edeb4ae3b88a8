"""``pipelinelab clean``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("clean")
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--all", "everything", is_flag=True, help="Of every repository, not only the one at PATH.")
@click.option("--runs", "runs", is_flag=True, help="Remove the recorded runs, what their steps left, and caches too.")
@click.option("--caches", "caches", is_flag=True, help="Remove the caches that replays keep between them.")
def command(path: Path, everything: bool, runs: bool, caches: bool) -> int:
    """Remove what replays left standing: containers of kept steps and of replays that died. Runs that go on stay."""
    import shutil

    from pipelinelab.errors import UsageError
    from pipelinelab.session.engine import live
    from pipelinelab.session.homes import Home
    from pipelinelab.session.sweep import sweep
    from pipelinelab.system import git

    if everything and (runs or caches):
        raise UsageError("--all is for containers: the runs and caches are those of one repository", "leave out --all")
    home = None if everything else Home(git.toplevel(path))
    if home is not None and (runs or caches):
        kept = list(home.caches.iterdir()) if home.caches.is_dir() else []
        size = sum(one.stat().st_size for one in kept) / 1048576
        shutil.rmtree(home.caches, ignore_errors=True)
        count = len(kept)
        click.echo(f"removed {count} cache{'s' * (count != 1)}, {size:.1f} MiB" if kept else "no cache was kept")
    if home is not None and runs:
        for one in home.runs.glob("*"):
            if not home.active(one.name):
                shutil.rmtree(one, ignore_errors=True)
        shutil.rmtree(home.unfinished, ignore_errors=True)
        click.echo("removed the recorded runs, and what their steps left for --only-failed")
    counts = sweep(live(), home)
    total = sum(counts.values())
    click.echo(f"removed {total} container{'s' * (total != 1)}" if total else "nothing was left standing")
    return 0
