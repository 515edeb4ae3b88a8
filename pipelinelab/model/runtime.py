"""Where a step runs: Bitbucket's cloud, or a runner of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelinelab.model.source import Node


@dataclass(frozen=True, kw_only=True)
class CloudRuntime(Node):
    """Where a step runs in Bitbucket's own cloud; None means "not said here"."""

    version: str | None = None
    arch: str | None = None
    platform: str | None = None
    instance_type: str | None = None
    atlassian_ip_ranges: bool | None = None


@dataclass(frozen=True, kw_only=True)
class SelfHostedRuntime(Node):
    """What a self-hosted runner gives a step. Memory in MB; ``storage`` is as written, keyed by gcp or aws."""

    cpu: int | None = None
    memory: int | None = None
    volumes: tuple[str, ...] = ()
    storage: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Runtime(Node):
    """The ``runtime`` of a step or of all steps."""

    cloud: CloudRuntime | None = None
    self_hosted: SelfHostedRuntime | None = None
