"""The lab's test hooks on their way into whatever runs the tests, and what they wrote on its way back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from pipelinelab.flaky.campaign import Run
from pipelinelab.reports.case import ReportRefused, TestCase
from pipelinelab.reports.lines import ENDED, read_hook, session

HOOKS = ("outcomes_py2.py", "pytest_hook_py2.py", "django_hook_py2.py")
ORDER, WITHOUT = "order.json", "without.json"
RUNNER = "--testrunner=django_hook_py2.Runner"
_DJANGO = re.compile(r"(?:[\w./-]*\bmanage\.py|\bdjango-admin(?:\.py)?|-m django)\s+test(?![\w.-])")
_MOST_PARTS = 25


@dataclass(frozen=True, kw_only=True)
class Part:
    """What came of one process or step. ``said`` is the hook's session line; ``output`` the end of what it printed."""

    cases: tuple[TestCase, ...]
    said: Mapping[str, Any]
    exit_code: int
    seconds: float
    timed_out: bool = False
    output: str = ""

    @property
    def order(self) -> list[str]:
        """The tests that it meant to run, in order."""
        return [str(one) for one in self.said.get("order") or []]


def files(run: Run) -> dict[str, bytes]:
    """The files that belong into the hooks' folder, by name; the exact order among them, where the run has one, and
    what ran already."""
    found = {name: resources.files("pipelinelab.inside").joinpath(name).read_bytes() for name in HOOKS}
    lists = {ORDER: run.only, WITHOUT: run.without}
    return found | {name: json.dumps(listed).encode() for name, listed in lists.items() if listed}


def variables(run: Run, folder: str, outcomes: str, standing: Mapping[str, str]) -> dict[str, str]:
    """What makes the hooks in ``folder`` write to ``outcomes`` and run the tests as ``run`` says, joined to what the
    ``standing`` variables hold already."""

    def joined(separator: str, ours: str, name: str) -> str:
        return separator.join(filter(None, [ours, standing.get(name, "")]))

    found = {
        "PIPELINELAB_OUTCOMES": outcomes, "PIPELINELAB_SEED": str(run.seed), "PYTHONHASHSEED": str(run.seed),
        "PYTHONPATH": joined(":", folder, "PYTHONPATH"),
        "PYTEST_PLUGINS": joined(",", "pytest_hook_py2", "PYTEST_PLUGINS"),
        "PYTEST_ADDOPTS": joined(" ", "-p no:randomly", "PYTEST_ADDOPTS"),
    }  # fmt: skip
    if run.shuffle is not None:
        found["PIPELINELAB_SHUFFLE"] = str(run.shuffle)
    if run.twice:
        found["PIPELINELAB_TWICE"] = "1"
    if run.only:
        found["PIPELINELAB_ORDER"] = f"{folder}/{ORDER}"
    if run.without:
        found["PIPELINELAB_WITHOUT"] = f"{folder}/{WITHOUT}"
    return found


def hooked(command: str) -> str:
    """A shell command with the lab's runner in it, where it is Django's ``test``; pytest needs nothing."""
    return command if "--testrunner" in command else _DJANGO.sub(rf"\g<0> {RUNNER}", command)


def part(
    data: bytes, *, exit_code: int, seconds: float, timed_out: bool = False, limit: float = 0.0, output: str = "",
    reported: Iterable[TestCase] = (),
) -> Part:  # fmt: skip
    """What the hooks wrote as a Part. A test that ran when its process ended is killed, or timed out after ``limit``
    seconds; where a test wrote into the file of outcomes, the part has no case and says why. ``reported`` are the cases
    of the suite's own reports: they count where no hook said anything, as for a runner that the lab has no hook for."""
    try:
        cases, said = read_hook("outcomes", data), session("outcomes", data)
    except ReportRefused as problem:
        cases, said = (), {"ended": False, "problem": str(problem)}
    if not data.strip():
        cases = tuple(reported)
    if timed_out:
        how = f"still ran after {limit:g} s"
    else:
        signal = exit_code - 128 if 128 < exit_code < 160 else -exit_code
        how = f"the process ended {f'by signal {signal}' if signal > 0 else f'with exit code {exit_code}'}"
        how += " while this test ran"
    unset = [name.rpartition("::") for name in _kept_from(cases, said) if not timed_out and exit_code]
    cases += tuple(TestCase(suite, test, "error", None, len(cases), ENDED) for suite, _, test in unset[:1])
    last = len(cases) - 1
    return Part(
        cases=tuple(_settled(case, timed_out, how if at == last else ENDED) for at, case in enumerate(cases)),
        said=said, exit_code=exit_code, seconds=seconds, timed_out=timed_out, output=output,
    )  # fmt: skip


def _kept_from(cases: Sequence[TestCase], said: Mapping[str, Any]) -> list[str]:
    """The tests that did not even begin, where the process ended between two tests: in what sets up the first of
    them. None where a test was running: then that one is to blame."""
    if said.get("ended") or any(case.message == ENDED for case in cases):
        return []
    seen = {f"{case.suite}::{case.test}" for case in cases}
    return [one for one in said.get("order") or [] if one not in seen]


def _settled(case: TestCase, timed_out: bool, how: str) -> TestCase:
    if case.message != ENDED:
        return case
    return case._replace(outcome="timed_out" if timed_out and how != ENDED else "killed", message=how)


def whole(run: Run, once: Callable[[Run], Part]) -> tuple[Part, ...]:
    """The run, made by ``once``; where a test ended its process, the tests that it kept from running go on in another,
    and that is a part of its own."""
    parts: list[Part] = []
    seen: set[str] = set()
    while len(parts) < _MOST_PARTS:
        made = once(run)
        if parts and not made.cases:
            break
        parts.append(made)
        seen |= {f"{case.suite}::{case.test}" for case in made.cases}
        if not any(case.outcome in ("killed", "timed_out") for case in made.cases):
            break
        run = replace(run, without=tuple(sorted(seen)))
    return tuple(parts)
