"""Options that give a replay its variables, secrets and images: the same for replaying, proving and curing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pipelinelab.session.asked import Asked

_OPTIONS = (
    click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="A variable. Repeatable."),
    click.option("--secret", "secrets", multiple=True, metavar="NAME[=VALUE]",
                 help="A secured variable, masked everywhere; without a value: the environment's."),
    click.option("--env-file", "env_files", multiple=True, type=click.Path(path_type=Path),
                 help="A .env file of variables; what is not evidently harmless is masked. Repeatable."),
    click.option("--deployment-env", "deployments", multiple=True, metavar="ENVIRONMENT=FILE",
                 help="A .env file for one deployment environment. Repeatable."),
    click.option("--image", "images", multiple=True, metavar="OLD=NEW", help="Use another image. Repeatable."),
    click.option("--allow-docker-service", is_flag=True,
                 help="Start docker services: a daemon of their own, with SYS_ADMIN and NET_ADMIN."),
)  # fmt: skip
NAMES = ("variables", "secrets", "env_files", "deployments", "images", "allow_docker_service")
"""The parameters that the options fill."""


def given_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options to a command, in their order."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def given(asked: Asked, options: Mapping[str, Any]) -> Asked:
    """``asked`` with what the options give. Raises UsageError for one that is malformed or cannot be read."""
    from pipelinelab.errors import UsageError
    from pipelinelab.session.secrets import env_file, evidently_plain

    repository = dict(asked.given.repository)
    secrets = set(asked.given.secrets)
    for file in options["env_files"]:
        found = env_file(file)
        repository |= found
        secrets |= {name for name, value in found.items() if not evidently_plain(name, value)}
    deployments: dict[str, Mapping[str, str]] = dict(asked.given.deployments)
    for name, path in pairs(options["deployments"], "--deployment-env").items():
        deployments[name] = env_file(Path(path))
        secrets |= {key for key, value in deployments[name].items() if not evidently_plain(key, value)}
    pipeline = pairs(options["variables"], "--var")
    for one in options["secrets"]:
        name, equals, value = one.partition("=")
        if not equals:
            if name not in os.environ:
                raise UsageError(f"--secret {name}: there is no such environment variable", f"or give {name}=VALUE")
            value = os.environ[name]
        pipeline[name] = value
        secrets.add(name)
    docker = asked.settings.docker_service or options["allow_docker_service"]
    return replace(
        asked,
        given=replace(asked.given, repository=repository, deployments=deployments, secrets=frozenset(secrets),
                      pipeline={**asked.given.pipeline, **pipeline}),
        options=replace(asked.options, docker_service=docker),
        settings=replace(asked.settings, docker_service=docker,
                         images={**asked.settings.images, **pairs(options["images"], "--image")}),
    )  # fmt: skip


def pairs(given: Iterable[str], option: str) -> dict[str, str]:
    """``NAME=VALUE`` options as a mapping."""
    from pipelinelab.errors import UsageError

    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise UsageError(f"{option} {one!r} is not NAME=VALUE")
        found[name] = value
    return found
