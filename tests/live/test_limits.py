"""Memory and time: shared out, enforced, sampled, and whoever takes too much is told apart."""

from __future__ import annotations

import time

import pytest
from support import built, only, pipelines, results, said, step

from pipelinelab.planning.context import Options

pytestmark = pytest.mark.live
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
    # Until it has had four seconds of the processor, however busy that is: a look takes the engine up to a second.
    run = lab(pipelines(step(["sh -c 'ulimit -t 4; while :; do :; done' || true"])), sample_s=0.4)
    assert len(run.resources) >= 3
    assert set(run.resources.container) == {"build"}
    assert run.resources.memory_mib.max() > 0
    assert run.steps.memory_peak_mib[0] > 0
    assert run.steps.cpu_s[0] > 1  # the kernel counts a process by its ticks and the cgroup by its time
    assert run.resources.cpu_percent.max() > 40 * run.steps.cpu_s[0] / run.steps.seconds[0]
