"""What it costs to be late, in cents."""

import os

PER_DAY = 20


def fine(days: int) -> int:
    """The fine for so many days; LIBRARY_FINE_PER_DAY in the environment sets another rate."""
    return max(days, 0) * int(os.environ.get("LIBRARY_FINE_PER_DAY", PER_DAY))
