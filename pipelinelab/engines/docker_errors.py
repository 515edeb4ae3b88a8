"""What the engine's API raises, as one clear sentence of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pipelinelab.errors import DiskFull, EngineError, EngineUnavailable, ImageUnavailable, PipelinelabError


@contextmanager
def translated(doing: str, image: str = "") -> Iterator[None]:
    """Turn docker-py's and its transport's exceptions into EngineError and its kin."""
    import requests
    from docker.errors import APIError, DockerException, ImageNotFound

    try:
        yield
    except PipelinelabError:
        raise
    except ImageNotFound as problem:
        raise ImageUnavailable(f"{doing}: {problem.explanation}") from None
    except APIError as problem:
        why = str(problem.explanation or problem).strip().splitlines()[0]
        if "no space left on device" in why.lower():
            raise DiskFull(
                f"{doing}: the engine's disk is full", "free some space, e.g. with: docker system df"
            ) from None
        if '"sh": executable file not found' in why or "exec: sh" in why:
            raise EngineError(
                f"{doing}: the image {image} has no shell", "a build image must hold sh; choose another image"
            ) from None
        raise EngineError(f"{doing}: {why}") from None
    except (requests.exceptions.RequestException, DockerException, OSError) as problem:
        raise EngineUnavailable(
            f"{doing}: the Docker engine does not answer ({type(problem).__name__})", "see: pipelinelab doctor"
        ) from None
