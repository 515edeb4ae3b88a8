"""What starts, and what a person is asked before: each thing once, and nothing that will not run anyway."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from support import repository

from pipelinelab.errors import UsageError
from pipelinelab.planning.context import Options
from pipelinelab.session.replay import Asked, plan

LAB = str(Path(sys.executable).with_name("pipelinelab"))
FILE = """
image: pipelinelab/base
pipelines:
  default:
    - step: {name: Build, script: ["true"]}
    - step: {name: Look, trigger: manual, script: ["true"]}
    - step: {name: Ship, trigger: manual, deployment: production, script: ["true"]}
    - stage: {name: Later, trigger: manual, steps: [step: {script: ["true"]}, step: {script: ["true"]}]}
"""


def test_each_step_or_stage_that_waits_is_asked_about_but_not_what_is_held_back_anyway(tmp_path: Path):
    asked: list[str] = []

    def begin(name: str) -> bool:
        asked.append(name)
        return name == "Later"

    ready = plan(repository(tmp_path / "r", FILE), Asked(begin=begin))
    assert asked == ["Look", "Later"]
    assert [step.index for step in ready.plan.steps() if not step.skipped] == [1, 4, 5]


def test_a_pull_request_that_starts_nothing_on_bitbucket_starts_nothing_here(tmp_path: Path):
    asked = Asked(options=Options(pull_request=("7", "main")))
    with pytest.raises(UsageError, match="a pull request from 'main' starts no pipeline") as refused:
        plan(repository(tmp_path / "r", FILE), asked)
    assert refused.value.hint == "name one with --pipeline: default"


def test_without_a_terminal_nobody_is_asked(tmp_path: Path):
    folder = repository(tmp_path / "r", FILE)
    done = subprocess.run([LAB, "replay", str(folder), "--dry-run"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout.count("waits for a manual trigger: give --manual to run it") == 4


def test_a_variable_is_asked_for_once_in_a_terminal(tmp_path: Path):
    text = """
pipelines:
  custom:
    nightly:
      - variables: [{name: WHERE, allowed-values: [here, there], description: which side}]
      - step: {script: ["echo $WHERE"]}
"""
    folder = repository(tmp_path / "r", text)
    command = [LAB, "replay", str(folder), "-p", "nightly"]
    outer, inner = pty.openpty()
    try:  # without an engine, so that it ends after its questions
        process = subprocess.Popen(command, stdin=inner, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                   env={**os.environ, "DOCKER_HOST": "unix:///nowhere/docker.sock"})  # fmt: skip
        os.write(outer, b"there\n")
        said, _ = process.communicate(timeout=60)
    finally:
        os.close(outer)
        os.close(inner)
    assert said.count("WHERE (which side) (here, there)") == 1, said
    assert process.returncode == 3
