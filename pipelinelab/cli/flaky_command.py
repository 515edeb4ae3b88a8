"""``pipelinelab flaky``: run a suite many times, rank its tests, gate a merge, chart it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelinelab.cli.flaky_run import run
from pipelinelab.cli.numbers import Number

if TYPE_CHECKING:
    import pandas as pd

    from pipelinelab.flaky.quarantine import Quarantined

HERE = click.option("--directory", "-C", type=click.Path(path_type=Path), default=".", help="The repository.")
SOURCE = click.option(
    "--from", "source", type=click.Path(path_type=Path, exists=True), default=None,
    help="A campaign's folder, a folder of reports or one report; else all that is known of the repository.",
)  # fmt: skip
RATE = click.option("--rate", type=Number(0.001, 0.9), default=0.1, show_default=True,
                    help="Healthy means: a failure rate this high is ruled out.")  # fmt: skip
CHARTS = ("heatmap", "ranking", "onset", "position", "after", "durations")


@click.group("flaky")
def command() -> None:
    """Find the tests that fail sometimes, and say in which way and how sure that is."""


command.add_command(run)


def base(directory: Path) -> Path:
    """The lab's folder of the repository that holds the directory, or of the directory itself."""
    from pipelinelab.errors import PipelinelabError
    from pipelinelab.system import git

    try:
        return git.toplevel(directory) / ".pipelinelab"
    except PipelinelabError:
        return directory.resolve() / ".pipelinelab"


def outcomes(directory: Path, source: Path | None) -> pd.DataFrame:
    """The ``tests`` frame that was asked for. Raises UsageError where nothing is known."""
    import pandas as pd

    from pipelinelab.errors import UsageError
    from pipelinelab.recording.frames import frame
    from pipelinelab.session import campaign, past

    if source is not None and (source / "campaign.json").exists():
        return campaign.frame(source)
    if source is not None and source.suffix == ".parquet":
        return past.load(source)
    if source is not None:
        problems: list[str] = []
        found = frame("tests", past.gather(source, problems))
        _warn(problems)
        return found
    home = base(directory)
    parts = [past.load(home / "history" / "tests.parquet")]
    for folder in sorted((home / "campaigns").glob("*/campaign.json")):
        made = campaign.frame(folder.parent)
        parts.append(made.assign(run_id=folder.parent.name + "/" + made["run_id"]))
    whole = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    if not len(whole):
        hint = "run them many times: pipelinelab flaky run; or read past reports: pipelinelab flaky import"
        raise UsageError("nothing is known of this repository's tests yet", hint)
    return whole


def _warn(problems: list[str]) -> None:
    for problem in problems:
        click.echo(f"! {problem}", err=True)


@command.command("import")
@click.argument("reports", type=click.Path(path_type=Path, exists=True))
@click.option("--commit", default="", help="The commit that was tested.")
@click.option("--environment", default="", help="A name for where it was tested.")
@click.option(
    "--pattern", default="", help="A regular expression over each path, with groups run, commit, environment."
)
@HERE
def import_(reports: Path, commit: str, environment: str, pattern: str, directory: Path) -> int:
    """Read past CI reports into the history; each folder in REPORTS, or each file, is a run."""
    from pipelinelab.errors import UsageError
    from pipelinelab.recording.frames import frame
    from pipelinelab.session import past

    problems: list[str] = []
    history = base(directory) / "history" / "tests.parquet"
    found = frame("tests", past.gather(reports, problems, commit=commit, environment=environment, pattern=pattern,
                                       apart=past.apart(past.load(history))))  # fmt: skip
    _warn(problems)
    if not len(found):
        raise UsageError(f"{reports}: no test case could be read", "see what is said above of each file")
    new, replaced = past.add(history, found)
    again = f", {replaced} replaced" if replaced else ""
    click.echo(f"{len(found)} outcomes of {new + replaced} runs: {new} new{again}")
    return 1 if problems else 0


@command.command("rank")
@SOURCE
@RATE
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.option("--all", "everything", is_flag=True, help="Healthy tests too.")
@HERE
def rank_(source: Path | None, rate: float, form: str, everything: bool, directory: Path) -> int:
    """The verdict on every test, with its failure rate's interval and the reason."""
    from pipelinelab.flaky.ranking import rank

    ranking = rank(outcomes(directory, source), rate=rate)
    shown = ranking if everything or form != "text" else ranking[ranking["verdict"] != "healthy"]
    if form == "json":
        click.echo(shown.to_json(orient="records", indent=1, force_ascii=False))
    elif form == "csv":
        click.echo(shown.to_csv(index=False), nl=False)
    else:
        click.echo(listing(ranking, shown))
    return 0


def listing(ranking: pd.DataFrame, shown: pd.DataFrame) -> str:
    """The ranking for a terminal: a line a test, then how many of each verdict."""
    from pipelinelab.charts import theme

    lines = []
    for row in shown.to_dict("records"):
        word = f"{row['verdict']} ({row['kind']})" if isinstance(row["kind"], str) and row["kind"] else row["verdict"]
        span = f"{100 * row['low']:.1f}–{100 * row['high']:.1f} %"
        lines.append(f"{theme.glyph(str(row['verdict']))} {word}: {row['suite']}::{row['test']}  [{span}]")
        lines.append(
            f"    {row['reason']}" + (f"; {row['more_runs']} more runs would tell" if row["more_runs"] else "")
        )
    counts = ranking["verdict"].value_counts()
    said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in dict.fromkeys(ranking["verdict"]))
    return "\n".join([*lines, f"{len(ranking)} tests: {said}"])


