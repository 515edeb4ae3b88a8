"""Letters to those who are late. In an amnesty, asked for by members and granted by the council, none are sent."""

_amnesty = {"asked": False, "granted": False}


def reminder_is_due(days: int) -> bool:
    """Whether a letter goes out to somebody who is so many days late."""
    return days > 0 and not all(_amnesty.values())


def ask_amnesty() -> None:
    _amnesty["asked"] = True


def grant_amnesty() -> None:
    _amnesty["granted"] = True


def majority(votes: int, members: int) -> bool:
    """Whether more than half of the members are for it."""
    return 2 * votes > members
