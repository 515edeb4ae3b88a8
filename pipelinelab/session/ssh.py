"""A private key and known hosts for the step's ssh, where Bitbucket has them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

FOLDER = "opt/atlassian/pipelines/agent/ssh"
CONFIG = f"""Host *
  IdentityFile /{FOLDER}/id_rsa
  UserKnownHostsFile /{FOLDER}/known_hosts ~/.ssh/known_hosts
  ServerAliveInterval 180
"""


def ssh_files(key: bytes, known_hosts: bytes, home: str = "/root") -> Mapping[str, tuple[bytes, int]]:
    """(content, mode) by path from /; empty where neither was given. A path that ends in / is a folder. ``home`` is
    that of the step's user, whose own they are to be: ssh refuses a key that others may read. A key without a final
    newline gets one, which ssh asks for."""
    if not key and not known_hosts:
        return {}
    files = {f"{FOLDER}/known_hosts": (known_hosts, 0o644)}
    if key:
        files[f"{FOLDER}/id_rsa"] = (key.rstrip() + b"\n", 0o600)
    # One of the two is read whatever the image's own ssh is like: the folder by most, the user's own file by all.
    own = f"{home.strip('/')}/.ssh/".lstrip("/")
    files["etc/ssh/ssh_config.d/bitbucket.conf"] = (CONFIG.encode(), 0o644)
    return {**files, own: (b"", 0o700), f"{own}config": (CONFIG.encode(), 0o644)}
