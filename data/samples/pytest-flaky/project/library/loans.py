"""Loans: from a day, for some days, with renewals."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

DAYS = 28
RENEWALS = 2


@dataclass(frozen=True)
class Loan:
    title: str
    since: date
    renewed: int = 0

    @property
    def due(self) -> date:
        return self.since + timedelta(days=DAYS * (1 + self.renewed))

    def late(self, today: date) -> int:
        """Days over the due date; 0 where there are none."""
        return max((today - self.due).days, 0)


def renew(loan: Loan) -> Loan:
    """The loan, for another period. Raises ValueError when it has been renewed often enough."""
    if loan.renewed >= RENEWALS:
        raise ValueError(f"{loan.title} was renewed {RENEWALS} times")
    return replace(loan, renewed=loan.renewed + 1)
