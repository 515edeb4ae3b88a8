"""A private key and known hosts for the step's ssh, where Bitbucket has them. Pure."""

from __future__ import annotations

from collections.abc import Mapping

FOLDER = "opt/atlassian/pipelines/agent/ssh"
CONFIG = f"""Host *
  IdentityFile /{FOLDER}/id_rsa
  UserKnownHostsFile /{FOLDER}/known_hosts ~/.ssh/known_hosts
  ServerAliveInterval 180
"""
# One of the two is read whatever the image's own ssh is like: the folder by most, root's own file by all.
READ_FROM = ("etc/ssh/ssh_config.d/bitbucket.conf", "root/.ssh/config")


def ssh_files(key: bytes, known_hosts: bytes) -> Mapping[str, tuple[bytes, int]]:
    """(content, mode) by path from /; empty where neither was given. A key without a final newline gets one, which
    ssh asks for."""
    if not key and not known_hosts:
        return {}
    files = {f"{FOLDER}/known_hosts": (known_hosts, 0o644)}
    if key:
        files[f"{FOLDER}/id_rsa"] = (key.rstrip() + b"\n", 0o600)
    return files | {path: (CONFIG.encode(), 0o644) for path in READ_FROM}
