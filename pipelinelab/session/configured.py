"""A replay's defaults on this machine: the repository's pipelinelab.toml, the lab's own images, the host's CAs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from pipelinelab.planning.context import Given
from pipelinelab.session.asked import Asked
from pipelinelab.session.settings import Settings
from pipelinelab.setup.configuration import Configuration, load_configuration
from pipelinelab.setup.host import ca_bundle, ca_variables, proxies
from pipelinelab.system import git

TRUSTED = "/opt/pipelinelab/ca-certificates.crt"


def configured(path: Path, environ: Mapping[str, str] = os.environ) -> Asked:
    """What the repository at ``path`` asks of every replay. Raises UsageError for a faulty pipelinelab.toml."""
    root = git.toplevel(path)
    said = load_configuration(root)
    repository, secrets = dict(said.variables), set(said.secrets)
    if said.env_file:
        from pipelinelab.session.secrets import env_file, evidently_plain

        found = env_file(root / said.env_file)
        repository |= found
        secrets |= {name for name, value in found.items() if not evidently_plain(name, value)}
    repository |= {name: environ[name] for name in said.secrets if name in environ}
    return Asked(
        given=Given(repository=repository, secrets=frozenset(secrets)),
        settings=_settings(said, environ),
        imports={name: root / path for name, path in said.imports.items()},
    )


def _settings(said: Configuration, environ: Mapping[str, str]) -> Settings:
    names = {one.name for one in fields(Settings)}
    known = {one.name: getattr(said, one.name) for one in fields(said) if one.name in names}
    changes = {name: value for name, value in known.items() if value not in (None, {})}
    files: dict[str, tuple[bytes, int]] = {}
    variables = proxies(environ)
    if bundle := ca_bundle(environ):
        files[TRUSTED.lstrip("/")] = (bundle.read_bytes(), 0o644)
        variables |= ca_variables(TRUSTED)
    return Settings(**changes, container_variables=variables, container_files=files)
