"""What a step does, as a short name: the same name means the same outcome, so far as the lab can tell. Pure."""

from __future__ import annotations

import hashlib
import json

from pipelinelab.planning.plan import StepPlan


def step_key(step: StepPlan, tree: str, stdin: str) -> str:
    """Twenty hexadecimal digits over everything that decides what a step does: its items, images, services, the
    user's own variables that are no secrets, the files, and what stands at its standard input."""
    own = {n: v for n, v in step.variables.items() if not n.startswith("BITBUCKET_") and n not in step.secrets}
    told = {
        "items": [(i.phase, i.index, i.text) for i in step.items],
        "image": step.image.name,
        "services": [(s.name, s.image.name, sorted(s.variables.items())) for s in step.services],
        "variables": sorted(own.items()),
        "memory": step.memory_mib,
        "tree": tree,
        "stdin": stdin,
    }
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()[:20]
