"""Where a repository keeps what the lab makes: ``.pipelinelab/`` in its root, ignored by git but for team rules."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelinelab.recording import folder
from pipelinelab.system import lock

IGNORED = "/runs/\n/scratch/\n/caches/\n/campaigns/\n/groups/\n/history/\n/unfinished/\n/.gitignore\n"


@dataclass(frozen=True)
class Home:
    """A repository's own folder of the lab; ``elsewhere`` is another place for it, for replays that nothing is to be
    seen of afterwards."""

    root: Path
    elsewhere: Path | None = None

    @property
    def base(self) -> Path:
        return self.elsewhere or self.root / ".pipelinelab"

    @property
    def runs(self) -> Path:
        return self.base / "runs"

    @property
    def scratch(self) -> Path:
        return self.base / "scratch"

    @property
    def caches(self) -> Path:
        return self.base / "caches"

    @property
    def groups(self) -> Path:
        """The locks of concurrency groups."""
        return self.base / "groups"

    @property
    def unfinished(self) -> Path:
        """What the green steps of red runs left, for ``--only-failed``."""
        return self.base / "unfinished"

    def make(self) -> None:
        """Make it, kept out of git's sight. Raises RecordingError where it cannot be written."""
        folder.writable(self.runs)
        ignore = self.base / ".gitignore"
        if not ignore.exists() or ignore.read_text() != IGNORED:
            ignore.write_text(IGNORED)

    def active(self, run_id: str) -> bool:
        """Whether the replay of this id goes on, in whatever process."""
        return lock.held(self.runs / run_id)

    def sweep(self) -> None:
        """Remove scratch folders of replays that are over."""
        for one in self.scratch.iterdir() if self.scratch.is_dir() else ():
            if not self.active(one.name):
                shutil.rmtree(one, ignore_errors=True)
