"""An engine, images without bash, and the proof that a test left nothing standing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import support

from pipelinelab.engines.docker import DockerEngine
from pipelinelab.errors import ImageUnavailable
from pipelinelab.session.engine import live
from pipelinelab.session.run import Run


@pytest.fixture(scope="session")
def docker() -> DockerEngine:
    """The engine of this machine, with the lab's base image."""
    engine = live()
    assert isinstance(engine, DockerEngine)
    try:
        engine.image(support.BASE, support.BASE)
    except ImageUnavailable:
        pytest.skip("the lab's images are not built: pipelinelab images build")
    return engine


@pytest.fixture(scope="session", params=list(support.SHELLS))
def shell_image(request: pytest.FixtureRequest, docker: DockerEngine) -> tuple[str, str]:
    """(shell, image): bash, an image with dash alone, and one with nothing but busybox."""
    name = request.param
    return name, support.built(docker, f"pipelinelab-test/{name}", support.SHELLS[name]) if support.SHELLS[
        name
    ] else support.BASE


@pytest.fixture
def lab(tmp_path: Path, docker: DockerEngine) -> Iterator[Callable[..., Run]]:
    """Replay a pipelines file: ``lab(text, files={…}, **settings)``. Afterwards nothing of it may stand."""
    folders: list[Path] = []

    def replayed(text: str, files: dict[str, str | bytes] | None = None, **how: Any) -> Run:
        folder = tmp_path / f"repository-{len(folders)}"
        folders.append(support.repository(folder, text, files))
        return support.run_of(folder, docker, **how)

    yield replayed
    docker.sweep(lambda labels: str(tmp_path) in labels.get("pipelinelab.folder", ""))


@pytest.fixture(scope="session")
def mysql(docker: DockerEngine) -> str:
    """The lab's database image."""
    try:
        docker.image("pipelinelab/mysql", "pipelinelab/mysql")
    except ImageUnavailable:
        pytest.skip("the lab's images are not built")
    return "pipelinelab/mysql"
