"""The command line: one thin module a command, imported only when it is called, so that every command starts fast."""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
from pathlib import Path

import click

from pipelinelab import __version__
from pipelinelab.errors import PipelinelabError

COMMANDS = {
    "fix": "Write a cure of a red run to the working tree.",
    "diagnose": "Tell why a pipeline is red: from a log, or from a recorded run.",
    "rules": "List the diagnosis rules; --test runs their examples.",
    "demo": "Replay the founding pipeline, red and then green.",
    "flaky": "Find the tests that fail sometimes: run many times, rank, gate, chart.",
    "images": "Build, list or remove the lab's images.",
    "doctor": "Tell what is ready and what is missing for a replay; --fix sets it up.",
    "clean": "Remove what replays left standing.",
    "replay": "Replay a pipeline in Docker, every command a row.",
    "runs": "List the recorded runs.",
    "sample": "Make a sample project whose pipeline is broken in a known way.",
    "shell": "Sit down in a failed step's containers.",
    "show": "Show a recorded run; export its frames.",
    "check": "Check bitbucket-pipelines.yml files and say what is wrong, where, and what to do.",
    "explain": "Tell the whole story of a problem code or a diagnosis rule.",
    "list": "List the pipelines of a file, which one a push would start, and its plan.",
}


_THE_MACHINES = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOTDIR,
                 errno.EISDIR, errno.EEXIST, errno.ENAMETOOLONG}  # fmt: skip
"""Errors of the system's that are no mistake of ours: a place that cannot be read or written."""


class LazyGroup(click.Group):
    """A group whose commands live in modules of the same name, imported on use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"pipelinelab.cli.{cmd_name.replace('-', '_')}_command")
        command: click.Command = module.command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Whoever reads no more, as head does, has what it wanted: that is no failure of the command's."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            _say_no_more()
            ctx.exit(141)
        return result

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pipelinelab")
def group() -> None:
    """Find out why a Bitbucket pipeline is red.

    Exit codes: 0 green, 1 red or problems found, 2 usage or a file Bitbucket would refuse, 3 the lab itself failed,
    130 stopped.
    """


def main(argv: list[str] | None = None) -> int:
    """Run the command line; returns or exits with the codes that ``group`` names."""
    try:
        _sound_streams()
        result = group.main(args=argv, prog_name="pipelinelab", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except click.ClickException as problem:
        problem.show()
        sys.exit(2)
    except PipelinelabError as problem:
        if report := getattr(problem, "report", ""):
            click.echo(report, err=True)
        click.echo(f"error: {problem}", err=True)
        if problem.hint:
            click.echo(f"  → {problem.hint}", err=True)
        sys.exit(problem.exit_code)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
        sys.exit(130)
    except Exception as problem:
        if isinstance(problem, OSError) and problem.errno in _THE_MACHINES:
            where = f"{problem.filename}: " if problem.filename else ""
            click.echo(f"error: {where}{problem.strerror}", err=True)
            _say_no_more()
            sys.exit(3)
        if isinstance(problem, FileNotFoundError) and problem.filename is None:  # os.getcwd's own
            click.echo("error: the folder you are in is gone", err=True)
            sys.exit(2)
        _crashed(problem)
        sys.exit(3)
    sys.exit(result if isinstance(result, int) else 0)


def _sound_streams() -> None:
    """A stream that the caller closed is nothing to read or write; and a terminal that lacks a letter gets another."""
    for name, way in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(way))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _say_no_more() -> None:
    """What is still to be flushed at the end of the process goes nowhere: where it should go, nothing fits or nobody
    reads."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _crashed(problem: Exception) -> None:
    """A mistake of ours: one line for the user, the traceback in a file for whoever mends it."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="pipelinelab-crash-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        file.write("".join(traceback.format_exception(problem)))
    click.echo(f"error: a mistake in pipelinelab itself: {type(problem).__name__}: {problem}", err=True)
    click.echo(f"  → please report it with {file.name}", err=True)
