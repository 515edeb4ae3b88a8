"""Pipes: a script item that is a container of its own, beside the build container, with its clone and its network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from pipelinelab.engines.base import ImageFound, ServiceSpec
from pipelinelab.errors import PipelinelabError
from pipelinelab.masking.mask import Masker
from pipelinelab.model.pipelines import Pipe
from pipelinelab.planning.build import expand
from pipelinelab.planning.plan import Item, StepPlan
from pipelinelab.session.conversation import Conversation

MEMORY_MIB = 1024


def image_of(pipe: Pipe) -> str:
    """The image of a pipe: what it names itself, or, for Atlassian's own, where those are published."""
    if pipe.pipe.startswith("docker://"):
        return pipe.pipe.removeprefix("docker://")
    owner, _, rest = pipe.pipe.partition("/")
    return f"bitbucketpipelines/{rest}" if owner == "atlassian" else pipe.pipe


def variables_of(pipe: Pipe, values: Mapping[str, str]) -> dict[str, str]:
    """A pipe's variables as its container gets them: a list as NAME_COUNT, NAME_0, NAME_1 …"""
    found: dict[str, str] = {}
    for one in pipe.variables:
        if isinstance(one.value, str):
            found[one.name] = expand(one.value, values)
            continue
        found[f"{one.name}_COUNT"] = str(len(one.value))
        found |= {f"{one.name}_{at}": expand(value, values) for at, value in enumerate(one.value)}
    return found


def start(item: Item, plan: StepPlan, images: Mapping[str, ImageFound], own: Mapping[str, str], talk: Conversation,
          masker: Masker, tell: Callable[[float, bytes], None]) -> None:  # fmt: skip
    """Run a pipe in a thread: its output goes to ``tell``, its exit code to the script, which waits for it."""
    assert item.pipe is not None
    pipe = item.pipe
    values = {**own, **plan.variables, **variables_of(pipe, plan.variables)}
    secret = {name: value for name, value in values.items() if masker.text(value) != value}

    def run() -> None:
        code = 125
        try:
            spec = ServiceSpec(
                name=f"pipe-{item.phase}-{item.index}", image=images[image_of(pipe)], memory_mib=MEMORY_MIB, clone=True,
                environment={n: v for n, v in values.items() if n not in secret}, secrets=secret,
            )  # fmt: skip
            service = talk.step.serve(spec)
            for chunk in service.logs():
                tell(chunk.at, chunk.data)
            code = service.look().exit_code or 0
        except PipelinelabError as problem:
            tell(0.0, f"{problem}\n".encode())
        talk.say(b"reply %d\n" % code)

    threading.Thread(target=run, name="pipelinelab-pipe", daemon=True).start()
