"""The command line's first and last word: ``pipelinelab``, or ``python -m pipelinelab``."""

import os
import signal
import sys
from types import FrameType


def _at_once(number: int, frame: FrameType | None) -> None:
    os._exit(130)


# Nothing runs yet that would have to be stopped in order, and a traceback of half an import helps nobody.
signal.signal(signal.SIGINT, _at_once)


def main() -> None:
    """Run the command line and exit with its code."""
    from pipelinelab.cli import main as run

    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sys.exit(run())
    finally:
        signal.signal(signal.SIGINT, _at_once)


if __name__ == "__main__":
    main()
