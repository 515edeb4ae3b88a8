"""Histories whose truth is known."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from pipelinelab.events.columns import TESTS
from pipelinelab.flaky.campaign import order_hash

Fails = Callable[[int, list[str], np.random.Generator], bool]


def played(
    fails: dict[str, Fails], orders: list[list[str]], seed: int = 0, commits: list[str] | None = None
) -> pd.DataFrame:
    """A ``tests`` frame: run k plays the tests in ``orders[k]``; each fails where its rule says so, by the run's number
    and the tests before it."""
    random = np.random.default_rng(seed)
    rows = []
    for number, order in enumerate(orders):
        for at, name in enumerate(order):
            bad = fails[name](number, order[:at], random) if name in fails else False
            rows.append({
                "run_id": f"run{number:04d}", "step": 0, "suite": "suite", "test": name,
                "outcome": "failed" if bad else "passed", "seconds": 0.01, "position": at,
                "order_hash": order_hash(order), "commit": commits[number] if commits else "c0", "environment": "here",
                "message": "boom" if bad else "", "seed": number,
            })  # fmt: skip
    return pd.DataFrame(rows, columns=list(TESTS)).astype(TESTS)


def shuffled(names: list[str], orders: int, seed: int, twice: bool = True) -> list[list[str]]:
    """Orders drawn at random, each of them played twice in a row."""
    random = np.random.default_rng(seed)
    drawn = [[str(one) for one in random.permutation(names)] for _ in range(orders)]
    return [one for one in drawn for _ in range(2 if twice else 1)]


def after(*others: str) -> Fails:
    return lambda number, before, random: all(one in before for one in others)


def unless(other: str) -> Fails:
    return lambda number, before, random: other not in before


def chance(rate: float) -> Fails:
    return lambda number, before, random: bool(random.random() < rate)


def since(run: int) -> Fails:
    return lambda number, before, random: number >= run
