"""What surrounds a script: its services, limits, secrets, files, and what is left of a step that failed."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from urllib.parse import quote

import pytest
from support import built, item, pipelines, repository, results, run_of, said, standing, step

from pipelinelab.cli.live import Live
from pipelinelab.errors import EngineError, ImageUnavailable, UsageError
from pipelinelab.events.types import CommandEnded, CommandStarted, InputAwaited, RunStarted
from pipelinelab.planning.context import Options
from pipelinelab.session.kept import reopen

pytestmark = pytest.mark.live
SECRET = "s3cr3t-Value/with+odd=chars"


def only(run):
    return run.recording.steps[0]


# services


def service(image: str = "pipelinelab/mysql", **more):
    return {"image": image, "variables": {"MYSQL_ROOT_PASSWORD": "root", "MYSQL_DATABASE": "shop"}, **more}


@pytest.fixture(scope="session")
def mysql(docker):
    try:
        docker.image("pipelinelab/mysql", "pipelinelab/mysql")
    except ImageUnavailable:
        pytest.skip("the lab's images are not built")


def test_a_service_is_awaited_timed_and_its_log_recorded(lab, mysql):
    text = pipelines(
        step(["(exec 3<>/dev/tcp/127.0.0.1/3306) && echo reached"], services=["mysql"]),
        definitions={"services": {"mysql": service()}},
    )
    run = lab(text)
    assert run.ok
    assert said(only(run), 0) == "reached\n"
    row = run.services.iloc[0]
    assert 0 < row.port_open_after_s < 60
    assert row.log_lines > 0
    assert row.memory_peak_mib > 1
    assert not only(run).services[0].late


def test_without_the_wait_the_race_is_shown_and_marked(lab, mysql):
    text = pipelines(
        step(["bash -c '(exec 3<>/dev/tcp/127.0.0.1/3306)'"], services=["mysql"]),
        step(["sleep 8"], services=["mysql"]),
        definitions={"services": {"mysql": service()}},
    )
    lost = lab(text, service_wait_s=0.0)
    assert lost.result == "failed"
    assert "Connection refused" in only(lost).text
    assert any(note.kind == "service_never_ready" for note in only(lost).notes)
    late = lab(
        pipelines(step(["sleep 8"], services=["m"]), definitions={"services": {"m": service()}}), service_wait_s=0.0
    )
    assert late.ok
    assert only(late).services[0].late


def test_two_services_on_one_port_collide_and_it_is_said(lab, mysql):
    text = pipelines(
        step(["sleep 4"], services=["one", "two"]),
        definitions={"services": {"one": service(), "two": service()}},
    )
    run = lab(text, service_wait_s=20.0)
    kinds = {note.kind: note.text for note in only(run).notes}
    assert "3306" in kinds["port_conflict"]
    assert "last words" in kinds["service_ended"]
    assert sum(one.early for one in only(run).services) == 1


def test_a_service_that_refuses_to_initialise_is_said_with_its_last_words(lab, mysql):
    text = pipelines(
        step(["echo on"], services=["db"]), definitions={"services": {"db": {"image": "pipelinelab/mysql"}}}
    )
    run = lab(text)
    ended = next(note.text for note in only(run).notes if note.kind == "service_ended")
    assert "'db'" in ended
    assert "PASSWORD" in ended
    assert only(run).services[0].exit_code == 1
    assert only(run).services[0].early
    assert said(only(run), 0) == "on\n"


def test_a_service_that_dies_while_the_script_runs_is_seen(lab, mysql, docker):
    text = pipelines(step(["sleep 1", "sleep 2"], services=["db"]), definitions={"services": {"db": service()}})
    run_id, killed = [], []

    def kill(event):
        if isinstance(event, RunStarted):
            run_id.append(event.run_id)
        if isinstance(event, CommandEnded) and not killed:
            wanted = ["pipelinelab=service", f"pipelinelab.run={run_id[0]}"]
            killed.extend(one["Id"] for one in docker.client.containers(filters={"label": wanted}))
            docker.client.kill(killed[0])

    run = lab(text, listeners=[kill])
    assert only(run).services[0].early
    assert only(run).services[0].exit_code == 137
    assert any(note.kind == "service_ended" for note in only(run).notes)


def test_a_secret_of_a_service_stands_in_no_configuration_and_still_reaches_it(lab, mysql, docker, tmp_path):
    variables = {"MYSQL_ROOT_PASSWORD": "$PASSWORD", "MYSQL_DATABASE": "shop"}
    text = pipelines(
        step(["echo $PASSWORD", "false || exit 4"], services=["db"]),
        definitions={"services": {"db": {"image": "pipelinelab/mysql", "variables": variables}}},
    )
    run = lab(text, secrets={"PASSWORD": SECRET}, keep=True)
    containers = standing(docker, tmp_path)
    assert len(containers) == 2
    for one in containers:
        assert SECRET not in json.dumps(docker.client.inspect_container(one))
    kept = run.kept()
    assert list(kept.query("select database() as base").base) == ["shop"]
    assert kept.run("echo it is $PASSWORD").output == "it is $PASSWORD\n"
    assert kept.variables["PASSWORD"] == SECRET
    assert list(kept.commands["result"]) == ["passed"]
    for path in run.folder.rglob("*"):
        if path.is_file():
            assert SECRET.encode() not in path.read_bytes(), path


# memory and time

HUNGRY = """FROM pipelinelab/python311
EXPOSE 7777
CMD ["python", "-c", "import socket; s=socket.socket(); s.bind(('', 7777)); s.listen(); s.accept(); b'x' * (1 << 30)"]
"""


@pytest.fixture(scope="session")
def hungry(docker):
    return built(docker, "pipelinelab-test/hungry", HUNGRY)


def test_memory_is_shared_out_enforced_and_whoever_takes_too_much_is_told_apart(lab, hungry):
    services = {"definitions": {"services": {"hungry": {"image": hungry, "memory": 3072}}}}
    killed = only(lab(pipelines(step(["echo on", "tail /dev/zero", "echo never"], services=["hungry"]), **services)))
    assert (killed.result, killed.exit_code, killed.oom_killed) == ("oom", 137, True)
    assert killed.memory_limit_mib == 1024
    assert results(killed) == ["passed", "oom", "not_run"]
    assert [note.text for note in killed.notes if note.kind == "memory"] == ["Container 'Build' exceeded memory limit."]

    child = only(lab(pipelines(step(["tail /dev/zero || echo went on"], services=["hungry"]), **services)))
    assert (child.result, child.oom_killed) == ("passed", True)
    assert "went on" in child.text


def test_a_service_that_takes_too_much_memory_is_named(lab, hungry):
    services = {"definitions": {"services": {"hungry": {"image": hungry, "memory": 128}}}}
    script = ["echo | bash -c 'cat > /dev/tcp/127.0.0.1/7777'", "sleep 3"]
    found = only(lab(pipelines(step(script, services=["hungry"]), **services)))
    assert found.services[0].oom_killed
    assert not found.oom_killed
    assert any(note.text == "Service 'hungry' exceeded memory limit." for note in found.notes)


def test_a_step_over_its_time_is_ended_and_its_after_script_runs(lab):
    text = pipelines(step(["echo on", "sleep 60", "echo never"], ["echo after $BITBUCKET_EXIT_CODE"]))
    began = time.monotonic()
    found = only(lab(text, options=Options(max_time_s=2.0)))
    assert time.monotonic() - began < 20
    assert found.result == "timed_out"
    assert results(found) == ["passed", "timed_out", "not_run"]
    assert said(found, 0, "after-script") == "after 137\n"
    assert any("Exceeded build time limit" in note.text for note in found.notes)


def test_an_after_script_that_takes_too_long_after_a_time_out_is_ended_too(lab):
    text = pipelines(step(["sleep 60"], ["echo after", "sleep 60"]))
    began = time.monotonic()
    found = only(lab(text, options=Options(max_time_s=1.0), stop_grace_s=2.0))
    assert time.monotonic() - began < 20
    assert found.result == "timed_out"
    assert said(found, 0, "after-script") == "after\n"
    assert any(note.kind == "after_script_stopped" for note in found.notes)


def test_cpu_and_memory_are_sampled_and_the_peak_is_in_the_step(lab):
    text = pipelines(step(["timeout 3 sh -c 'while :; do :; done' || true"]))
    run = lab(text, sample_s=0.4)
    assert len(run.resources) >= 3
    assert set(run.resources.container) == {"build"}
    assert run.resources.cpu_percent.max() > 20
    assert run.resources.memory_mib.max() > 0
    assert run.steps.memory_peak_mib[0] > 0
    assert run.steps.cpu_s[0] > 0.5


# waiting for input


def waits(lab, script, image="pipelinelab/base"):
    began = []

    def watch(event):
        if isinstance(event, CommandStarted):
            began.append(time.monotonic())
        if isinstance(event, InputAwaited):
            began.append(time.monotonic())

    found = only(lab(pipelines(step(script), image=image), stdin="silent", listeners=[watch]))
    assert found.result == "waiting_for_input", found.text
    assert len(found.waits) == 1
    assert began[-1] - began[-2] < 5
    return found


def test_a_command_that_waits_for_an_answer_is_found_with_its_prompt(lab):
    found = waits(lab, ["echo on", "printf 'Really delete? '; read answer", "echo never"])
    assert found.waits[0].prompt == "Really delete?"
    assert found.waits[0].flushed
    assert results(found) == ["passed", "waiting_for_input", "not_run"]


def test_a_prompt_that_never_reached_the_output_is_quoted(lab, docker):
    try:
        docker.image("pipelinelab/python27", "pipelinelab/python27")
    except ImageUnavailable:
        pytest.skip("the lab's images are not built")
    found = waits(lab, ["python -c 'raw_input(\"Type yes to go on: \")'"], "pipelinelab/python27")
    assert found.waits[0].prompt == "Type yes to go on:"
    assert not found.waits[0].flushed
    assert found.waits[0].process == "python"


def test_a_process_of_another_user_that_waits_is_found_too(lab):
    found = waits(lab, ["su -s /bin/sh nobody -c 'printf \"Name: \"; read name'"])
    assert found.waits[0].prompt == "Name:"


def test_a_process_that_waits_for_another_is_not_waiting_for_input(lab):
    run = lab(pipelines(step(["sleep 4 | cat", "sleep 3", "echo on"])), stdin="silent")
    assert run.ok
    assert said(only(run), 2) == "on\n"


# secrets and safety


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


# files


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


# what is left


def test_a_red_step_stands_until_the_next_replay_and_can_be_asked(docker, tmp_path):
    folder = repository(tmp_path / "repository", pipelines(step(["echo kept > file; export OWN=1", "exit 5"])))
    run = run_of(folder, docker, keep=True, variables={"NAME": "a b'c"})
    kept = run.kept()
    said_there = kept.run("cat file; echo $NAME; pwd; exit 3")
    assert said_there.output == "kept\na b'c\n/opt/atlassian/pipelines/agent/build\n"
    assert said_there.exit_code == 3
    again = run_of(folder, docker, keep=False)
    assert again.result == "failed"
    assert standing(docker, folder) == []
    with pytest.raises(EngineError, match="gone"):
        reopen(docker, run.folder, run.recording, only(run))


def test_a_green_replay_leaves_nothing(lab, docker, tmp_path):
    volumes = {one["Name"] for one in docker.client.volumes()["Volumes"] or ()}
    assert lab(pipelines(step(["echo 1"]), step(["echo 2"]), {"parallel": [step(["echo 3"]), step(["echo 4"])]})).ok
    assert standing(docker, tmp_path) == []
    assert {one["Name"] for one in docker.client.volumes()["Volumes"] or ()} <= volumes


def test_a_later_step_does_not_reach_what_an_earlier_one_left_listening(lab):
    listen = "(perl -MIO::Socket::INET -e '$s=IO::Socket::INET->new(LocalPort=>7777,Listen=>1); sleep 60' &) ; sleep 1"
    look = "(exec 3<>/dev/tcp/127.0.0.1/7777) 2>/dev/null && echo reached || echo refused"
    run = lab(pipelines(step([listen, look]), step([look]), step([look])))
    assert [said(one, len(one.commands) - 1).strip() for one in run.recording.steps] == [
        "reached",
        "refused",
        "refused",
    ]


def test_an_item_of_an_earlier_step_is_red_and_the_rest_is_not_run(lab):
    run = lab(pipelines(step(["false"], name="one"), step(["echo two"], name="two")))
    assert [one.result for one in run.recording.steps] == ["failed", "skipped"]
    assert item(only(run), 0).exit_code == 1
