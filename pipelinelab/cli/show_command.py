"""``pipelinelab show``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("show")
@click.argument("run_id", default="last")
@click.option("-C", "path", type=click.Path(path_type=Path), default=".", help="The repository.")
@click.option("--frame", "name", help="One frame: runs, steps, commands, output, services, resources, tests …")
@click.option("--log", "log", is_flag=True, help="The steps' logs, as they were printed.")
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--export", type=click.Path(path_type=Path), metavar="FOLDER",
              help="Write every frame there, as CSV or, with --parquet, as Parquet.")  # fmt: skip
@click.option("--parquet", is_flag=True, help="With --export: Parquet files.")
def command(
    run_id: str, path: Path, name: str | None, log: bool, form: str, as_json: bool, export: Path | None, parquet: bool
) -> int:
    """Show a recorded run: RUN_ID, an unambiguous part of one, or ``last``."""
    from pipelinelab.cli.table import commands_table
    from pipelinelab.errors import UsageError
    from pipelinelab.recording import folder
    from pipelinelab.recording.frames import frames
    from pipelinelab.recording.summary import lines
    from pipelinelab.session.homes import Home
    from pipelinelab.system import git

    form = "json" if as_json else form
    recording = folder.read(folder.find(Home(git.toplevel(path)).runs, run_id))
    if log:
        for step in recording.steps:
            click.echo(f"── step {step.index}: {step.name}")
            click.echo(step.text.replace("\x1d", ""), nl=False)
        return 0
    every = frames(recording)
    if name is not None and name not in every:
        raise UsageError(f"there is no frame {name!r}", f"there are: {', '.join(every)}")
    if export is not None:
        export.mkdir(parents=True, exist_ok=True)
        for key, one in every.items():
            target = export / f"{key}.{'parquet' if parquet else 'csv'}"
            one.to_parquet(target) if parquet else one.to_csv(target, index=False)
            click.echo(f"{target}: {len(one)} rows")
    elif name is None and form == "text":
        click.echo(commands_table(recording))
        click.echo("\n".join(lines(recording)))
    elif form == "json":
        chosen = {key: one for key, one in every.items() if name in (None, key)}
        parts = [f'"{key}": {one.to_json(orient="records", date_format="iso")}' for key, one in chosen.items()]
        click.echo("{" + ",\n".join(parts) + "}")
    else:
        table = every[name or "commands"]
        click.echo(table.to_csv(index=False) if form == "csv" else table.to_string(), nl=form != "csv")
    return 0
