"""``pipelinelab images build | list | remove``: the lab's own images."""

from __future__ import annotations

import json
import time

import click

from pipelinelab.setup import catalogue
from pipelinelab.setup.connect import connect
from pipelinelab.setup.images import build_images, image_states, remove_images
from pipelinelab.setup.places import images_dir


@click.group()
def command() -> None:
    """Build, list or remove the lab's images."""


@command.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--rebuild", is_flag=True, help="Build from scratch, even what is up to date.")
@click.option("--platform", metavar="OS/ARCH", help="For this platform, as linux/arm64; else the engine's own.")
def build(names: tuple[str, ...], rebuild: bool, platform: str | None) -> None:
    """Build the lab's images (all, or those named) where they are missing or their Dockerfile changed.

    They stand on Debian images, which are pulled where a registry answers and bootstrapped where none does.
    """
    recipes, images, client = catalogue.choose(names), images_dir(), connect()
    began = time.monotonic()

    def progress(text: str) -> None:
        click.echo(f"[{time.monotonic() - began:6.1f} s] {text}")

    built = build_images(client, recipes, images, rebuild=rebuild, platform=platform, progress=progress)
    made, fresh = (sum(image.how == how for image in built) for how in ("built", "up to date"))
    click.echo(f"{made} built, {fresh} up to date, in {time.monotonic() - began:.1f} s")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    """List the lab's images: ready, outdated (the Dockerfile changed) or missing."""
    states = image_states(connect(), images_dir())
    if as_json:
        rows = [{"image": state.recipe.reference, "state": state.state, "id": state.id,
                 "size_mib": round(state.size_mib, 1), "about": state.recipe.about} for state in states]  # fmt: skip
        click.echo(json.dumps(rows, indent=2))
        return
    for state in states:
        size = f"{state.size_mib:5.0f} MiB" if state.id else " " * 9
        click.echo(f"{state.recipe.reference:<32} {state.state:<9} {size}  {state.recipe.about}")


@command.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--bases", is_flag=True, help="The Debian images that they stand on, too.")
def remove(names: tuple[str, ...], bases: bool) -> None:
    """Remove the lab's images (all, or those named) from the engine."""
    removed, in_use = remove_images(connect(), catalogue.choose(names), bases)
    for tag in removed:
        click.echo(f"removed {tag}")
    for tag in in_use:
        click.echo(f"kept {tag}: a container uses it (`pipelinelab clean` removes the lab's containers)", err=True)
    if not removed and not in_use:
        click.echo("nothing to remove")
