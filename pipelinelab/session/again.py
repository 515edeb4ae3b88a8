"""How a replay was asked for: written into its recording, less the values of secrets, and asked again for a proof."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelinelab.errors import UsageError
from pipelinelab.masking.mask import Masker
from pipelinelab.planning.context import Given, Options
from pipelinelab.recording.records import Recording
from pipelinelab.session.asked import Asked

FACT = "asked"
"""The fact of a run that ``remembered`` made."""
_OPTIONS = ("steps", "start", "manual", "max_time_s", "docker_service")
_SETTINGS = ("stdin", "service_wait_s", "platform", "docker_service", "images", "jobs")


def remembered(asked: Asked, secret: Collection[str], masker: Masker) -> dict[str, Any]:
    """What ``again`` needs, as JSON takes it. Of secrets, and of whatever holds the value of one, only the names."""
    given = asked.given
    scopes = {"workspace": given.workspace, "repository": given.repository, "pipeline": given.pipeline}
    hidden = {name for values in (*scopes.values(), *given.deployments.values()) for name, value in values.items()
              if name in secret or name in given.secrets or masker.text(value) != value}  # fmt: skip

    def plain(values: Mapping[str, str]) -> dict[str, str | None]:
        return {name: None if name in hidden else value for name, value in values.items()}

    request, begun = asked.options.pull_request, asked.options.begun
    return {
        "ref": asked.ref,
        "file": str(asked.file.resolve()) if asked.file else "",
        "imports": {name: str(path.resolve()) for name, path in asked.imports.items()},
        "options": {name: getattr(asked.options, name) for name in _OPTIONS}
        | {"pull_request": request, "begun": sorted(begun)},
        "settings": {name: getattr(asked.settings, name) for name in _SETTINGS},
        "variables": {scope: plain(values) for scope, values in scopes.items()},
        "deployments": {name: plain(values) for name, values in given.deployments.items()},
    }


def again(base: Asked, recording: Recording) -> Asked:
    """``base`` (what the repository and the user ask for now) asked as that run was. What is given now wins, and what
    deployed for real does not do so again. Raises UsageError where a secret is not given again: no value is guessed."""
    known: Mapping[str, Any] = recording.facts.get(FACT) or {}
    if not known:
        return replace(base, pipeline=recording.pipeline)
    options, settings = dict(known["options"]), dict(known["settings"])
    request = options.pop("pull_request")
    settings["images"] = {**settings["images"], **base.settings.images}
    settings["docker_service"] = docker = settings["docker_service"] or base.settings.docker_service
    return replace(
        base,
        pipeline=recording.pipeline,
        ref=known["ref"],
        file=Path(known["file"]) if known["file"] else None,
        imports={**{name: Path(path) for name, path in known["imports"].items()}, **base.imports},
        given=_given(base.given, known),
        options=Options(
            **options | {"steps": tuple(options["steps"]), "begun": frozenset(options["begun"])}
            | {"docker_service": docker, "pull_request": tuple(request) if request else None}
        ),
        settings=replace(base.settings, **settings),
    )  # fmt: skip


def once_more(asked: Asked, recording: Recording) -> Asked:
    """What a run of this process was asked for, to be asked once more: nothing is deployed, and nobody is asked."""
    options = replace(asked.options, deploy_for_real=False, only_failed=False)
    return replace(asked, pipeline=recording.pipeline, options=options, ask=None, begin=None)


def _given(now: Given, known: Mapping[str, Any]) -> Given:
    missing: list[str] = []
    secrets = set(now.secrets)
    anywhere = {**now.workspace, **now.repository, **now.pipeline}

    def merged(then: Mapping[str, str | None], here: Mapping[str, str]) -> dict[str, str]:
        found = dict(here)
        for name, value in then.items():
            if value is None:
                secrets.add(name)
                value = anywhere.get(name)
            if name not in found and value is None:
                missing.append(name)
            found.setdefault(name, value or "")
        return found

    scopes = known["variables"]
    given = Given(
        workspace=merged(scopes["workspace"], now.workspace),
        repository=merged(scopes["repository"], now.repository),
        deployments={name: merged(then, now.deployments.get(name, {})) for name, then in known["deployments"].items()}
        | {name: values for name, values in now.deployments.items() if name not in known["deployments"]},
        pipeline=merged(scopes["pipeline"], now.pipeline),
        secrets=frozenset(secrets),
    )
    if missing:
        raise UsageError(
            f"the run was given {_and(missing)}, and no recording keeps the value of a secret",
            f"give it again: {' '.join(f'--secret {name}' for name in dict.fromkeys(missing))} (a value of the "
            "environment), or --env-file FILE; in Python replay it in this session",
        )
    return given


def _and(names: Iterable[str]) -> str:
    *some, last = dict.fromkeys(names)
    return f"{', '.join(some)} and {last}" if some else last
