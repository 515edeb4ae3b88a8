"""Members and their cards."""

_cards: dict[int, str] = {}
_desks: set[str] = set()


class NoDesk(Exception):
    """Cards are issued at a desk, and none is open."""


def open_desk(name: str) -> None:
    _desks.add(name)


def close_desks() -> None:
    _desks.clear()


def issue(name: str) -> int:
    """A new card; its number. Raises NoDesk."""
    if not _desks:
        raise NoDesk("no desk is open")
    number = 1000 + len(_cards)
    _cards[number] = name
    return number


def initials(name: str) -> str:
    return "".join(word[0].upper() for word in name.split())


def valid(number: int) -> bool:
    """Card numbers have four digits, and the last is not 9."""
    return 1000 <= number <= 9999 and number % 10 != 9
