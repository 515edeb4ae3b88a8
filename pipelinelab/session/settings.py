"""How a replay behaves: everything that the user may set and planning need not know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Seconds and bytes. ``stdin``: closed (end of file at once, as on Bitbucket) or silent (open, never answered).
    ``recycle``: a step may use the network namespace of the one before, where that left nothing in it.
    ``keep_green``: steps whose containers stay although they passed, to be asked what a cure did beside curing."""

    stdin: str = "closed"
    service_wait_s: float = 60.0
    log_cap_bytes: int = 50 * 1000 * 1000
    keep: bool = True
    keep_green: frozenset[int] = frozenset()
    stop_grace_s: float = 10.0
    platform: str | None = None
    cpus: float | None = None
    docker_service: bool = False
    images: Mapping[str, str] = field(default_factory=dict)
    container_variables: Mapping[str, str] = field(default_factory=dict)
    container_files: Mapping[str, tuple[bytes, int]] = field(default_factory=dict, repr=False)
    extra_hosts: Mapping[str, str] = field(default_factory=dict)
    jobs: int = 8
    sample_s: float = 1.0
    runs_kept: int = 50
    recycle: bool = True
    ssh_key: bytes = field(default=b"", repr=False)
    known_hosts: bytes = b""
