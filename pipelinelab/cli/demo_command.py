"""``pipelinelab demo``."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

RED, GREEN = "socket", "green"


@click.command("demo")
@click.option("--stack", default="founding", show_default=True, help="founding, django42 or django52.")
@click.option("--folder", type=click.Path(path_type=Path), default=Path(".pipelinelab/demo"), show_default=True,
              help="Where the sample's repositories are made.")  # fmt: skip
def command(stack: str, folder: Path) -> int:
    """Replay the founding pipeline twice: red, as it was on its first evening, and green, as it ended.

    Live where a Docker engine answers, else from the shipped recording of the same replay.
    """
    from pipelinelab.cli.live import terminal
    from pipelinelab.cli.table import commands_table
    from pipelinelab.recording.summary import lines
    from pipelinelab.session import engine as engines
    from pipelinelab.session import lab

    mode = engines.mode()
    if mode == "recorded":
        click.echo("No Docker engine answers here, so this shows the recording of the same replay.")
        click.echo("  → pipelinelab doctor --fix   says what is missing, and as root on Debian or Ubuntu mends it\n")
    results = []
    for state, wanted in ((RED, "failed"), (GREEN, "passed")):
        target = folder / state
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        lab.sample("django-mysql", state, target, stack)
        click.secho(f"\n━━ the founding pipeline, state {state!r} ({mode}) ━━", bold=True)
        run = lab.replay(target, engine=engines.available(), listeners=(terminal(),))
        click.echo()
        click.echo(commands_table(run.recording))
        click.echo("\n".join(lines(run.recording)))
        results.append(run.result == wanted)
    red = folder / RED
    click.echo(f"""
how to go on
  why it was red     pipelinelab diagnose -C {red}
  look around in it  pipelinelab shell -C {red}{"" if mode == "live" else "        (needs Docker)"}
  end its containers pipelinelab clean {red}
  the notebooks      make lab
  your own project   cd your/repository && pipelinelab check && pipelinelab replay
(these commands are in .venv/bin: source .venv/bin/activate)""")
    return 0 if all(results) else 3
