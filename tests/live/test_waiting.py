"""A command that waits for an answer is found, with its question."""

from __future__ import annotations

import time

import pytest
from support import only, pipelines, results, said, step

from pipelinelab.errors import ImageUnavailable
from pipelinelab.events.types import CommandStarted, InputAwaited

pytestmark = pytest.mark.live


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
