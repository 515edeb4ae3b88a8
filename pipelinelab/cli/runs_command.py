"""``pipelinelab runs``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("runs")
@click.argument("path", type=click.Path(path_type=Path), default=".")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def command(path: Path, as_json: bool) -> int:
    """List the recorded runs of the repository at PATH, oldest first."""
    from pipelinelab.cli.table import table
    from pipelinelab.errors import RecordingError
    from pipelinelab.recording import folder
    from pipelinelab.recording.frames import frame
    from pipelinelab.recording.summary import headline, seconds
    from pipelinelab.session.homes import Home
    from pipelinelab.system import git

    runs = Home(git.toplevel(path)).runs
    rows, records = [], []
    for run_id in folder.run_ids(runs):
        try:
            recording = folder.read(runs / run_id)
        except RecordingError as problem:
            click.echo(f"! {problem}", err=True)
            continue
        took = seconds(recording.seconds)
        rows.append((run_id, recording.commit[:12], took, headline(recording)))
        records.append({key: getattr(recording, key) for key in ("run_id", "parent_run", "source", "repo", "commit",
                        "pipeline", "result", "started_at", "seconds")})  # fmt: skip
    if as_json:
        click.echo(frame("runs", records).to_json(orient="records", date_format="iso", indent=1))
    elif rows:
        click.echo(table(("run", "commit", "took", "result"), rows, frozenset({2})))
    else:
        click.echo("no recorded runs yet; make one with: pipelinelab replay")
    return 0
