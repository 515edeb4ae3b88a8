"""How Bitbucket shares a step's memory. Source: Atlassian's documentation of step size and service memory."""

from __future__ import annotations

from collections.abc import Sequence

from pipelinelab.errors import UsageError

PER_SIZE_MIB = 4096
SERVICE_MIB = 1024
BUILD_LEAST_MIB = 1024
SERVICE_LEAST_MIB = 128
MOST_SERVICES = 5


def share(size: int, services: Sequence[tuple[str, int | None]], where: str) -> tuple[int, dict[str, int]]:
    """(MiB for the build container, MiB by service). Raises UsageError where Bitbucket would refuse the step."""
    if len(services) > MOST_SERVICES:
        raise UsageError(
            f"{where}: {len(services)} services; Bitbucket: We only support {MOST_SERVICES} services",
            "take services out of the step, or split it",
        )
    asked = {name: memory or SERVICE_MIB for name, memory in services}
    for name, memory in asked.items():
        if memory < SERVICE_LEAST_MIB:
            raise UsageError(f"{where}: service {name!r} has {memory} MB; the least is {SERVICE_LEAST_MIB}")
    left = PER_SIZE_MIB * size - sum(asked.values())
    if left < BUILD_LEAST_MIB:
        raise UsageError(
            f"{where}: services take {sum(asked.values())} of {PER_SIZE_MIB * size} MB and leave {left} for the build"
            f" container, which needs {BUILD_LEAST_MIB}",
            f"give the step size: {size * 2}x, or its services less memory",
        )
    return left, asked
