"""A plan narrowed to the steps that were asked for: by name, by number, by stage, from one on, or those that were red.
Pure."""

from __future__ import annotations

from dataclasses import replace

from pipelinelab.errors import UsageError
from pipelinelab.planning.context import Options
from pipelinelab.planning.plan import Plan, StepPlan

NOT_ASKED = "it was not asked for"


def chosen(plan: Plan, options: Options) -> Plan:
    """Only the steps that were asked for stay unskipped. Raises UsageError for a name that no step has."""
    if not options.steps and not options.start:
        return plan
    steps = list(plan.steps())
    wanted = set().union(*(_named(steps, one) for one in options.steps)) if options.steps else {s.index for s in steps}
    if options.start:
        wanted = {index for index in wanted if index >= min(_named(steps, options.start))}
    return plan.each(lambda step: step if step.index in wanted or step.skipped else replace(step, skipped=NOT_ASKED))


def _named(steps: list[StepPlan], wanted: str) -> set[int]:
    """The numbers of the steps of this name or number, or else of those in the stage or under the step of this name."""
    hits = {s.index for s in steps if wanted in (s.name, str(s.index))}
    hits = hits or {s.index for s in steps if s.stage == wanted or wanted in s.stage.split(" › ")}
    if not hits:
        raise UsageError(
            f"no step is called {wanted!r}", f"the steps: {', '.join(f'{s.index} {s.name!r}' for s in steps)}"
        )
    return hits
