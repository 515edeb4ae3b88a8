import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.errors import UsageError
from pipelinelab.flaky import quarantine
from pipelinelab.flaky.gate import gate
from pipelinelab.flaky.quarantine import Quarantined
from pipelinelab.reports import TestCase

RANKING = pd.DataFrame([
    {"suite": "s", "test": "flaky", "verdict": "non-deterministic", "reason": "9 of 30 failed", "runs": 30,
     "failures": 9, "high": 0.48},
    {"suite": "s", "test": "sound", "verdict": "healthy", "reason": "0 of 30 failed", "runs": 30, "failures": 0,
     "high": 0.11},
    {"suite": "s", "test": "red", "verdict": "broken", "reason": "30 of 30", "runs": 30, "failures": 30, "high": 1.0},
])  # fmt: skip


def failed(*names: str) -> list[TestCase]:
    return [TestCase("s", name, "failed") for name in names]


def test_the_failure_of_a_known_flaky_test_does_not_stop_a_merge():
    found = gate(failed("flaky"), RANKING)
    assert found.open and [one.case.test for one in found.known] == ["flaky"]


@pytest.mark.parametrize("name", ["sound", "red", "never seen"])
def test_what_is_new_or_not_known_to_be_flaky_stops_it(name):
    assert not gate([*failed(name), TestCase("s", "flaky", "passed")], RANKING).open


def test_a_flaky_test_that_fails_too_often_in_a_row_is_no_longer_flaky():
    assert gate(failed("flaky"), RANKING, pd.Series({("s", "flaky"): 3})).open
    assert not gate(failed("flaky"), RANKING, pd.Series({("s", "flaky"): 9})).open


def test_a_failure_that_passed_when_run_again_is_healed():
    found = gate([*failed("sound"), TestCase("s", "sound", "passed")], RANKING)
    assert found.open and len(found.healed) == 1


def test_quarantine_keeps_a_broken_test_from_stopping():
    assert gate(failed("red"), RANKING, None, [Quarantined("s", "red", reason="being mended")]).open


def test_a_test_whose_quarantine_is_over_stops_a_merge_though_it_is_known_to_be_flaky():
    over = [Quarantined("s", "flaky", until="2026-01-31")]
    found = gate(failed("flaky"), RANKING, expired=over)
    assert [one.why for one in found.stops] == [
        "its quarantine ended on 2026-01-31: mend the test, or give it a new date"
    ]
    assert gate([TestCase("s", "flaky", "passed")], RANKING, expired=over).open, "it passed"
    assert gate(failed("flaky"), RANKING, None, [Quarantined("s", "flaky")], over).open, "it has a new date"


def test_an_entry_is_over_from_the_day_after_its_last():
    entries = [Quarantined("s", "a", until="2026-01-31"), Quarantined("s", "b")]
    assert quarantine.expired(entries, "2026-01-31") == ()
    assert quarantine.expired(entries, "2026-02-01") == (entries[0],)


def test_a_run_that_failed_as_a_whole_says_so():
    assert gate(failed("a", "b", "c", "d", "e"), RANKING).whole


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), max_size=20)
ENTRIES = st.lists(
    st.builds(Quarantined, TEXT, TEXT.filter(lambda name: name.strip("-: ") != ""), TEXT, TEXT, TEXT, TEXT)
)


@pytest.mark.parametrize("form", ["json", "markdown"])
@given(entries=ENTRIES)
def test_a_quarantine_that_was_written_reads_back(form, entries):
    assert list(quarantine.read(quarantine.write(entries, form))) == entries


def test_quarantine_ends_on_its_day():
    entries = [Quarantined("s", "a", until="2024-02-29"), Quarantined("s", "b")]
    assert [one.test for one in quarantine.standing(entries, "2024-03-01")] == ["b"]


def test_a_quarantine_until_no_date_is_refused_by_the_tests_name():
    with pytest.raises(UsageError, match="s::a is quarantined until 'tomorrow'"):
        quarantine.standing([Quarantined("s", "a", until="tomorrow")], "2024-03-01")


@pytest.mark.parametrize("text", ["", "hello", "{", '{"x": 1}', "| a | b |\n| --- | --- |", '{"quarantine": [1]}'])
def test_what_is_no_quarantine_is_refused_by_name(text):
    with pytest.raises(UsageError, match=r"^q\.md"):
        quarantine.read(text, "q.md")
