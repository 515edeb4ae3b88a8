import pytest
from library import members
from weather import down, happens


def test_a_desk_issues_cards():
    members.open_desk("front")
    assert members.valid(members.issue("Ada"))


def test_the_printer_answers_in_time():
    seconds = 3.1 if happens("printer is slow", 0.35) else 0.2
    assert seconds < 1.0


@pytest.mark.parametrize("card", [1000, 4711])
def test_the_bank_knows_a_card(card):
    if down("bank", 0.25):
        raise TimeoutError(f"the bank does not answer for card {card}")


def test_the_bank_takes_coins():
    assert not down("bank", 0.25), "the bank does not answer"


@pytest.mark.parametrize(("number", "valid"), [(999, False), (1000, True), (1009, False), (9998, True), (10000, False)])
def test_card_numbers(number, valid):
    assert members.valid(number) is valid
