"""``pipelinelab check``: what is wrong in a bitbucket-pipelines.yml, where, and what to do."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import click

from pipelinelab import __version__
from pipelinelab.errors import UsageError
from pipelinelab.reading.problems import Reading
from pipelinelab.reading.read import read_text
from pipelinelab.reading.report import render, summary
from pipelinelab.system.files import MAX_READ, load_pipelines_bytes

DEFAULT = "bitbucket-pipelines.yml"


@click.command("check")
@click.argument("files", nargs=-1, metavar="[FILE]…")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="How the problems are written.",
)
@click.option("--fix", is_flag=True, help="Write the safe cures into the files, and show the diff.")
@click.option("--diff", "only_diff", is_flag=True, help="Show the diff of the safe cures, and write nothing.")
@click.option("--no-shellcheck", is_flag=True, help="Leave ShellCheck out.")
@click.option("--quiet", "-q", is_flag=True, help="Errors and warnings only, no hints.")
@click.option("--colour/--no-colour", default=None, help="Colours; by default where the output is a terminal.")
def command(
    files: Sequence[str], form: str, fix: bool, only_diff: bool, no_shellcheck: bool, quiet: bool, colour: bool | None
) -> int:
    """Check bitbucket-pipelines.yml files and say what is wrong, where, and what to do.

    FILE is a file, a folder that holds a bitbucket-pipelines.yml, or - for standard input; without any, the
    bitbucket-pipelines.yml of this repository. Exit code 0: no errors (warnings and hints there may be); 1: errors,
    which Bitbucket would refuse the file for; 2: a file that cannot be opened, or a wrong option.
    """
    readings: list[Reading] = []
    refused = False
    for name in files or [_nearest()]:
        try:
            path, data = _load(name)
        except UsageError as problem:
            refused = True
            click.echo(f"error: {problem}" + (f"\n  → {problem.hint}" if problem.hint else ""), err=True)
            continue
        reading = read_text(data, path)
        if fix or only_diff:
            reading = _cured(reading, data, path, write=fix and name != "-", out=form != "text")
        readings.append(reading if no_shellcheck or quiet else _with_shellcheck(reading))
    if quiet:
        readings = [_without_hints(one) for one in readings]
    _write(readings, form, sys.stdout.isatty() and "NO_COLOR" not in os.environ if colour is None else colour)
    return 2 if refused else int(any(one.errors for one in readings))


def _nearest() -> str:
    """The file here, or the nearest in a folder above, up to the repository's own; the name where there is none."""
    place = ""
    while not os.path.exists(place + DEFAULT):  # noqa: PTH110 - pathlib starts slower
        if os.path.exists(place + ".git") or os.path.abspath(place or ".") == os.path.abspath(place + ".."):  # noqa: PTH100, PTH110
            return DEFAULT
        place += "../"
    return place + DEFAULT


def _load(name: str) -> tuple[str, bytes]:
    if name == "-":
        return "<stdin>", sys.stdin.buffer.read(MAX_READ)
    path = os.path.join(name, DEFAULT) if os.path.isdir(name) else name  # noqa: PTH112, PTH118 - pathlib starts slower
    return path, load_pipelines_bytes(path)


def _with_shellcheck(reading: Reading) -> Reading:
    from pipelinelab.reading.shellcheck_hints import scripts, with_hints
    from pipelinelab.system.shellcheck import run_shellcheck

    asked = scripts(reading)
    if not asked:
        return reading
    answers = run_shellcheck([one.text for one in asked])
    return reading if answers is None else with_hints(reading, asked, answers)


def _without_hints(reading: Reading) -> Reading:
    from dataclasses import replace

    return replace(reading, problems=reading.errors + reading.warnings)


def _cured(reading: Reading, data: bytes, path: str, write: bool, out: bool) -> Reading:
    from pipelinelab.reading.cured import cured
    from pipelinelab.reading.edits import diff
    from pipelinelab.system.files import save_bytes

    after = cured(reading)
    changes = diff(reading.text, after.text, path)
    if changes:
        click.echo(changes, err=out)
    if write and changes:
        mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
        save_bytes(path, mark + after.text.encode("utf-8"))
    return after if write else reading


def _write(readings: Sequence[Reading], form: str, colour: bool) -> None:
    if form != "text":
        from pipelinelab.reading.formats import as_github, as_json, as_sarif

    if form == "json":
        click.echo(as_json(readings), nl=False)
    elif form == "sarif":
        click.echo(as_sarif(readings, __version__), nl=False)
    elif form == "github":
        click.echo(as_github(readings), nl=False)
    else:
        for one in readings:
            if one.problems:
                click.echo(render(one, colour=colour), nl=False, color=colour)
            else:
                click.echo(f"{one.file}: {summary(one.problems)}")
        if any(one.problems for one in readings):
            code = next(one.problems[0].code for one in readings if one.problems)
            click.echo(f"(pipelinelab explain {code} tells the whole story of a code)")
