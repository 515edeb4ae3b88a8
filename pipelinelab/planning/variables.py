"""The variables a step's shell sees. Source: Atlassian's list of default variables, and what public runners set."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping

from pipelinelab.planning.context import Given, Options, Repository
from pipelinelab.planning.plan import CLONE_DIR

WORK = "/tmp/.pipelinelab"
REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


def expand(text: str, values: Mapping[str, str]) -> str:
    """``$NAME`` and ``${NAME}`` replaced by their values, as Bitbucket does outside of scripts; unknown ones stay."""
    return REFERENCE.sub(lambda found: values.get(found[1] or found[2], found[0]), text)


def _uuid(*parts: object) -> str:
    """A stable id in Bitbucket's braces: the same replay of the same thing has the same ids."""
    return "{" + str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join(str(part) for part in parts))) + "}"


def defaults(repo: Repository, options: Options, step: int, deployment: str | None, parallel: tuple[int, int] | None,
             pipeline: str) -> dict[str, str]:  # fmt: skip
    """CI and every BITBUCKET_* that Bitbucket sets in a step. ``parallel``: place in its group from 0, and size."""
    full = f"{repo.workspace}/{repo.slug}"
    origin = f"http://bitbucket.org/{full}"
    found = {
        "CI": "true",
        "BITBUCKET_BUILD_NUMBER": str(options.build_number),
        "BITBUCKET_CLONE_DIR": CLONE_DIR,
        "BITBUCKET_COMMIT": repo.commit,
        "BITBUCKET_WORKSPACE": repo.workspace,
        "BITBUCKET_REPO_SLUG": repo.slug,
        "BITBUCKET_REPO_UUID": _uuid(full),
        "BITBUCKET_REPO_FULL_NAME": full,
        "BITBUCKET_REPO_OWNER": repo.workspace,
        "BITBUCKET_REPO_OWNER_UUID": _uuid(repo.workspace),
        "BITBUCKET_REPO_IS_PRIVATE": "true",
        "BITBUCKET_PROJECT_KEY": "PROJ",
        "BITBUCKET_PROJECT_UUID": _uuid(repo.workspace, "PROJ"),
        "BITBUCKET_GIT_HTTP_ORIGIN": origin,
        "BITBUCKET_GIT_SSH_ORIGIN": f"git@bitbucket.org:{full}.git",
        "BITBUCKET_PIPELINE_UUID": _uuid(full, repo.commit, pipeline, options.build_number),
        "BITBUCKET_STEP_UUID": _uuid(full, repo.commit, pipeline, options.build_number, step),
        "BITBUCKET_STEP_RUN_NUMBER": "1",
        "BITBUCKET_STEP_TRIGGERER_UUID": _uuid(repo.workspace, "user"),
        "BITBUCKET_PIPELINES_VARIABLES_PATH": f"{WORK}/variables",
        "BITBUCKET_DOCKER_HOST_INTERNAL": "127.0.0.1",
        "BITBUCKET_PIPE_STORAGE_DIR": f"{CLONE_DIR}/.bitbucket/pipelines/generated/pipeline/pipes",
        "BITBUCKET_PIPE_SHARED_STORAGE_DIR": f"{CLONE_DIR}/.bitbucket/pipelines/generated/pipeline/pipes",
        "BITBUCKET_SSH_KEY_FILE": "/opt/atlassian/pipelines/agent/ssh/id_rsa",
    }
    if repo.tag:
        found["BITBUCKET_TAG"] = repo.tag
    elif repo.branch:
        found["BITBUCKET_BRANCH"] = repo.branch
    if parallel:
        found["BITBUCKET_PARALLEL_STEP"], found["BITBUCKET_PARALLEL_STEP_COUNT"] = map(str, parallel)
    if options.pull_request:
        found["BITBUCKET_PR_ID"], found["BITBUCKET_PR_DESTINATION_BRANCH"] = options.pull_request
    if deployment:
        found["BITBUCKET_DEPLOYMENT_ENVIRONMENT"] = deployment
        found["BITBUCKET_DEPLOYMENT_ENVIRONMENT_UUID"] = _uuid(full, "environment", deployment)
    return found


def variables(base: Mapping[str, str], given: Given, deployment: str | None) -> dict[str, str]:
    """Defaults, then workspace, repository, deployment and pipeline variables: each overrides those before it."""
    own = given.deployments.get(deployment, {}) if deployment else {}
    return {**base, **given.workspace, **given.repository, **own, **given.pipeline}
