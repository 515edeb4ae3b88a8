"""Verdicts against histories whose truth is known."""

import importlib.util
import sys
from pathlib import Path

import pandas as pd
import pytest

from pipelinelab.events.columns import TESTS
from pipelinelab.flaky.ranking import RANKING, rank

spec = importlib.util.spec_from_file_location("simulated", Path(__file__).parent / "simulated.py")
simulated = importlib.util.module_from_spec(spec)
sys.modules["simulated"] = simulated
spec.loader.exec_module(simulated)
after, chance, played, shuffled, since, unless = (
    getattr(simulated, name) for name in ("after", "chance", "played", "shuffled", "since", "unless")
)

NAMES = [f"test_{number:02d}" for number in range(30)]
TRUTH = {
    "test_01": (after("test_20"), "order-dependent"), "test_02": (unless("test_21"), "order-dependent"),
    "test_03": (after("test_22", "test_23"), "order-dependent"), "test_04": (chance(0.4), "non-deterministic"),
    "test_05": (chance(0.2), "non-deterministic"), "test_06": (lambda *_: True, "broken"),
}  # fmt: skip


def verdicts(frame, **options):
    ranking = rank(frame, **options)
    return {row["test"]: row for row in ranking.to_dict("records")}


@pytest.mark.parametrize("seed", range(5))
def test_verdicts_agree_with_the_truth(seed):
    frame = played({name: rule for name, (rule, _) in TRUTH.items()}, shuffled(NAMES, 30, seed), seed)
    found = verdicts(frame)
    truth = {name: TRUTH[name][1] if name in TRUTH else "healthy" for name in NAMES}
    assert {name: row["verdict"] for name, row in found.items()} == truth
    assert (found["test_01"]["kind"], found["test_01"]["partner"]) == ("victim", "suite::test_20")
    assert (found["test_02"]["kind"], found["test_02"]["partner"]) == ("brittle", "suite::test_21")


def test_an_empty_history_gives_an_empty_ranking_with_all_columns():
    ranking = rank(pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in TESTS.items()}))
    assert list(ranking.columns) == list(RANKING) and len(ranking) == 0


def test_a_few_green_runs_do_not_make_a_test_healthy():
    found = verdicts(played({}, [NAMES[:2]] * 10))["test_00"]
    assert (found["verdict"], found["more_runs"]) == ("unsettled", 19)
    assert "27.8 %" in found["reason"]


def test_a_test_that_fails_in_some_orders_that_ran_once_is_unsettled():
    frame = played({"test_01": after("test_20")}, shuffled(NAMES, 6, 1, twice=False))
    found = verdicts(frame)["test_01"]
    assert found["verdict"] == "unsettled" and found["more_runs"] >= 4


def test_a_regression_has_the_two_commits_around_it_and_is_not_flaky():
    commits = [f"c{number:02d}" for number in range(40)]
    frame = played({"test_00": since(25)}, [NAMES[:8]] * 40, commits=commits)
    found = verdicts(frame)["test_00"]
    assert (found["verdict"], found["last_before"], found["first_after"]) == ("regression", "c24", "c25")


def test_what_broke_and_was_mended_has_few_flips():
    frame = played({"test_00": lambda number, *_: 10 <= number < 20, "test_01": chance(0.3)}, [NAMES[:8]] * 60)
    found = verdicts(frame)
    assert found["test_00"]["flip_rate"] < 0.05
    assert found["test_01"]["flip_rate"] == pytest.approx(2 * 0.3 * 0.7, abs=0.15)


def test_a_test_is_flaky_only_within_one_commit():
    frame = played(
        {"test_00": lambda number, *_: number % 3 == 0}, [NAMES[:8]] * 9, commits=[f"c{n}" for n in range(9)]
    )
    found = verdicts(frame)["test_00"]
    assert found["verdict"] == "unsettled" and "run one commit again" in found["reason"]


def test_runs_that_failed_as_a_whole_say_nothing_about_a_test():
    down = {name: (lambda number, *_: number % 10 == 0) for name in NAMES}
    found = verdicts(played(down, [NAMES] * 40))
    assert {row["verdict"] for row in found.values()} == {"healthy"}
    assert {row["bad_runs"] for row in found.values()} == {4}


def test_a_history_of_victims_alone_is_no_history_of_outages():
    names = [f"test_{number:02d}" for number in range(12)]
    victims = {name: after("test_11") for name in names[:9]}
    frame = played(victims | {"test_11": lambda *_: False}, shuffled(names, 25, 3), 3)
    found = verdicts(frame[frame["test"].isin(names[:9])])
    assert {row["verdict"] for row in found.values()} == {"order-dependent"}


