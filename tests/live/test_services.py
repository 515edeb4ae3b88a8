"""Services: awaited, timed, logged, and told when they collide, refuse or die."""

from __future__ import annotations

import json

import pytest
from support import only, pipelines, said, standing, step

from pipelinelab.events.types import CommandEnded, RunStarted

pytestmark = pytest.mark.live
SECRET = "s3cr3t-Value/with+odd=chars"


def service(image: str = "pipelinelab/mysql", **more):
    return {"image": image, "variables": {"MYSQL_ROOT_PASSWORD": "root", "MYSQL_DATABASE": "shop"}, **more}


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
