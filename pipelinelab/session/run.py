"""A run as its user sees it: frames, the failing command, the kept step."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pipelinelab.errors import UsageError
from pipelinelab.recording import folder as folders
from pipelinelab.recording.frames import frames
from pipelinelab.recording.records import CommandRecord, Recording, StepRecord
from pipelinelab.recording.summary import headline

if TYPE_CHECKING:
    import pandas as pd

    from pipelinelab.charts.chart import Chart
    from pipelinelab.engines.base import Engine
    from pipelinelab.session.asked import Asked
    from pipelinelab.session.kept import KeptStep


class Run:
    """A recorded run. Every frame is an attribute: ``runs``, ``steps``, ``commands``, ``output``, ``services``,
    ``resources``, ``tests``, ``artifacts``, ``caches``; their columns are in ``pipelinelab.events.columns``. ``asked``
    is how it was asked for, with its secrets, where it was replayed in this process; else None."""

    def __init__(self, folder: Path, engine: Engine | None = None, asked: Asked | None = None) -> None:
        self.folder = folder.resolve()
        self._live = engine
        self.asked = asked

    def _engine(self) -> Engine:
        if self._live is None:
            from pipelinelab.session.engine import live

            self._live = live()
        return self._live

    @cached_property
    def recording(self) -> Recording:
        """Everything that was recorded, as frozen values."""
        return folders.read(self.folder)

    @cached_property
    def _frames(self) -> dict[str, pd.DataFrame]:
        return frames(self.recording)

    @property
    def runs(self) -> pd.DataFrame:
        return self._frames["runs"]

    @property
    def steps(self) -> pd.DataFrame:
        return self._frames["steps"]

    @property
    def commands(self) -> pd.DataFrame:
        return self._frames["commands"]

    @property
    def output(self) -> pd.DataFrame:
        return self._frames["output"]

    @property
    def services(self) -> pd.DataFrame:
        return self._frames["services"]

    @property
    def resources(self) -> pd.DataFrame:
        return self._frames["resources"]

    @property
    def tests(self) -> pd.DataFrame:
        return self._frames["tests"]

    @cached_property
    def errors(self) -> pd.DataFrame:
        """The errors that tools printed: tracebacks, compilers, test runners, databases, shells."""
        from pipelinelab.diagnosis.errors import errors_in
        from pipelinelab.diagnosis.export import errors_rows
        from pipelinelab.recording.frames import frame

        return frame("errors", errors_rows(errors_in(self.recording), self.run_id))

    @property
    def artifacts(self) -> pd.DataFrame:
        return self._frames["artifacts"]

    @property
    def caches(self) -> pd.DataFrame:
        return self._frames["caches"]

    @property
    def run_id(self) -> str:
        return self.recording.run_id

    @property
    def result(self) -> str:
        """passed, failed, stopped or lost."""
        return self.recording.result

    @property
    def ok(self) -> bool:
        return self.recording.result == "passed"

    @property
    def failing(self) -> tuple[StepRecord, CommandRecord] | None:
        """The step and the command that made the run red, if a command did."""
        step = self.recording.red_step
        return (step, step.failing) if step is not None and step.failing is not None else None

    def forget(self) -> None:
        """Read the recording anew when it is next asked for: something was added to it."""
        self.__dict__.pop("recording", None)
        self.__dict__.pop("_frames", None)

    def kept(self, number: int | None = None) -> KeptStep:
        """The failed step's standing containers, or those of step ``number``. Raises UsageError where no step failed,
        EngineError where they are gone."""
        from pipelinelab.session.kept import reopen

        step = self.recording.red_step
        if number is not None:
            step = next((one for one in self.recording.steps if one.index == number), None)
        if step is None:
            raise UsageError(f"run {self.run_id} has no failed step, so nothing was kept")
        return reopen(self._engine(), self.folder, self.recording, step)

    def __repr__(self) -> str:
        return headline(self.recording)

    def _repr_html_(self) -> str:
        from pipelinelab.recording.html import recording_html

        return recording_html(self.recording)

    def timeline(self, exact: bool = True) -> Chart:
        """The steps and commands over time; ``exact`` False speaks of order and coarse shares instead of seconds."""
        from pipelinelab.charts.timeline import timeline

        return timeline(self.steps, self.commands, exact=exact)
