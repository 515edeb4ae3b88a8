"""A plan narrowed to the steps that were asked for: by name, by number, by stage, from one on, or those that were red.
Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipelinelab.errors import UsageError
from pipelinelab.planning.context import Options
from pipelinelab.planning.plan import Plan, StepPlan

NOT_ASKED = "it was not asked for"


@dataclass(frozen=True, kw_only=True)
class Past:
    """The last replay of a pipeline. ``steps`` are (name, stage, group) by number, of all that it knew; ``green`` the
    runs in which those passed that need not run again; ``red`` the numbers of those that failed or never had their
    turn; ``left``: some step left something for those after it; ``commit`` is what was replayed."""

    run_id: str
    steps: Mapping[int, tuple[str, str, int | None]] = field(default_factory=dict)
    green: Mapping[int, str] = field(default_factory=dict)
    red: frozenset[int] = frozenset()
    left: bool = False
    commit: str = ""


def only_failed(plan: Plan, past: Past) -> Plan:
    """Only the steps that were red, or held up by a red one, stay unskipped. Raises UsageError where none was, and
    where the steps are no longer those of that run."""
    now = {step.index: (step.name, step.stage, step.group) for step in plan.steps()}
    for index, was in past.steps.items():
        if now.get(index) != was:
            there = f"is {now[index][0]!r} now" if index in now else "is gone"
            raise UsageError(
                f"the steps of {plan.pipeline} have changed since run {past.run_id}: step {index} was {was[0]!r}, and"
                f" {there}",
                "replay it without --only-failed",
            )
    red = past.red | (now.keys() - past.steps.keys())
    if not red:
        raise UsageError(f"no step of {plan.pipeline} was red in run {past.run_id}", "replay it without --only-failed")

    def one(step: StepPlan) -> StepPlan:
        if step.index in past.green:
            return replace(step, skipped=f"it passed in run {past.green[step.index]}")
        why = f"it was neither red in run {past.run_id} nor held up by one that was"
        return step if step.skipped or step.index in red else replace(step, skipped=why)

    return plan.each(one)


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