@command.command("gate")
@click.argument("reports", type=click.Path(path_type=Path, exists=True))
@SOURCE
@click.option("--quarantine", type=click.Path(path_type=Path), default=None,
              help="The quarantine file; .pipelinelab/quarantine.json or .md where there is one.")  # fmt: skip
@HERE
def gate_(reports: Path, source: Path | None, quarantine: Path | None, directory: Path) -> int:
    """Judge a run by its REPORTS: exit 1 only for failures that are new or not known to be flaky."""
    from pipelinelab.errors import UsageError
    from pipelinelab.flaky.gate import gate, streaks
    from pipelinelab.flaky.ranking import rank
    from pipelinelab.recording.frames import frame
    from pipelinelab.reports.case import TestCase
    from pipelinelab.session import past

    problems: list[str] = []
    try:
        history = outcomes(directory, source)
    except UsageError:
        history = frame("tests", [])
    # A quiet log will do here: the gate asks for the failures, and those it names.
    listed = list(past.gather(reports, problems, apart=past.apart(history), failures_do=True))
    _warn(problems)
    if not listed:
        raise UsageError(f"{reports}: no test case could be read", "the gate stays shut where nothing was tested")
    cases = [TestCase(row["suite"], row["test"], row["outcome"], message=row["message"]) for row in listed]
    verdict = gate(cases, rank(history), streaks(history), *_quarantined(directory, quarantine))
    for mark, some in (("✗", verdict.stops), ("≈", verdict.known)):
        for one in some:
            first = one.case.message.partition("\n")[0]
            click.echo(f"{mark} {one.case.suite}::{one.case.test}\n    {one.why}" + (f"\n    {first}" if first else ""))
    for case in verdict.healed:
        click.echo(f"↻ {case.suite}::{case.test}\n    failed, and passed when run again")
    if verdict.whole:
        click.echo("! most of the run failed: look for a cause outside of the tests first")
    passed = "open" if verdict.open else "shut"
    click.echo(f"{passed}: {verdict.tests} tests, {len(verdict.stops)} failures that count, {len(verdict.known)} known")
    return 0 if verdict.open and not problems else 1


def _quarantined(directory: Path, file: Path | None) -> tuple[tuple[Quarantined, ...], tuple[Quarantined, ...]]:
    """The tests that are in quarantine today, and those whose time in it is over."""
    from pipelinelab.errors import UsageError
    from pipelinelab.flaky import quarantine

    named = [file] if file else [base(directory) / "quarantine.json", base(directory) / "quarantine.md"]
    found = next((one for one in named if one.is_file()), None)
    if found is None:
        if file is not None:
            raise UsageError(f"{file}: there is no such file")
        return (), ()
    today = datetime.now(UTC).date().isoformat()
    listed = quarantine.read(found.read_text(encoding="utf-8"), str(found))
    return quarantine.standing(listed, today), quarantine.expired(listed, today)


@command.command("quarantine")
@SOURCE
@RATE
@click.option("--format", "form", type=click.Choice(["json", "markdown"]), default="json", show_default=True)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), default=None,
              help="The day, as 2030-12-31, after which they stop a merge again.")  # fmt: skip
@HERE
def quarantine_(source: Path | None, rate: float, form: str, until: datetime | None, directory: Path) -> int:
    """Write a quarantine of the tests that are flaky to standard output."""
    from pipelinelab.flaky import quarantine
    from pipelinelab.flaky.ranking import rank

    found = quarantine.proposed(rank(outcomes(directory, source), rate=rate),
                                datetime.now(UTC).date().isoformat(), f"{until:%Y-%m-%d}" if until else "")  # fmt: skip
    click.echo(quarantine.write(found, form), nl=False)
    return 0


@command.command("chart")
@click.argument("kind", type=click.Choice(CHARTS))
@click.argument("output", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--test", default="", help="The test (suite::test), for position and after.")
@SOURCE
@HERE
def chart_(kind: str, output: Path, test: str, source: Path | None, directory: Path) -> int:
    """Draw a chart to OUTPUT, a .png or .svg, and say in a sentence what it shows."""
    from pipelinelab import charts
    from pipelinelab.errors import UsageError
    from pipelinelab.flaky.ranking import rank

    if kind in ("position", "after") and not test:
        raise UsageError(f"which test? {kind} is about one", "name it with --test suite::test")
    if output.suffix.lower() not in (".png", ".svg"):
        raise UsageError(f"{output}: a chart is saved as .png or .svg")
    frame = outcomes(directory, source)
    if kind in ("ranking", "onset"):
        ranking = rank(frame)
        made = charts.ranked(ranking) if kind == "ranking" else charts.onsets(frame, ranking)
    elif kind in ("position", "after"):
        made = (charts.by_position if kind == "position" else charts.ran_after)(frame, test)
    else:
        made = (charts.heatmap if kind == "heatmap" else charts.durations)(frame)
    try:
        made.save(output)
    except OSError as problem:
        raise UsageError(f"{output}: cannot be written: {problem.strerror}") from None
    click.echo(repr(made))
    return 0
