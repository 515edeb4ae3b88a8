"""The runs of a campaign as replays of one step: a fresh clone, a fresh container and fresh services each time, so
that files and database are the same at every start.

A replay needs nothing of the one before it and leaves nothing: it has a scratch folder of its own for what it records,
and no cache. So runs go side by side, and on a Dask cluster each worker asks the engine of its own machine.

A step may have several test commands. In a campaign a test that fails does not fail its command, so that the next one
runs as well, from the state that a green one would have left; whatever else fails still ends the step.
"""

from __future__ import annotations

import io
import re
import tarfile
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from pipelinelab import reports
from pipelinelab.engines.base import Engine
from pipelinelab.errors import UsageError
from pipelinelab.flaky.campaign import Run
from pipelinelab.masking.mask import Masker, patterns
from pipelinelab.planning.context import Options
from pipelinelab.planning.plan import CLONE_DIR, Plan, StepPlan
from pipelinelab.recording.folder import read
from pipelinelab.recording.records import StepRecord
from pipelinelab.reports import TestCase, quiet
from pipelinelab.session import hooks
from pipelinelab.session.asked import Asked
from pipelinelab.session.campaign import Campaign
from pipelinelab.session.configured import configured
from pipelinelab.session.handover import OUTCOMES
from pipelinelab.session.homes import Home
from pipelinelab.session.hooks import Part
from pipelinelab.session.perform import Job, images_of, perform
from pipelinelab.session.replay import Ready, plan

HOOKS_AT = "/opt/pipelinelab/hooks"
OUTCOMES_AT = f"{CLONE_DIR}/test-reports/{OUTCOMES}"
SCRATCH = "pipelinelab-step-"
_TAIL = 200
_UNITTEST = re.compile(r"(?<![\w-])-m\s+unittest(?:\s+discover)?(?![\w.-])")
_making = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class StepTask:
    """A run to make: the step named ``step`` of the repository at ``source``, or in the tar ``archive``, which goes to
    other machines. ``timeout_s`` is how long one test may take."""

    step: str
    run: Run
    pipeline: str = ""
    source: str = ""
    archive: bytes = field(default=b"", repr=False)
    timeout_s: float = 300.0


def submit(source: Path, campaign: Campaign, archive: bytes = b"") -> Callable[[Executor, Run], Any]:
    """How a run of the campaign's step is handed to an executor, for ``campaign.conduct``."""

    def handed(executor: Executor, made: Run) -> Any:
        return executor.submit(run_step, StepTask(
            step=campaign.step, pipeline=campaign.pipeline, run=made, source="" if archive else str(source),
            archive=archive, timeout_s=campaign.timeout_s,
        ))  # fmt: skip

    return handed


def check(source: Path, step: str, pipeline: str = "") -> Ready:
    """The plan of the one step. Raises UsageError or FileRefused for what could not be replayed, before anything is."""
    return plan(source, _asked(source, step, pipeline))


def run_step(task: StepTask, engine: Engine | None = None) -> tuple[Part, ...]:
    """Make the run: one part, or more where a test ended its process and the rest went on in another container.

    Raises UsageError where the step cannot be replayed, EngineError and its kin where the lab fails."""
    engine = engine or _docker()
    with tempfile.TemporaryDirectory(prefix=SCRATCH, ignore_cleanup_errors=True) as name:
        source = Path(task.source)
        if task.archive:
            source = Path(name) / "repository"
            with tarfile.open(fileobj=io.BytesIO(task.archive)) as tar:
                tar.extractall(source, filter="tar")

        def once(run: Run) -> Part:
            with tempfile.TemporaryDirectory(dir=name, ignore_cleanup_errors=True) as place:
                return _once(replace(task, run=run), source, engine, Path(place))

        return hooks.whole(task.run, once)


def _once(task: StepTask, source: Path, engine: Engine, place: Path) -> Part:
    asked = _asked(source, task.step, task.pipeline)
    files = {f"{HOOKS_AT.lstrip('/')}/{name}": (data, 0o644) for name, data in hooks.files(task.run).items()}
    settings = replace(asked.settings, keep=False, container_files={**asked.settings.container_files, **files})
    with _making:  # git's own lock on the index is not waited for
        ready = plan(source, asked)
    home = Home(ready.root, elsewhere=place)
    home.make()
    job = Job(plan=_hooked(ready.plan, task), repo=ready.repo, home=home, engine=engine, settings=settings,
              images=images_of(ready.plan, engine, settings), worktree=True)  # fmt: skip
    recording = read(perform(job))
    step = next((one for one in recording.steps if one.started_at is not None), None)
    if step is None or step.result in ("stopped", "lost"):
        why = step.skipped_why if step else next((one.skipped_why for one in recording.steps if one.skipped_why), "")
        raise UsageError(f"step {task.step!r} did not run to its end", why)
    wrote = "".join(str(probe.answer) for probe in step.probes if probe.question == OUTCOMES)
    secret = {n: v for one in ready.plan.steps() for n, v in one.variables.items() if n in one.secrets}
    masker = Masker(patterns(secret))
    code = step.exit_code if step.exit_code is not None else 137
    part = hooks.part(wrote.encode(), exit_code=code, seconds=step.seconds or 0.0,
                      timed_out=code == 142 or step.result == "timed_out", limit=task.timeout_s,
                      output="\n".join(step.text.splitlines()[-_TAIL:]),
                      reported=() if wrote.strip() else _reported(step))  # fmt: skip
    return replace(part, cases=tuple(_masked(case, masker) for case in part.cases))


def _masked(case: TestCase, masker: Masker) -> TestCase:
    mask = masker.text
    return case._replace(suite=mask(case.suite), test=mask(case.test), message=mask(case.message))


def _reported(step: StepRecord) -> tuple[TestCase, ...]:
    """The cases of the step's JUnit files or, where it has none, those that its output tells of. Raises UsageError for
    an output that does not name the tests that passed."""
    if step.tests:
        return tuple(TestCase(t.suite, t.test, t.outcome, t.seconds, t.position, t.message) for t in step.tests)
    quiet.refuse(f"step {step.name!r}", step.text.encode("utf-8", "surrogateescape"))
    try:
        return reports.read(step.name, step.text.encode("utf-8", "surrogateescape"))
    except reports.ReportRefused as broken:
        return broken.cases


def _asked(source: Path, step: str, pipeline: str) -> Asked:
    return replace(configured(source), pipeline=pipeline, worktree=True, options=Options(steps=(step,)))


def _hooked(made: Plan, task: StepTask) -> Plan:
    """The plan with the hooks in its step: variables beside the user's own, Django's commands with our runner,
    unittest's with -v."""

    def changed(step: StepPlan) -> StepPlan:
        items = tuple(replace(item, text=loud(hooks.hooked(item.text))) for item in step.items)
        more = hooks.variables(task.run, HOOKS_AT, OUTCOMES_AT, step.variables)
        return replace(step, items=items, variables={
            **step.variables, **more, "PIPELINELAB_LIMIT": f"{task.timeout_s:g}", "PIPELINELAB_GO_ON": "1",
        })  # fmt: skip

    return made.each(changed)


def loud(command: str) -> str:
    """A shell command with -v where it is ``python -m unittest``, which else does not name the tests that pass."""
    return _UNITTEST.sub(r"\g<0> -v", command)


@cache
def _docker() -> Engine:
    from pipelinelab.session.engine import live

    return live()
