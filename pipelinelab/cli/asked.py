"""Command-line options, pipelinelab.toml and .env files to what a replay is asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelinelab.errors import UsageError
from pipelinelab.planning.context import Options
from pipelinelab.session.replay import Asked
from pipelinelab.session.secrets import env_file, evidently_plain
from pipelinelab.session.settings import Settings


def pairs(given: Iterable[str], option: str) -> dict[str, str]:
    """``NAME=VALUE`` options as a mapping."""
    found = {}
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise UsageError(f"{option} {one!r} is not NAME=VALUE")
        found[name] = value
    return found


def asked_from(path: Path, options: Mapping[str, Any]) -> Asked:
    """What the command line and the repository's pipelinelab.toml ask for; the command line wins."""
    from pipelinelab.session.configured import configured

    asked = configured(path)
    repository = dict(asked.given.repository)
    secrets = set(asked.given.secrets)
    for file in options["env_files"]:
        found = env_file(file)
        repository |= found
        secrets |= {name for name, value in found.items() if not evidently_plain(name, value)}
    deployments: dict[str, Mapping[str, str]] = dict(asked.given.deployments)
    for name, file in pairs(options["deployments"], "--deployment-env").items():
        deployments[name] = env_file(Path(file))
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
    request = options["pull_request"]
    if request is not None and ":" not in request:
        raise UsageError(f"--pull-request {request!r} is not ID:DESTINATION", "for example: --pull-request 7:main")
    return replace(
        asked,
        pipeline=options["pipeline"],
        ref=options["ref"],
        file=options["file"],
        worktree=options["worktree"],
        imports={**asked.imports, **{n: Path(p) for n, p in pairs(options["imports"], "--import").items()}},
        given=replace(asked.given, repository=repository, deployments=deployments, secrets=frozenset(secrets),
                      pipeline={**asked.given.pipeline, **pipeline}),
        options=Options(
            deploy_for_real=options["deploy_for_real"], steps=options["steps"], start=options["start"],
            only_failed=options["only_failed"],
            manual=options["manual"], docker_service=options["allow_docker_service"],
            pull_request=tuple(request.split(":", 1)) if request else None,
            max_time_s=options["max_time"] * 60 if options["max_time"] else None,
        ),
        settings=_settings(asked.settings, options),
    )  # fmt: skip


def _settings(settings: Settings, options: Mapping[str, Any]) -> Settings:
    changes: dict[str, Any] = {"images": {**settings.images, **pairs(options["images"], "--image")}}
    if options["no_service_wait"]:
        changes["service_wait_s"] = 0.0
    elif options["service_wait"] is not None:
        changes["service_wait_s"] = options["service_wait"]
    if options["log_cap"] is not None:
        changes["log_cap_bytes"] = int(options["log_cap"] * 1e6)
    if options["no_keep"]:
        changes["keep"] = False
    for key in ("stdin", "platform", "jobs"):
        if options[key] is not None:
            changes[key] = options[key]
    for key, option in (("ssh_key", "--ssh-key"), ("known_hosts", "--known-hosts")):
        if options[key] is not None:
            changes[key] = _bytes(options[key], option)
    return replace(settings, **changes, docker_service=options["allow_docker_service"])


def _bytes(path: Path, option: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise UsageError(f"{option}: {path} cannot be read: {problem.strerror}") from None
