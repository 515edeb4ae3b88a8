"""Secrets reach nobody, and a container gets nothing of the machine."""

from __future__ import annotations

import base64
import sys
import time
from urllib.parse import quote

import pytest
from support import built, only, pipelines, said, standing, step

from pipelinelab.cli.live import Live
from pipelinelab.errors import UsageError
from pipelinelab.planning.context import Options

pytestmark = pytest.mark.live
SECRET = "s3cr3t-Value/with+odd=chars"


def test_a_secret_in_any_form_reaches_neither_terminal_nor_recording_nor_frame(lab, capsys):
    key = "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA7bq\nq8zLmdk0PP=\n-----END KEY-----"
    script = [
        "echo $TOKEN", "echo -n $TOKEN | base64 -w0; echo", "echo -n a$TOKEN | base64 -w0; echo",
        "echo -n ab$TOKEN | base64 -w0; echo", "echo \"$KEY\" | sed -n 2p", "echo \"$KEY\"",
        'printf %s "${TOKEN%????????}"; sleep 0.3; printf %s\\\\n "${TOKEN#"${TOKEN%????????}"}"',
        f"echo {SECRET}", "env", "exit 3",
    ]  # fmt: skip
    run = lab(pipelines(step(script)), secrets={"TOKEN": SECRET, "KEY": key}, listeners=[Live(sys.stdout, False)])
    assert said(only(run), 0) == "$TOKEN\n"
    shown = capsys.readouterr().out
    forms = [SECRET, quote(SECRET, safe=""), *key.splitlines(), base64.b64encode(SECRET.encode()).decode()[:-4]]
    everything = shown + "".join(
        getattr(run, name).to_csv() for name in ("runs", "steps", "commands", "output", "services")
    )
    everything += "".join(path.read_text("utf-8", "replace") for path in run.folder.rglob("*") if path.is_file())
    for form in forms:
        assert form not in everything, form
    assert "$TOKEN" in shown


def test_a_container_has_no_host_path_no_privilege_and_limits(lab, docker, tmp_path):
    lab(pipelines(step(["false"])), keep=True)
    (container,) = standing(docker, tmp_path)
    found = docker.client.inspect_container(container)
    host = found["HostConfig"]
    assert not host["Binds"]
    assert not found["Mounts"]
    assert not host["Privileged"]
    assert not host["CapAdd"]
    assert not host["Devices"]
    assert host["NetworkMode"] in ("bridge", "default")
    assert host["PidMode"] == ""
    assert host["Memory"] == host["MemorySwap"] == 4096 * 2**20
    assert host["PidsLimit"] > 0
    assert host["NanoCpus"] == docker.facts().cpus * 10**9


def test_a_fork_bomb_meets_the_process_limit_and_the_machine_goes_on(lab):
    script = ["for i in $(seq 9000); do sleep 20 & done 2>/dev/null || echo refused"]
    began = time.monotonic()
    lab(pipelines(step(script)), options=Options(max_time_s=15.0))
    assert time.monotonic() - began < 60


def test_the_docker_service_is_refused_without_leave_before_anything_runs(lab, docker, tmp_path):
    with pytest.raises(UsageError, match="docker service") as refused:
        lab(pipelines(step(["docker version"], services=["docker"])))
    assert "--allow-docker-service" in refused.value.hint
    assert standing(docker, tmp_path) == []


DOCKER = """FROM pipelinelab/base
RUN apt-get update && apt-get install -y --no-install-recommends docker.io iptables
EXPOSE 2375
CMD ["dockerd", "--host=tcp://127.0.0.1:2375", "--host=unix:///var/run/docker.sock"]
"""


def test_the_docker_service_is_a_daemon_of_its_own_with_leave(lab, docker):
    image = built(docker, "pipelinelab-test/docker", DOCKER)
    script = [
        "docker version --format '{{.Server.Os}}'",
        "docker info --format '{{.Name}} {{.Containers}} {{.Images}}'",
        "tar -hc /bin/dash /lib/x86_64-linux-gnu/libc.so.6 /lib64/ld-linux-x86-64.so.2 | docker import - tiny",
        "echo in the clone > said",
        "docker run --rm -v $PWD:/here tiny /bin/dash -c 'while read l; do echo $l; done < /here/said'",
    ]
    text = pipelines(step(script, services=["docker"]), image=image)
    found = only(lab(text, docker_service=True, images={"docker:dind": image}))
    assert said(found, 0) == "linux\n", found.text + found.services[0].text[-3000:]
    assert said(found, 1).split()[1:] == ["0", "0"]
    assert said(found, 4) == "in the clone\n", found.text
