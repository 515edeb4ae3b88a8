"""From what was counted about one test to a verdict, the reason in words, and the runs that would settle it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from pipelinelab.flaky.intervals import runs_to_see
from pipelinelab.flaky.onset import Onset
from pipelinelab.flaky.order import NOT_ASKED, Dependence

HEALTHY, BROKEN, UNSETTLED, REGRESSION = "healthy", "broken", "unsettled", "regression"
ORDER, CHANCE, TWICE = "order-dependent", "non-deterministic", "non-idempotent"
INFRASTRUCTURE, CRASHES, HANGS = "infrastructure", "crashes", "hangs"
VERDICTS = (CRASHES, HANGS, BROKEN, REGRESSION, ORDER, TWICE, CHANCE, INFRASTRUCTURE, UNSETTLED, HEALTHY)
FLAKY = frozenset({ORDER, TWICE, CHANCE, INFRASTRUCTURE})

_OUTSIDE = re.compile(
    r"Connection(?: was)? (?:refused|reset|aborted|timed out|closed)|ConnectionError|ConnectionRefused|ConnectionReset"
    r"|TimeoutError|ConnectTimeout|ReadTimeout|timed out|(?:does|did) not (?:answer|respond)|unreachable"
    r"|No space left|Too many open files|name resolution|Name or service not known|getaddrinfo"
    r"|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|\b50[234]\b|Can't connect|could not connect"
    r"|Lost connection|server has gone away|Network is",
    re.IGNORECASE,
)


def from_outside(message: str) -> bool:
    """Whether a failure's message speaks of the network, a service, a disk: of what is outside of the test."""
    return _OUTSIDE.search(message) is not None


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What was counted about one test; ``runs`` and ``failures`` are first attempts, bad runs left out.

    ``mixed``: it both passed and failed at one commit in one environment. ``same_order``: and in one order, at that.
    ``orders_known`` False: nobody recorded the order. ``twice`` and ``twice_failed``: how often it was run again in
    one process after a pass, and failed then. ``outside``: the share of its cluster's failures that speak of the
    network, a service, a disk. ``onset_between`` names the last commit before the change and the first after."""

    runs: int
    failures: int
    high: float
    timed_out: int = 0
    killed: int = 0
    bad_runs: int = 0
    mixed: bool = False
    same_order: bool = False
    orders_known: bool = True
    retried_to_pass: int = 0
    twice: int = 0
    twice_failed: int = 0
    outside: float = 0.0
    cluster: int = 1
    dependence: Dependence = NOT_ASKED
    order_q: float = float("nan")
    partner: str = ""
    onset: Onset | None = None
    onset_q: float = float("nan")
    onset_between: tuple[str, str] = ("", "")
    only_in: str = ""
    tests: int = 1


@dataclass(frozen=True)
class Verdict:
    """``word`` is one of ``VERDICTS``; ``kind`` refines it (victim, brittle); ``more`` is how many further runs would
    settle it, 0 where it is settled."""

    word: str
    reason: str
    more: int = 0
    kind: str = ""


def judge(e: Evidence, *, rate: float = 0.1, level: float = 0.05) -> Verdict:
    """The verdict on one test. ``rate``: a test is healthy when a failure rate this high would have shown by now with
    95 % confidence (10 % → 29 runs); ``level``: the false discovery rate for order and onset, and a fifth of it for
    the order of a test that was seen to differ within one order, where chance is already proven."""
    needed = runs_to_see(rate)
    if e.killed or e.timed_out:
        return _fatal(e)
    if e.runs == 0:
        if e.bad_runs:
            why = f"only ran in {_times(e.bad_runs, 'run')} that failed as a whole"
            return Verdict(INFRASTRUCTURE, why, needed)
        return Verdict(UNSETTLED, "never ran", needed)
    if _fails_twice(e, level):
        reason = f"passes first and fails when run again in the same process ({e.twice_failed} of {e.twice})"
        return Verdict(TWICE, reason)
    if e.failures == 0 and not e.retried_to_pass:
        beside = f"; {_times(e.bad_runs, 'run')} failed as a whole" if e.bad_runs else ""
        reason = f"0 of {e.runs} failed; a rate up to {100 * e.high:.1f} % is still possible{beside}"
        return Verdict(HEALTHY, reason) if e.runs >= needed else Verdict(UNSETTLED, reason, needed - e.runs)
    if e.failures == e.runs:
        reason = f"failed in {'each' if e.runs > 1 else 'the only one'} of {_times(e.runs, 'run')}"
        return Verdict(BROKEN, reason) if e.runs >= needed else Verdict(UNSETTLED, reason, needed - e.runs)
    return _sometimes(e, level)


def _fatal(e: Evidence) -> Verdict:
    total = e.runs + e.killed + e.timed_out
    if e.killed >= e.timed_out:
        return Verdict(CRASHES, f"its process died while it ran, in {e.killed} of {_times(total, 'run')}")
    return Verdict(HANGS, f"it did not end in time, in {e.timed_out} of {_times(total, 'run')}")


def _fails_twice(e: Evidence, level: float) -> bool:
    """Chance alone would have to fail the second of two, each time: not more often than its rate may be."""
    return e.twice > 0 and e.twice_failed == e.twice and e.high**e.twice <= level


def _sometimes(e: Evidence, level: float) -> Verdict:
    said = f"{e.failures} of {e.runs} failed"
    if e.mixed and e.order_q <= (level / 5 if e.same_order else level):
        return _order(e, said)
    changed = e.onset is not None and e.onset_q <= level
    if e.onset is not None and e.onset.clean and (changed or e.only_in) and not (e.same_order and not changed):
        return _changed(e, changed)
    if e.only_in:
        return Verdict(BROKEN, f"fails in {e.only_in} and never elsewhere ({said})")
    if not e.mixed and not e.retried_to_pass:
        reason = f"{said}, never differing at one commit in one environment: run one commit again"
        return Verdict(UNSETTLED, reason, runs_to_see(max(e.failures, 1) / e.runs))
    if e.same_order or e.retried_to_pass or not e.orders_known:
        how = (
            "in one and the same order" if e.same_order
            else f"and {e.retried_to_pass} passed when run again" if e.retried_to_pass else "at one commit"
        )  # fmt: skip
        since = f"; since {_brief(e.onset_between[1])}" if changed and e.onset_between[1] else ""
        return Verdict(CHANCE, f"{said}, {how}{since}{_company(e)}")
    if _certainty(e.runs, e.failures) > 3 * _certainty_wanted(e):
        return Verdict(CHANCE, f"{said}, and in {e.runs} orders no test before it, nor its place, tells them "
                               f"apart{_company(e)}")  # fmt: skip
    reason = f"{said}, but no order was run twice: chance or order cannot be told apart"
    return Verdict(UNSETTLED, reason, _to_tell(e))


def _company(e: Evidence) -> str:
    """Who fails with it, and whether the messages speak of what is outside of the tests."""
    said = f"; together with {e.cluster - 1} other test{'s' if e.cluster > 2 else ''}" if e.cluster > 1 else ""
    return said + ("; the messages speak of a service, the network or the disk" if e.outside >= 0.5 else "")


def _order(e: Evidence, said: str) -> Verdict:
    tail = "; not by order alone" if e.same_order else ""
    kind = e.dependence.kind
    if kind == "victim":
        return Verdict(ORDER, f"{said}: fails after {e.partner} (q = {e.order_q:.2g}){tail}", 0, kind)
    if kind == "brittle":
        return Verdict(ORDER, f"{said}: fails unless {e.partner} ran before (q = {e.order_q:.2g}){tail}", 0, kind)
    return Verdict(ORDER, f"{said}: the rate depends on the order (q = {e.order_q:.2g}){tail}")


def _changed(e: Evidence, sure: bool) -> Verdict:
    assert e.onset is not None
    last, first = map(_brief, e.onset_between)
    where = f" between {last} and {first}" if last and first and last != first else f" at {first}" if first else ""
    if e.onset.after == 1.0:
        before = e.onset.at
        return Verdict(REGRESSION, f"passed {before} times, then failed {e.runs - before} times: broke{where}",
                       0 if sure else 3)  # fmt: skip
    return Verdict(REGRESSION, f"failed {e.onset.at} times, then passed {e.runs - e.onset.at} times: mended{where}",
                   0 if sure else 3)  # fmt: skip


def _certainty(runs: int, failures: int) -> float:
    """The logarithm of the number of ways the failures could lie among the runs."""
    return math.lgamma(runs + 1) - math.lgamma(failures + 1) - math.lgamma(runs - failures + 1)


def _certainty_wanted(e: Evidence) -> float:
    """What it takes for a perfect tie to one other test to stand out among all tests and questions."""
    return math.log(2 * max(e.tests, 2) * 3 / 0.05)


def _to_tell(e: Evidence) -> int:
    """Runs in new orders until a perfect tie to one other test would stand out, at least four."""
    share = e.failures / e.runs
    total = e.runs
    while _certainty(total, max(1, round(share * total))) < _certainty_wanted(e) and total < e.runs + 500:
        total += 1
    return max(total - e.runs, 4)


def _times(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _brief(commit: str) -> str:
    """A commit as people say it: ten of its forty digits, and whatever stands behind them."""
    return re.sub(r"\b([0-9a-f]{10})[0-9a-f]{30}\b", r"\1", commit)
