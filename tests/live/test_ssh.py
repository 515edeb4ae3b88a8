"""A step's ssh key belongs to the user that the step runs as, whoever that is."""

from __future__ import annotations

import subprocess

import pytest
from support import built, pipelines, said, step

from pipelinelab.planning.context import Options

pytestmark = pytest.mark.live
IMAGE = """FROM pipelinelab/base
RUN apt-get update && apt-get install -y --no-install-recommends openssh-client openssh-server && mkdir -p /run/sshd
RUN useradd --create-home --uid 1234 builder && touch /home/builder/.hushlogin
"""


@pytest.mark.parametrize("way", ["run-as-user", "the image's own user"])
def test_a_step_that_is_not_root_reaches_a_host_with_its_key(lab, docker, tmp_path, way):
    name = built(docker, "pipelinelab-test/ssh-users", IMAGE)
    if way != "run-as-user":
        name = built(docker, "pipelinelab-test/ssh-builder", f"FROM {name}\nUSER builder\n")
    for one in ("key", "host"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / one)], check=True)
    script = [
        "id -un",
        "install -m 600 host ~/host && install -m 600 authorized ~/.ssh/authorized_keys",
        "/usr/sbin/sshd -p 2222 -h ~/host -o UsePAM=no -o PidFile=none && sleep 0.5",
        "ssh -o BatchMode=yes -p 2222 localhost echo reached",
        "echo more >> ~/.ssh/known_hosts",
        "stat -c '%a %U' $BITBUCKET_SSH_KEY_FILE",
    ]
    run = lab(
        pipelines(step(script), image={"name": name, "run-as-user": 1234} if way == "run-as-user" else name),
        {"authorized": (tmp_path / "key.pub").read_text(), "host": (tmp_path / "host").read_text()},
        options=Options(deploy_for_real=True),
        ssh_key=(tmp_path / "key").read_bytes(),
        known_hosts=b"[localhost]:2222 " + (tmp_path / "host.pub").read_bytes(),
    )
    found = run.recording.steps[0]
    assert found.result == "passed", found.text
    assert said(found, 0) == "builder\n"
    assert said(found, 3) == "reached\n"
    assert said(found, 5) == "600 builder\n"
