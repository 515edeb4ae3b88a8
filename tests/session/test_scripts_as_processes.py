"""Scripts by the very driver that runs in containers, as plain processes: whatever the items are, the results are what
one shell with ``set -e`` gives."""

import subprocess
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import item, pipelines, repository, results, run_of, said, step

from pipelinelab.engines.process import ProcessEngine
from pipelinelab.errors import EngineError
from pipelinelab.planning.context import Options

LINES = st.sampled_from(
    ["echo a", "printf b", "false && true", "true | false", "cd /", "x=1", "echo $x", "set +e", "set -e", "false",
     "exit 3",
     "f() { echo f; }; f", "{ echo c; echo d; }", "(exit 4)", "set -u", "echo $y", "echo e >&2", "exit 0"]
)  # fmt: skip


def replayed(folder, script, after=(), **how):
    repository(folder, pipelines(step(script, after)))
    return run_of(folder, ProcessEngine(folder), **how)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINES, min_size=1, max_size=7))
def test_a_script_of_any_lines_does_what_one_shell_does(tmp_path_factory, lines):
    found = replayed(tmp_path_factory.mktemp("any"), lines).recording.steps[0]
    plain = subprocess.run(["bash"], input="\n".join(["set -e", *(f"{line}\n:" for line in lines)]).encode(),
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)  # fmt: skip
    assert found.exit_code == plain.returncode
    assert (found.result == "passed") == (plain.returncode == 0)
    printed = b"".join(found.output_of(one) for one in found.commands if one.phase == "script")
    if b"unbound" not in printed:
        assert printed == plain.stdout
    came = results(found)
    ended = came.index("not_run") if "not_run" in came else len(came)
    assert set(came[ended:]) <= {"not_run"}
    assert set(came[: ended - 1]) <= {"passed"}


def test_the_clone_is_below_a_scratch_folder_that_is_gone_afterwards(tmp_path):
    run = replayed(tmp_path, ["pwd", "test -f bitbucket-pipelines.yml", "cd / && cd $BITBUCKET_CLONE_DIR"])
    assert run.ok
    assert said(run.recording.steps[0], 0).startswith(str(tmp_path))
    assert list(tmp_path.glob("pipelinelab-step-*")) == []


def test_a_time_limit_ends_the_script_and_not_this_machine(tmp_path):
    began = time.monotonic()
    script = ["sleep 30 & sleep 30"]
    run = replayed(tmp_path, script, ["echo after $BITBUCKET_EXIT_CODE"], options=Options(max_time_s=0.5))
    found = run.recording.steps[0]
    assert time.monotonic() - began < 10
    assert found.result == "timed_out"
    assert said(found, 0, "after-script") == "after 137\n"


def test_a_prompt_is_found_without_a_container_too(tmp_path):
    found = replayed(tmp_path, ["printf 'Sure? '; read answer"], stdin="silent").recording.steps[0]
    assert found.result == "waiting_for_input"
    assert found.waits[0].prompt == "Sure?"


def test_a_red_step_is_not_kept_and_a_service_is_refused(tmp_path):
    run = replayed(tmp_path, ["false"], keep=True)
    assert not run.recording.steps[0].kept
    with pytest.raises(EngineError, match="not kept"):
        run.kept()
    services = {"definitions": {"services": {"db": {"image": "db"}}}}
    repository(tmp_path / "services", pipelines(step(["true || :"], services=["db"]), **services))
    with pytest.raises(EngineError, match="'db' needs a container"):
        run_of(tmp_path / "services", ProcessEngine(tmp_path))


def test_the_log_cap_is_an_event_and_later_output_is_counted_not_kept(tmp_path):
    run = replayed(tmp_path, ["seq 1 100000", "echo end"], log_cap_bytes=10_000)
    found = run.recording.steps[0]
    assert len(found.log) == 10_000
    assert b'"log_capped"' in (run.folder / "events.jsonl").read_bytes()
    assert results(found) == ["passed", "passed"]
    assert item(found, 1).exit_code == 0


def test_a_parallel_group_clones_once_and_every_step_has_its_own(tmp_path):
    steps = [step([f"echo {number} > own; cat own"], name=str(number)) for number in range(6)]
    repository(tmp_path, pipelines({"parallel": steps}))
    run = run_of(tmp_path, ProcessEngine(tmp_path))
    assert [said(one, 0).strip() for one in run.recording.steps] == [str(number) for number in range(6)]
