"""What Docker says is one sentence of the lab's, with the right kind and exit code."""

import docker.errors
import pytest
import requests

from pipelinelab.engines.docker_errors import translated
from pipelinelab.errors import DiskFull, EngineError, EngineUnavailable, ImageUnavailable, PipelinelabError, UsageError


def api(text: str) -> docker.errors.APIError:
    return docker.errors.APIError("500 Server Error", explanation=text)


@pytest.mark.parametrize(
    ("problem", "kind", "says"),
    [
        (api("write /x: no space left on device"), DiskFull, "disk is full"),
        (api('exec: "sh": executable file not found in $PATH: unknown'), EngineError, "the image IMAGE has no shell"),
        (api("something else\nsecond line"), EngineError, "doing it: something else"),
        (docker.errors.ImageNotFound("404", explanation="no such image"), ImageUnavailable, "no such image"),
        (requests.exceptions.ConnectionError("refused"), EngineUnavailable, "does not answer"),
        (BrokenPipeError(), EngineUnavailable, "does not answer"),
        (UsageError("ours"), UsageError, "ours"),
    ],
)
def test_each_failure_has_its_kind_and_one_line(problem, kind, says):
    with pytest.raises(PipelinelabError) as raised, translated("doing it", "IMAGE"):
        raise problem
    assert type(raised.value) is kind
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_succeeds_is_left_alone():
    with translated("doing it"):
        done = True
    assert done
