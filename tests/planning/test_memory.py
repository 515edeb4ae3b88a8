"""Memory as Bitbucket shares it out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.errors import UsageError
from pipelinelab.planning.memory import share


def test_a_step_without_services_has_all_of_it():
    assert share(1, [], "here") == (4096, {})
    assert share(8, [], "here") == (32768, {})


def test_a_service_takes_1024_unless_it_says_otherwise():
    assert share(1, [("db", None), ("cache", 256)], "here") == (2816, {"db": 1024, "cache": 256})


@given(st.sampled_from([1, 2, 4, 8, 16, 32]), st.lists(st.integers(128, 8000), max_size=5))
def test_what_is_shared_out_is_all_there_is_or_the_step_is_refused(size, memories):
    services = [(f"s{number}", memory) for number, memory in enumerate(memories)]
    try:
        build, shares = share(size, services, "here")
    except UsageError:
        assert 4096 * size - sum(memories) < 1024
        return
    assert build >= 1024
    assert build + sum(shares.values()) == 4096 * size


@pytest.mark.parametrize(
    ("services", "says"),
    [
        ([("a", None), ("b", None), ("c", None), ("d", None)], "leave 0 for the build container"),
        ([("a", 100)], "the least is 128"),
        ([(name, 128) for name in "abcdef"], "We only support 5 services"),
    ],
)
def test_what_bitbucket_would_refuse_is_refused_with_the_place_and_a_cure(services, says):
    with pytest.raises(UsageError, match=says) as refused:
        share(1, services, "bitbucket-pipelines.yml:7:5")
    assert str(refused.value).startswith("bitbucket-pipelines.yml:7:5")
