"""What the outside world does in this run, drawn from PIPELINELAB_SEED where it is set, else anew for each run."""

import hashlib
import os
import secrets
from collections import Counter

_UNKNOWN = secrets.token_hex(8)
_asked: Counter[str] = Counter()


def drawn(name: str) -> float:
    """A number in [0, 1) that is the same whenever this run's world is asked for ``name``."""
    seed = os.environ.get("PIPELINELAB_SEED") or _UNKNOWN
    return int(hashlib.sha256(f"{seed}/{name}".encode()).hexdigest()[:13], 16) / 16.0**13


def down(name: str, rate: float) -> bool:
    """Whether a service is down for the whole of this run."""
    return drawn(name) < rate


def happens(name: str, rate: float) -> bool:
    """Whether something goes wrong this time; asked again in the same run, it is drawn again."""
    _asked[name] += 1
    return drawn(f"{name}#{_asked[name]}") < rate
