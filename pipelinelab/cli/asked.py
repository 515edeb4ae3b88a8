"""Command-line options, pipelinelab.toml and .env files to what a replay is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelinelab.cli.given import given, pairs
from pipelinelab.errors import UsageError
from pipelinelab.planning.context import Options
from pipelinelab.session.asked import Asked
from pipelinelab.session.settings import Settings


def asked_from(path: Path, options: Mapping[str, Any]) -> Asked:
    """What the command line and the repository's pipelinelab.toml ask for; the command line wins."""
    from pipelinelab.session.configured import configured

    asked = given(configured(path), options)
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
        options=Options(
            deploy_for_real=options["deploy_for_real"], steps=options["steps"], start=options["start"],
            only_failed=options["only_failed"],
            manual=options["manual"], docker_service=asked.options.docker_service,
            pull_request=tuple(request.split(":", 1)) if request else None,
            max_time_s=options["max_time"] * 60 if options["max_time"] else None,
        ),
        settings=_settings(asked.settings, options),
    )  # fmt: skip


def _settings(settings: Settings, options: Mapping[str, Any]) -> Settings:
    changes: dict[str, Any] = {}
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
    if b"PRIVATE KEY-----" not in changes.get("ssh_key", b"PRIVATE KEY-----"):
        raise UsageError(f"--ssh-key: {options['ssh_key']} is no private key", "such a file begins with -----BEGIN")
    return replace(settings, **changes)


def _bytes(path: Path, option: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise UsageError(f"{option}: {path} cannot be read: {problem.strerror}") from None