def test_tests_that_fail_together_are_one_cluster():
    together = {name: (lambda number, *_: number % 5 == 0) for name in NAMES[:3]}
    found = verdicts(played(together | {NAMES[3]: lambda number, *_: number % 7 == 3}, [NAMES] * 40))
    assert [found[name]["cluster_size"] for name in NAMES[:4]] == [3, 3, 3, 1]
    assert "together with 2 other tests" in found[NAMES[0]]["reason"]


def with_rows(frame, rows):
    return pd.concat([frame, pd.DataFrame(rows, columns=list(TESTS)).astype(TESTS)], ignore_index=True)


def test_what_fails_whenever_it_is_run_again_is_non_idempotent():
    frame = played({}, [NAMES[:3]] * 40)
    again = frame[(frame["test"] == "test_00") & frame["run_id"].isin(["run0003", "run0011"])]
    found = verdicts(with_rows(frame, again.assign(outcome="failed")))
    assert found["test_00"]["verdict"] == "non-idempotent"
    assert found["test_01"]["verdict"] == "healthy"


def test_what_passes_when_run_again_is_chance():
    frame = played({"test_00": lambda number, *_: number == 7}, [NAMES[:8]] * 40)
    again = frame[(frame["test"] == "test_00") & (frame["run_id"] == "run0007")]
    assert verdicts(with_rows(frame, again.assign(outcome="passed")))["test_00"]["verdict"] == "non-deterministic"


@pytest.mark.parametrize(("outcome", "verdict"), [("killed", "crashes"), ("timed_out", "hangs")])
def test_what_ends_its_process_stands_apart(outcome, verdict):
    frame = played({"test_00": chance(0.3)}, [NAMES[:8]] * 40)
    frame["outcome"] = frame["outcome"].where(frame["outcome"] != "failed", outcome)
    found = verdicts(frame)["test_00"]
    assert found["verdict"] == verdict and found["failures"] == 0


def test_names_of_every_script_and_doubled_names_are_kept_apart():
    frame = played({}, [["тест", "測試", "a::b"]] * 30)
    other = frame.assign(suite="other")
    assert len(rank(pd.concat([frame, other]))) == 6


@pytest.mark.parametrize("seed", range(3))
def test_order_is_told_from_chance_by_orders_alone_without_positions(seed):
    import numpy as np

    random = np.random.default_rng(seed)
    rates = {f"od{n}": random.choice([0.0, 0.9], 12) for n in range(15)} | {
        f"nod{n}": np.full(12, 0.2) for n in range(30)
    }
    rows = [
        {"run_id": f"{order}-{k}", "suite": "s", "test": name, "outcome": "failed" if random.random() < rate[order] else
         "passed", "order_hash": f"o{order}", "commit": "c", "environment": "e", "message": ""}
        for name, rate in rates.items() for order in range(12) for k in range(10)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=list(TESTS)).astype(TESTS)
    found = {name: row["verdict"] for name, row in verdicts(frame).items()}
    right = sum(found[name] == ("order-dependent" if name.startswith("od") else "non-deterministic") for name in rates)
    assert right >= 43


def drawn_suite(random, names):
    """Rules for eight order-dependent tests of every make and eight that fail by chance; the truth by name."""
    picked = [str(one) for one in random.permutation(names)]
    rules, truth = {}, {}
    for number in range(8):
        victim, others = picked.pop(), [str(one) for one in random.permutation(names)]
        others.remove(victim)
        partners, cleaners = others[: int(random.integers(1, 4))], others[4 : 4 + int(random.choice([0, 0, 1, 3]))]
        rate = float(random.choice([1.0, 1.0, random.uniform(0.3, 0.9)]))
        rules[victim], truth[victim] = makes(number % 3 == 2, partners, cleaners, rate), "order-dependent"
    for rate in (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5):
        rules[name := picked.pop()], truth[name] = chance(rate), "non-deterministic"
    return rules, truth


def makes(brittle, partners, cleaners, rate):
    def fails(number, before, random):
        last = max((at for at, name in enumerate(before) if name in partners), default=-1)
        clean = max((at for at, name in enumerate(before) if name in cleaners), default=-1)
        return bool((last < 0 if brittle else last > clean) and random.random() < rate)

    return fails


def test_victims_brittles_and_chance_are_told_apart_in_a_hundred_orders_of_many_suites():
    import numpy as np

    names = NAMES + [f"test_{number}" for number in range(30, 60)]
    called, right, seen = 0, 0, 0
    for seed in range(6):
        random = np.random.default_rng(seed)
        rules, truth = drawn_suite(random, names)
        found = verdicts(played(rules, shuffled(names, 100, seed, twice=False), seed))
        for name, row in found.items():
            order = row["verdict"] == "order-dependent"
            called += order
            right += order and truth.get(name) == "order-dependent"
            seen += truth.get(name) == "order-dependent" and 2 <= row["failures"] <= row["runs"] - 2
    assert right >= 0.95 * called, f"{right} of {called} are"
    assert right >= 0.85 * seen, f"{right} of {seen} were found"
