"""Every variable that Bitbucket sets, from git where it can be, and which scope wins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.planning.context import Given, Options, Repository
from pipelinelab.planning.variables import defaults, variables

REPO = Repository(
    name="shop", commit="c" * 40, branch="main", workspace="acme", slug="shop", origin="git@bitbucket.org:acme/shop.git"
)


def found(**changes):
    repo = changes.pop("repo", REPO)
    options = changes.pop("options", Options(build_number=7))
    given = {"step": 2, "deployment": None, "parallel": None, "pipeline": "default", **changes}
    return defaults(repo, options, given["step"], given["deployment"], given["parallel"], given["pipeline"])


ALWAYS = [
    "BUILD_NUMBER",
    "CLONE_DIR",
    "COMMIT",
    "BRANCH",
    "PIPELINE_UUID",
    "STEP_UUID",
    "STEP_RUN_NUMBER",
    "STEP_TRIGGERER_UUID",
    "PIPELINES_VARIABLES_PATH",
    "WORKSPACE",
    "REPO_SLUG",
    "REPO_UUID",
    "REPO_FULL_NAME",
    "REPO_OWNER",
    "REPO_OWNER_UUID",
    "REPO_IS_PRIVATE",
    "PROJECT_KEY",
    "PROJECT_UUID",
    "GIT_HTTP_ORIGIN",
    "GIT_SSH_ORIGIN",
    "SSH_KEY_FILE",
    "DOCKER_HOST_INTERNAL",
    "PIPE_STORAGE_DIR",
]
SOMETIMES = [
    "TAG",
    "BOOKMARK",
    "PARALLEL_STEP",
    "PARALLEL_STEP_COUNT",
    "PR_ID",
    "PR_DESTINATION_BRANCH",
    "DEPLOYMENT_ENVIRONMENT",
    "DEPLOYMENT_ENVIRONMENT_UUID",
    "STEP_OIDC_TOKEN",
    "EXIT_CODE",
]


@pytest.mark.parametrize("name", ALWAYS)
def test_it_is_set_in_every_step(name):
    assert found()[f"BITBUCKET_{name}"]


@pytest.mark.parametrize("name", SOMETIMES)
def test_it_is_not_set_where_it_has_no_meaning(name):
    assert f"BITBUCKET_{name}" not in found()


def test_what_git_knows_is_from_git():
    values = found()
    assert values["CI"] == "true"
    assert values["BITBUCKET_COMMIT"] == "c" * 40
    assert values["BITBUCKET_BRANCH"] == "main"
    assert values["BITBUCKET_REPO_FULL_NAME"] == "acme/shop"
    assert values["BITBUCKET_GIT_SSH_ORIGIN"] == "git@bitbucket.org:acme/shop.git"
    assert values["BITBUCKET_CLONE_DIR"] == "/opt/atlassian/pipelines/agent/build"
    assert values["BITBUCKET_BUILD_NUMBER"] == "7"


def test_a_tag_has_no_branch_and_a_branch_no_tag():
    values = found(repo=Repository(name="shop", commit="c" * 40, tag="v1"))
    assert values["BITBUCKET_TAG"] == "v1"
    assert "BITBUCKET_BRANCH" not in values


def test_a_parallel_step_knows_its_place_from_0():
    values = found(parallel=(0, 3))
    assert (values["BITBUCKET_PARALLEL_STEP"], values["BITBUCKET_PARALLEL_STEP_COUNT"]) == ("0", "3")


def test_a_pull_request_and_a_deployment_are_told():
    values = found(options=Options(pull_request=("12", "main")), deployment="staging")
    assert (values["BITBUCKET_PR_ID"], values["BITBUCKET_PR_DESTINATION_BRANCH"]) == ("12", "main")
    assert values["BITBUCKET_DEPLOYMENT_ENVIRONMENT"] == "staging"
    assert values["BITBUCKET_DEPLOYMENT_ENVIRONMENT_UUID"].startswith("{")


def test_ids_are_the_same_for_the_same_step_and_others_for_another():
    assert found() == found()
    assert found()["BITBUCKET_STEP_UUID"] != found(step=3)["BITBUCKET_STEP_UUID"]
    assert found()["BITBUCKET_PIPELINE_UUID"] == found(step=3)["BITBUCKET_PIPELINE_UUID"]


SCOPE = st.dictionaries(st.sampled_from("ABC"), st.text("xyz", min_size=1, max_size=3))


@given(SCOPE, SCOPE, SCOPE, SCOPE, SCOPE)
def test_the_narrower_scope_wins(base, workspace, repository, deployment, pipeline):
    given = Given(workspace=workspace, repository=repository, deployments={"prod": deployment}, pipeline=pipeline)
    values = variables(base, given, "prod")
    for name in "ABC":
        scopes = [one[name] for one in (pipeline, deployment, repository, workspace, base) if name in one]
        assert values.get(name) == (scopes[0] if scopes else None)
    assert variables(base, given, None) == {**base, **workspace, **repository, **pipeline}
    assert variables(base, given, "other") == variables(base, given, None)
