"""The calls of a notebook about flaky tests: run a suite many times, or read past reports; rank, chart, judge."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelinelab.errors import UsageError
from pipelinelab.session import campaign as campaigns
from pipelinelab.session import engine, past
from pipelinelab.session.campaign import Campaign, Progress
from pipelinelab.session.shipping import RECORD
from pipelinelab.session.watching import watched

if TYPE_CHECKING:
    import pandas as pd

    from pipelinelab.charts.chart import Chart
    from pipelinelab.flaky.gate import Gate

STORED = "tests.parquet"


class Outcomes:
    """The outcomes of tests over many runs: a ``tests`` frame, its ranking, and the charts of both."""

    def __init__(self, tests: pd.DataFrame, rate: float = 0.1) -> None:
        self.tests, self.rate = tests, rate

    @cached_property
    def ranking(self) -> pd.DataFrame:
        """The verdict on every test; columns as in ``flaky.ranking.RANKING``."""
        from pipelinelab.flaky.ranking import rank

        return rank(self.tests, rate=self.rate)

    @property
    def sick(self) -> pd.DataFrame:
        """The ranking of the tests that are not healthy: verdict, test, how often it failed and the reason."""
        found = self.ranking[self.ranking["verdict"] != "healthy"]
        return found[["verdict", "test", "failures", "runs", "reason"]].reset_index(drop=True)

    def then(self, later: Outcomes) -> Outcomes:
        """These runs and, after them, those of ``later``: a history over two states of the code."""
        import pandas as pd

        parts = [one.tests.assign(run_id=f"{n}-" + one.tests["run_id"]) for n, one in enumerate((self, later), 1)]
        return Outcomes(pd.concat(parts, ignore_index=True), self.rate)

    def heatmap(self) -> Chart:
        """Which test failed in which run, those that fail together side by side."""
        from pipelinelab import charts

        return charts.heatmap(self.tests)

    def ranked(self) -> Chart:
        """The failure rate of each test that is not healthy, with its interval."""
        from pipelinelab import charts

        return charts.ranked(self.ranking)

    def onsets(self) -> Chart:
        """When tests began to fail, or ceased to."""
        from pipelinelab import charts

        return charts.onsets(self.tests, self.ranking)

    def by_position(self, test: str) -> Chart:
        """Where in the order ``test`` stood when it failed and when it passed."""
        from pipelinelab import charts

        return charts.by_position(self.tests, test)

    def ran_after(self, test: str) -> Chart:
        """How often ``test`` fails after another test, and how often without it."""
        from pipelinelab import charts

        return charts.ran_after(self.tests, test)

    def durations(self, exact: bool = True) -> Chart:
        """The tests whose duration drifted most; ``exact`` False keeps seconds out of the sentence."""
        from pipelinelab import charts

        return charts.durations(self.tests, exact=exact)

    def gate(self, reports: str | os.PathLike[str]) -> Gate:
        """What stops a merge in the run whose reports are here, judged by this history. Raises UsageError where there
        are none that can be read."""
        from pipelinelab.flaky.gate import gate, streaks
        from pipelinelab.reports.case import TestCase

        problems: list[str] = []
        rows = list(past.gather(Path(reports), problems, apart=past.apart(self.tests), failures_do=True))
        if not rows:
            raise UsageError(f"{reports}: no test case could be read", "; ".join(problems))
        cases = [TestCase(row["suite"], row["test"], row["outcome"], message=row["message"]) for row in rows]
        return gate(cases, self.ranking, streaks(self.tests))

    def quarantine(self, form: str = "markdown", since: str = "", until: str = "") -> str:
        """The text of a quarantine file for the flaky tests, ``form`` "markdown" or "json"; dates in ISO form."""
        from pipelinelab.flaky import quarantine

        return quarantine.write(quarantine.proposed(self.ranking, since, until), form)

    def __repr__(self) -> str:
        counts = self.ranking["verdict"].value_counts()
        said = ", ".join(f"{counts[verdict]} {verdict}" for verdict in dict.fromkeys(self.ranking["verdict"]))
        return f"{len(self.ranking)} tests in {self.tests['run_id'].nunique()} runs: {said}"

    def _repr_html_(self) -> str:
        from pipelinelab.charts import theme

        head = "".join(f"<th style='text-align:left'>{one}</th>" for one in ("", "verdict", "test", "failed", "why"))
        rows = "".join(
            f"<tr><td>{theme.glyph(str(row['verdict']))}</td><td>{row['verdict']}</td>"
            f"<td style='text-align:left'>{escape(str(row['test']))}</td><td>{row['failures']} of {row['runs']}</td>"
            f"<td style='text-align:left'>{escape(str(row['reason']))}</td></tr>"
            for row in self.sick.head(theme.MOST_ROWS).to_dict("records")
        )
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
        return f"<div><strong>{escape(repr(self))}</strong>{table}</div>"


def outcomes(source: str | os.PathLike[str], commit: str = "", environment: str = "", pattern: str = "") -> Outcomes:
    """What past reports say: a folder with one folder or one file a run, a campaign's folder, or one report.

    ``pattern`` as for ``pipelinelab flaky import``. Raises UsageError where nothing can be read there."""
    from pipelinelab.recording.frames import frame

    path = Path(source)
    if (path / "campaign.json").exists():
        return Outcomes(_stored(path))
    problems: list[str] = []
    rows = list(past.gather(path, problems, commit=commit, environment=environment, pattern=pattern))
    if not rows:
        raise UsageError(f"{path}: no test case could be read", "; ".join(problems[:3]))
    return Outcomes(frame("tests", rows))


def campaign(
    path: str | os.PathLike[str] = ".", command: Sequence[str] = (), *, times: int = 60, seed: int | None = None,
    shuffle: bool = True, jobs: int = 2, step: str = "", pipeline: str = "", rate: float = 0.1,
    early: bool = True, environment: Mapping[str, str] | None = None,
) -> Outcomes:  # fmt: skip
    """Run the tests of the folder ``path`` many times, each from the same files, and give all outcomes.

    ``command`` is pytest's or Django's, run as plain processes; with ``step`` that step of the pipeline is replayed in
    Docker instead. Every order and every run's seed is drawn from ``seed``. Stops ``early`` once each test has its
    verdict at failure rate ``rate``. A campaign that was recorded with the same arguments over the same files is
    played where there is no Docker. Raises UsageError, or what a replay raises."""
    source = Path(path).resolve()
    default = ("python", "manage.py", "test") if (source / "manage.py").exists() else ("python", "-m", "pytest")
    asked = Campaign(
        command=() if step else tuple(command) or default, step=step, pipeline=pipeline, times=times, shuffle=shuffle,
        seed=secrets.randbelow(10**6) if seed is None else seed, rate=rate, commit=campaigns.commit_of(source),
        environment=dict(environment or {}),
    )  # fmt: skip
    if engine.mode() == "recorded" and (found := _recorded(asked)) is not None:
        return Outcomes(_stored(found), rate)
    with tempfile.TemporaryDirectory(prefix="pipelinelab-campaign-") as scratch, ThreadPoolExecutor(jobs) as pool:
        folder = Path(scratch) / f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        campaigns.create(folder, asked)
        with watched(f"running {asked.what} {asked.times} times") as watcher:
            tests = campaigns.conduct(
                folder, pool, _submit(source, asked), jobs=jobs, early=early, tell=lambda now: watcher.say(_words(now))
            )
        if prefix := os.environ.get(RECORD):
            _record(folder, tests, Path(prefix))
    return Outcomes(tests, rate)


def _words(now: Progress) -> str:
    settled = "" if now.unsettled is None else f"; tests without a verdict: {now.unsettled}"
    return f"{now.done} of at most {now.times} runs are done{settled}"


def _submit(source: Path, asked: Campaign) -> Any:
    if asked.step:
        from pipelinelab.session import step_campaign

        return step_campaign.submit(source, asked)
    # A notebook's kernel may run in an environment that is not first on the PATH.
    here = (sys.executable, *asked.command[1:]) if asked.command[0] == "python" else asked.command
    return campaigns.processes(source, replace(asked, command=here))


def _recorded(asked: Campaign) -> Path | None:
    """The folder of the shipped recording of just this campaign."""
    from pipelinelab.setup.places import data_dir

    for file in sorted((data_dir() / "recordings").glob("*/campaign.json")):
        if asdict(campaigns.load(file.parent)) == asdict(asked):
            return file.parent
    return None


def _record(folder: Path, tests: pd.DataFrame, prefix: Path) -> None:
    """A campaign's question and its outcomes, in one small file, beside the other recordings of ``prefix``."""
    target = prefix.with_name(f"{prefix.name}-{len(list(prefix.parent.glob(f'{prefix.name}-*'))) + 1:02}")
    target.mkdir(parents=True)
    shutil.copy(folder / "campaign.json", target)
    tests.to_parquet(target / STORED, index=False)


def _stored(folder: Path) -> pd.DataFrame:
    return past.load(folder / STORED) if (folder / STORED).exists() else campaigns.frame(folder)
