"""What tests of replays share: a repository from a pipelines file, a replay of it, and what a step said."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelinelab.engines.base import Engine
from pipelinelab.engines.docker import DockerEngine
from pipelinelab.planning.context import Given, Options
from pipelinelab.recording.records import CommandRecord, StepRecord
from pipelinelab.session.replay import Asked, replay
from pipelinelab.session.run import Run
from pipelinelab.session.settings import Settings
from pipelinelab.setup.host import proxies

ME = {
    "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.org", "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull,
}  # fmt: skip

BASE = "pipelinelab/base"
SHELLS = {
    "bash": "",
    "dash": f"FROM {BASE}\nRUN rm -f /bin/bash /usr/bin/bash\n",
    "busybox": f"""FROM {BASE} AS made
RUN apt-get update && apt-get install -y --no-install-recommends busybox-static \\
 && mkdir -p /root-of/bin /root-of/tmp /root-of/root \\
 && for name in $(/bin/busybox --list); do ln -sf busybox /root-of/bin/$name; done \\
 && cp --remove-destination /bin/busybox /root-of/bin/busybox
FROM scratch
COPY --from=made /root-of /
ENV PATH=/bin HOME=/root
CMD ["sh"]
""",
}


def git(folder: Path, *arguments: str) -> str:
    """Run git as one author, whatever this machine's configuration says."""
    done = subprocess.run(["git", *arguments], cwd=folder, env={**os.environ, **ME}, check=True, capture_output=True)
    return done.stdout.decode()


def step(script: Sequence[str], after: Sequence[str] = (), **fields: Any) -> dict[str, Any]:
    """A step of a pipelines file."""
    return {"step": {**fields, "script": list(script), **({"after-script": list(after)} if after else {})}}


def pipelines(*elements: Mapping[str, Any], image: str = "pipelinelab/base", **top: Any) -> str:
    """A pipelines file whose default pipeline has these elements. JSON is YAML, and quotes everything."""
    return json.dumps({"image": image, **top, "pipelines": {"default": list(elements)}}, indent=1)


def repository(folder: Path, text: str, files: Mapping[str, str | bytes] | None = None) -> Path:
    """A git repository with one commit of this pipelines file and these files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {"bitbucket-pipelines.yml": text, **(files or {})}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "one")
    return folder


def run_of(folder: Path, engine: Engine, *, secrets: Mapping[str, str] | None = None,
           variables: Mapping[str, str] | None = None, options: Options | None = None, listeners: Iterable[Any] = (),
           **settings: Any) -> Run:  # fmt: skip
    """Replay the repository in ``folder``; the containers of a red step are kept only where ``keep=True`` says so."""
    given = Given(repository={**(variables or {}), **(secrets or {})}, secrets=frozenset(secrets or ()))
    asked = Asked(given=given, settings=Settings(**{"keep": False, **settings}))
    return replay(folder, replace(asked, options=options or Options()), engine, listeners=tuple(listeners))


def only(run: Run) -> StepRecord:
    """The record of a run's first step."""
    return run.recording.steps[0]


def said(step: StepRecord, index: int, phase: str = "script") -> str:
    """What the item at this place printed."""
    return step.text_of(item(step, index, phase))


def item(step: StepRecord, index: int, phase: str = "script") -> CommandRecord:
    """The record of the item at this place."""
    return next(one for one in step.commands if one.phase == phase and one.index == index)


def results(step: StepRecord, phase: str = "script") -> list[str]:
    """What each item came to."""
    return [one.result for one in step.commands if one.phase == phase]


def built(engine: DockerEngine, tag: str, dockerfile: str) -> str:
    """An image from this Dockerfile, made where it is not here yet."""
    from docker.errors import ImageNotFound

    try:
        engine.client.inspect_image(tag)
        return tag
    except ImageNotFound:
        pass
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(dockerfile)
        tar.addfile(entry, io.BytesIO(dockerfile.encode()))
    context.seek(0)
    lines = list(engine.client.build(fileobj=context, custom_context=True, tag=tag, rm=True, forcerm=True, decode=True,
                                     buildargs=proxies(os.environ)))  # fmt: skip
    if any("error" in line for line in lines):
        pytest.skip(f"{tag} cannot be built here: {lines[-1].get('error')}")
    return tag


def standing(engine: DockerEngine, folder: Path) -> list[str]:
    """The lab's containers that a replay of the repository in ``folder`` has left."""
    found = engine.client.containers(all=True, filters={"label": "pipelinelab"})
    return [c["Id"] for c in found if c["Labels"].get("pipelinelab.folder", "").startswith(str(folder.resolve()))]
