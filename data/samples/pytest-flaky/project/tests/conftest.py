import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from weather import down  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "offline: needs no catalogue")


@pytest.fixture(autouse=True)
def catalogue(request):
    """Every test but the offline ones asks whether the catalogue answers."""
    if "offline" not in request.keywords and down("catalogue", 0.08):
        raise ConnectionRefusedError(111, "Connection refused: catalogue at 127.0.0.1:7090")
