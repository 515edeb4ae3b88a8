"""Where a book stands: a file that is written when the shelves are sorted."""

import json
from pathlib import Path

PLAN = Path(__file__).parents[1] / "shelves.json"


def sort_shelves(titles: list[str]) -> dict[str, str]:
    """A letter's shelf for every title; the plan is kept in a file."""
    plan = {title: title[0].upper() for title in titles}
    PLAN.write_text(json.dumps(plan), encoding="utf-8")
    return plan


def shelf(title: str) -> str:
    """The shelf of a title by the plan. Raises KeyError for one that is not in it."""
    return json.loads(PLAN.read_text(encoding="utf-8"))[title]


def spine(title: str, width: int = 12) -> str:
    """What fits on the back of a book."""
    return title if len(title) <= width else title[: width - 1] + "…"
