"""What a replay is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelinelab.model.pipelines import CustomVariable
from pipelinelab.planning.context import Given, Options
from pipelinelab.session.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the user asked a replay for; everything has a default. ``pipeline`` is a title such as ``custom/nightly``
    ("" for what a push to the current branch starts); ``file`` stands for the commit's own bitbucket-pipelines.yml, and
    ``text``, where it is given, for what that file holds; ``ask`` and ``begin`` ask a person for a variable, and
    whether what waits for somebody is started; ``imports`` says where the repositories are that pipelines are imported
    from, by name; ``spare`` are runs whose containers stay, beside the one that this proves a cure of."""

    pipeline: str = ""
    ref: str = "HEAD"
    file: Path | None = None
    text: str | None = field(default=None, repr=False)
    worktree: bool = False
    edits: Mapping[str, str] = field(default_factory=dict, repr=False)
    given: Given = field(default_factory=Given)
    options: Options = field(default_factory=Options)
    settings: Settings = field(default_factory=Settings)
    imports: Mapping[str, Path] = field(default_factory=dict)
    parent_run: str | None = None
    spare: tuple[str, ...] = ()
    ask: Callable[[CustomVariable], str] | None = None
    begin: Callable[[str], bool] | None = None
