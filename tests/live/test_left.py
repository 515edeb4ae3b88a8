"""What is left of a replay: a red step until the next one, and of a green one nothing."""

from __future__ import annotations

import pytest
from support import item, only, pipelines, repository, run_of, said, standing, step

from pipelinelab.errors import EngineError
from pipelinelab.session.kept import reopen

pytestmark = pytest.mark.live


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
