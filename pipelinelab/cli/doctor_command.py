"""``pipelinelab doctor``: what is ready, what is not, and what to do."""

from __future__ import annotations

import dataclasses
import json
import os
import time

import click

from pipelinelab.setup.doctor import examine, fix, healthy


@click.command()
@click.option(
    "--fix", "mend", is_flag=True, help="Install and start the engine (as root on Debian or Ubuntu), build the images."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option("--platform", metavar="OS/ARCH", help="Look for the lab's images of this platform, as linux/arm64.")
def command(mend: bool, as_json: bool, platform: str | None) -> int:
    """Tell what is ready for a replay and what is not, each with the one thing to do about it.

    Exits with 0 where nothing is missing that a replay needs, else with 1.
    """
    if mend:
        began = time.monotonic()
        fix(os.environ, platform, lambda text: click.echo(f"[{time.monotonic() - began:6.1f} s] {text}", err=as_json))
    checks = examine(os.environ, platform)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(check) for check in checks], indent=2, ensure_ascii=False))
    else:
        for check in checks:
            mark = "ok" if check.ok else "MISSING" if check.needed else "note"
            click.echo(f"{mark:<8}{check.name:<12}{check.said}")
            if check.todo:
                click.echo(f"{'':<20}→ {check.todo}")
    return 0 if healthy(checks) else 1
