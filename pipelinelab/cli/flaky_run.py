"""``pipelinelab flaky run``: a campaign of plain processes or of a pipeline's step, here or on a Dask cluster."""

from __future__ import annotations

import contextlib
import secrets
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelinelab.cli.numbers import Number

if TYPE_CHECKING:
    from pipelinelab.session import campaign
    from pipelinelab.session.campaign import Campaign


@click.command("run", context_settings={"ignore_unknown_options": True})
@click.option("--step", metavar="NAME", default="", help="Replay this step of the pipeline in Docker, each time anew.")
@click.option("--pipeline", "-p", default="", help="Which pipeline has the step; else the one that a push starts.")
@click.option("--times", type=click.IntRange(1, 100_000), default=60, show_default=True, help="At most this many runs.")
@click.option("--shuffle/--no-shuffle", default=True, show_default=True, help="Each order twice, or the suite's own.")
@click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Runs at the same time.")
@click.option("--dask", metavar="ADDRESS", default="", help="A Dask scheduler whose workers make the runs.")
@click.option("--seed", type=click.IntRange(0), default=None, help="Draws every order and seed; else a new one.")
@click.option("--rate", type=Number(0.001, 0.9), default=0.1, show_default=True,
              help="Go on until a failure rate this high is ruled out or seen.")  # fmt: skip
@click.option("--timeout", type=Number(0.1), default=300.0, show_default=True, help="Seconds for one test.")
@click.option("--no-early-stop", is_flag=True, help="Make all the runs, whatever is known by then.")
@click.option("--resume", metavar="CAMPAIGN", default="", help="Go on with a campaign: its name, or last.")
@click.option("--directory", "-C", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".",
              help="The folder whose tests are run; each run has a fresh copy of it.")  # fmt: skip
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def run(
    step: str, pipeline: str, times: int, shuffle: bool, jobs: int, dask: str, seed: int | None, rate: float,
    timeout: float, no_early_stop: bool, resume: str, directory: Path, command: tuple[str, ...],
) -> int:  # fmt: skip
    """Run the tests many times, each from the same files, until every test has its verdict.

    COMMAND, after --, is pytest's or Django's; without it, manage.py's tests where there is one, else pytest's. They
    run as plain processes; with --step, in the step's own containers, each time with fresh files and services, and a
    test command whose tests fail does not end the step, so that its next test command runs too. Of other runners, as
    mocha or jest, the outcomes are read from their JUnit files or their output, which has to name the tests that pass
    (python -m unittest is given -v for that); their order is then their own.
    """
    from pipelinelab.cli.flaky_command import listing
    from pipelinelab.errors import UsageError
    from pipelinelab.flaky.ranking import rank
    from pipelinelab.session import campaign, step_campaign, test_process

    source = directory.resolve()
    if step and command:
        raise UsageError("a step brings its own commands", "give --step, or a command after --")
    if pipeline and not step:
        raise UsageError(f"which step of pipeline {pipeline!r}?", "name it with --step")
    asked = campaign.Campaign(
        command=() if step else command or _default(source), step=step, pipeline=pipeline, times=times, shuffle=shuffle,
        seed=secrets.randbelow(10**6) if seed is None else seed, rate=rate, timeout_s=timeout,
        commit=campaign.commit_of(source),
    )  # fmt: skip
    folder, asked = _resumed(source, resume) if resume else (None, asked)
    if asked.step:
        step_campaign.check(source, asked.step, asked.pipeline)
    archive = test_process.archive(source) if dask else b""
    with _executor(dask, jobs) as (executor, width), _bar() as tell:
        folder = folder or _begun(source, asked)
        click.echo(f"campaign {folder.name}, seed {asked.seed}: {asked.what}", err=True)
        submit = (step_campaign.submit if asked.step else campaign.processes)(source, asked, archive)
        try:
            frame = campaign.conduct(folder, executor, submit, jobs=width, tell=tell, early=not no_early_stop)
        except KeyboardInterrupt:
            kept = f"{len(campaign.done(folder))} of {asked.times} runs are kept"
            click.echo(f"{kept}; go on with: pipelinelab flaky run --resume {folder.name}", err=True)
            raise
    ranking = rank(frame, rate=asked.rate)
    click.echo(listing(ranking, ranking[ranking["verdict"] != "healthy"]))
    click.echo(f"{len(campaign.done(folder))} runs are kept in {_near(folder)}", err=True)
    return 0 if (ranking["verdict"] == "healthy").all() else 1


def _resumed(source: Path, name: str) -> tuple[Path, Campaign]:
    from pipelinelab.cli.flaky_command import base
    from pipelinelab.errors import UsageError
    from pipelinelab.session import campaign

    campaigns = base(source) / "campaigns"
    known = sorted(path.parent.name for path in campaigns.glob("*/campaign.json"))
    if not known or (name != "last" and name not in known):
        raise UsageError(f"there is no campaign {name!r} here", f"there are: {', '.join(known) or 'none'}")
    folder = campaigns / (known[-1] if name == "last" else name)
    return folder, campaign.load(folder)


def _begun(source: Path, asked: Campaign) -> Path:
    from datetime import UTC, datetime

    from pipelinelab.cli.flaky_command import base
    from pipelinelab.session import campaign
    from pipelinelab.session.homes import IGNORED

    campaigns = base(source) / "campaigns"
    folder = campaigns / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    campaign.create(folder, asked)
    with contextlib.suppress(OSError):
        ignore = campaigns.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text(IGNORED)
    return folder


def _default(source: Path) -> tuple[str, ...]:
    python = shutil.which("python") or sys.executable
    if (source / "manage.py").exists():
        return (python, "manage.py", "test")
    return (python, "-m", "pytest")


@contextlib.contextmanager
def _executor(dask: str, jobs: int) -> Iterator[tuple[Executor, int]]:
    """Threads here, since each run is processes of its own; or the workers of a Dask cluster, one run a thread."""
    if not dask:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(jobs) as executor:
            yield executor, jobs
        return
    from pipelinelab.errors import UsageError

    try:
        import distributed
    except ImportError:
        raise UsageError("--dask needs the package distributed", "pip install 'pipelinelab[dask]'") from None
    try:
        client: Any = getattr(distributed, "Client")(dask, timeout=10)  # noqa: B009 - it has no types
    except (OSError, ValueError, TimeoutError) as problem:
        raise UsageError(f"no Dask scheduler answers at {dask}: {problem}", "start one with: dask scheduler") from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise UsageError(f"the Dask scheduler at {dask} has no workers", f"start some: dask worker {dask}")
        yield client.get_executor(pure=False), max(jobs, threads)


@contextlib.contextmanager
def _bar() -> Iterator[Any]:
    """Progress and time left, on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("runs"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("")

        def tell(said: campaign.Progress) -> None:
            left = "" if said.unsettled is None else f"{said.unsettled} tests unsettled"
            bar.update(task, total=said.times, completed=said.done, description=left)

        yield tell


def _near(folder: Path) -> str:
    try:
        return str(folder.relative_to(Path.cwd()))
    except ValueError:
        return str(folder)
