"""The clone as a step sees it: its user, modes, names and links, and the step's ssh key."""

from __future__ import annotations

import subprocess

import pytest
from support import built, only, pipelines, said, step

from pipelinelab.planning.context import Options

pytestmark = pytest.mark.live


def test_a_step_runs_as_the_user_that_its_image_names_and_may_write_in_the_clone(lab):
    image = {"name": "pipelinelab/base", "run-as-user": 1000}
    found = only(lab(pipelines(step(["id -u", "echo more >> file.txt; cat file.txt; echo new > new.txt"], image=image)),
                     {"file.txt": "one\n"}))  # fmt: skip
    assert found.result == "passed", found.text
    assert said(found, 0) == "1000\n"
    assert said(found, 1) == "one\nmore\n"


def test_names_modes_and_links_of_the_clone_are_true(lab):
    long = "a/" * 60 + "file.txt"
    found = only(lab(pipelines(step([f"cat {long}", "./run.sh", "cat 'späte Wörter.txt'", "git status --porcelain"])),
                     {long: "deep\n", "run.sh": "#!/bin/sh\necho ran\n", "späte Wörter.txt": "ok\n"}))  # fmt: skip
    assert said(found, 0) == "deep\n"
    assert found.exit_code == 126  # not executable in git, so not in the clone


SSH = """FROM pipelinelab/base
RUN apt-get update && apt-get install -y --no-install-recommends openssh-client openssh-server
"""


def test_the_ssh_key_and_the_known_hosts_are_used_and_the_key_is_a_secret(lab, docker, tmp_path):
    image = built(docker, "pipelinelab-test/ssh", SSH)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "host")], check=True)
    public = (tmp_path / "key.pub").read_text()
    known = "[localhost]:2222 " + (tmp_path / "host.pub").read_text()
    script = [
        "mkdir -p /run/sshd ~/.ssh && cp authorized ~/.ssh/authorized_keys && chmod 600 host ~/.ssh/authorized_keys",
        "/usr/sbin/sshd -p 2222 -h $PWD/host && sleep 0.5",
        "ssh -o BatchMode=yes -p 2222 root@localhost echo reached",
        "cat $BITBUCKET_SSH_KEY_FILE",
    ]
    files = {"authorized": public, "host": (tmp_path / "host").read_text()}
    run = lab(
        pipelines(step(script), image=image),
        files,
        options=Options(deploy_for_real=True),
        ssh_key=(tmp_path / "key").read_bytes(),
        known_hosts=known.encode(),
    )
    assert said(only(run), 2) == "reached\n", only(run).text
    secret = (tmp_path / "key").read_text().splitlines()[1]
    assert secret not in only(run).text
    assert "$SSH_KEY" in said(only(run), 3)
