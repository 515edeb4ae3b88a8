"""A proof asks for what its run was asked for, from the recording, which holds no secret's value."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipelinelab.errors import UsageError
from pipelinelab.masking.mask import Masker, patterns
from pipelinelab.planning.context import Given, Options
from pipelinelab.recording.records import Recording
from pipelinelab.session.again import FACT, again, once_more, remembered
from pipelinelab.session.asked import Asked
from pipelinelab.session.settings import Settings

SECRET = "s3cr3t-of-ci"
ASKED = Asked(
    pipeline="custom/nightly",
    ref="feature/a",
    file=Path("/srv/shop/other.yml"),
    given=Given(
        repository={"REGION": "eu"},
        deployments={"staging": {"HOST": "web1", "KEY": SECRET}},
        pipeline={"STAGE": "qa", "TOKEN": SECRET, "URL": f"https://x:{SECRET}@web1"},
        secrets=frozenset({"TOKEN", "KEY"}),
    ),
    options=Options(steps=("Test",), pull_request=("7", "main"), deploy_for_real=True, max_time_s=60.0),
    settings=Settings(stdin="silent", images={"python:3.11": "mine"}),
    imports={"shared": Path("/srv/shared")},
)


def recorded(asked: Asked = ASKED) -> Recording:
    facts = {FACT: remembered(asked, {"TOKEN": SECRET}, Masker(patterns({"TOKEN": SECRET})))}
    return Recording(run_id="1", pipeline="custom/nightly", facts=json.loads(json.dumps(facts)))


def test_no_value_of_a_secret_is_kept_nor_one_that_holds_it() -> None:
    assert SECRET not in json.dumps(recorded().facts)


def test_it_is_asked_for_as_it_was_but_deploys_nothing() -> None:
    found = again(Asked(given=Given(pipeline={"TOKEN": SECRET, "KEY": "k", "URL": "u"})), recorded())
    assert (found.pipeline, found.ref, found.file, found.imports) == (
        "custom/nightly", "feature/a", ASKED.file, ASKED.imports,
    )  # fmt: skip
    assert found.options == replace(ASKED.options, deploy_for_real=False)
    assert (found.settings.stdin, found.settings.images) == ("silent", {"python:3.11": "mine"})
    assert found.given.pipeline == {"KEY": "k", "STAGE": "qa", "TOKEN": SECRET, "URL": "u"}
    assert found.given.deployments == {"staging": {"HOST": "web1", "KEY": "k"}}
    assert found.given.secrets >= {"TOKEN", "KEY", "URL"}


def test_what_is_given_now_wins() -> None:
    now = Asked(given=Given(pipeline={"STAGE": "live", "TOKEN": "t", "URL": "u"}, repository={"KEY": "k"}))
    found = again(now, recorded())
    assert found.given.pipeline["STAGE"] == "live"
    assert found.given.deployments["staging"]["KEY"] == "k"


def test_a_secret_that_is_not_given_is_asked_for_by_name_whatever_the_environment_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TOKEN", "of something else")
    with pytest.raises(UsageError, match="no recording keeps the value") as told:
        again(Asked(), recorded())
    assert "--secret TOKEN" in told.value.hint


def test_a_recording_that_does_not_tell_gives_its_pipeline() -> None:
    assert again(Asked(), Recording(run_id="1", pipeline="branches/main")) == Asked(pipeline="branches/main")


def test_a_run_of_this_process_is_asked_again_with_its_secrets() -> None:
    found = once_more(ASKED, recorded())
    assert found.given == ASKED.given and not found.options.deploy_for_real
