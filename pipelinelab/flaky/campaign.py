"""A campaign's plan: which run comes next, with which seeds and in which order, and when is it enough?

Run number k of a campaign is a function of the campaign's seed and k alone. So a campaign that was stopped goes on
where it was, runs may come back in any order from many processes, and a single run can be had again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_PAIRS_FROM = 2
_EVERY = 8
_IN_TURN = 4


@dataclass(frozen=True)
class Run:
    """One run to make. ``seed`` is the world's: PIPELINELAB_SEED. ``shuffle`` draws the order, None for the suite's
    own. ``twice``: each test runs twice in the process. ``only``: these tests in this order and no others. ``without``:
    these not, for they ran already in this run before a test ended its process."""

    number: int
    seed: int
    shuffle: int | None = None
    twice: bool = False
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()


def run(campaign_seed: int, number: int, *, shuffle: bool = True) -> Run:
    """Run ``number`` (from 0) of a campaign.

    With ``shuffle`` the first two are in the suite's own order and then every order comes twice, since only a second
    run in the same order tells chance from order. Four orders take turns, so that what goes wrong for a while, as a
    service does, meets several orders. Each eighth run is in the suite's own order with every test twice, which shows
    the non-idempotent. Without ``shuffle``, all are in the suite's own order."""
    seed = drawn(campaign_seed, f"world {number}")
    if number % _EVERY == _EVERY - 1:
        return Run(number, seed, None, True)
    if not shuffle or number < _PAIRS_FROM:
        return Run(number, seed)
    turn, place = divmod(number - number // _EVERY - _PAIRS_FROM, 2 * _IN_TURN)
    return Run(number, seed, drawn(campaign_seed, f"order {turn * _IN_TURN + place % _IN_TURN}"))


def drawn(campaign_seed: int, name: str) -> int:
    """A number below 2**31 that depends on nothing else: the same on every machine and version of Python."""
    return int(hashlib.sha256(f"{campaign_seed}/{name}".encode()).hexdigest()[:8], 16) >> 1


def left(campaign_seed: int, times: int, done: Container[int], *, shuffle: bool = True) -> Iterator[Run]:
    """The runs of a campaign of ``times`` that are not done."""
    return (run(campaign_seed, number, shuffle=shuffle) for number in range(times) if number not in done)


def settled(ranking: pd.DataFrame) -> bool:
    """Whether every test has its verdict, so that further runs would only cost time."""
    return bool(len(ranking)) and not bool((ranking["more_runs"] > 0).any())


def order_hash(order: list[str], twice: bool = False) -> str:
    """Twelve characters that name an order of tests; "" where none is known."""
    if not order:
        return ""
    text = "\n".join(order) + ("\n×2" if twice else "")
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def rows(
    run_id: str, cases: Any, *, commit: str = "", environment: str = "", order: list[str] | None = None,
    twice: bool = False, seed: int | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """The rows of the ``tests`` frame for the cases of one run. The order's hash is that of ``order``, or of the
    cases as they came."""
    cases = list(cases)
    asked = order or list(dict.fromkeys(f"{case.suite}::{case.test}" for case in cases))
    name = order_hash(asked, twice) or None
    return [
        {"run_id": run_id, "suite": case.suite, "test": case.test, "outcome": case.outcome, "seconds": case.seconds,
         "position": case.position, "order_hash": name, "commit": commit, "environment": environment,
         "message": case.message, "seed": seed}
        for case in cases
    ]  # fmt: skip
