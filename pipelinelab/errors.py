"""Every error that pipelinelab raises on purpose.

    PipelinelabError              3  the lab itself could not go on
    ├── UsageError                2  asked for something that is not there
    │   └── FileRefused           2  Bitbucket would refuse this bitbucket-pipelines.yml
    ├── EngineError               3  the container engine failed
    │   ├── EngineUnavailable     3  no engine answers, or it may not be used
    │   ├── ImageUnavailable      3  an image is neither here nor to be had
    │   └── DiskFull              3  the engine's or the run folder's disk is full
    ├── RecordingError            3  a recording cannot be read or written
    └── NeedsDocker               3  this was never recorded, so only a live engine can tell
    Stopped                     130  a KeyboardInterrupt: somebody stopped the work

The number is the exit code that the command line gives for it. A message says what is wrong and where; ``hint``
says what to do about it.
"""

from __future__ import annotations


class PipelinelabError(Exception):
    """The base of all errors raised on purpose; ``str()`` is one line, ``hint`` is what to do ("" if nothing)."""

    exit_code = 3

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback: the message, and what to do."""
        return [str(self), f"→ {self.hint}"] if self.hint else [str(self)]


class UsageError(PipelinelabError):
    """Something was asked for that is not there, or in a way that cannot work."""

    exit_code = 2


class FileRefused(UsageError):
    """The pipelines file has errors that Bitbucket would refuse; ``report`` is the whole text for a terminal."""

    def __init__(self, message: str, hint: str = "", report: str = "") -> None:
        super().__init__(message, hint)
        self.report = report

    def _render_traceback_(self) -> list[str]:
        return super()._render_traceback_() + self.report.splitlines()


class EngineError(PipelinelabError):
    """The container engine refused or failed."""


class EngineUnavailable(EngineError):
    """No engine answers, or this user may not talk to it."""


class ImageUnavailable(EngineError):
    """An image is neither present nor mapped nor to be pulled."""


class DiskFull(EngineError):
    """No space is left where the engine or the lab writes."""


class RecordingError(PipelinelabError):
    """A run folder cannot be read or written."""


class NeedsDocker(PipelinelabError):
    """The recorded engine was asked something that nobody has recorded."""


class Stopped(KeyboardInterrupt):
    """Somebody stopped the work, and nothing of it goes on. ``str()`` is one line."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows instead of a traceback."""
        return [str(self), "→ nothing of it is left running: run the cell again whenever you like"]
