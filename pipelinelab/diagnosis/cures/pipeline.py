"""Cures that change a step's keys or a service's definition. Pure."""

from __future__ import annotations

import re
from typing import Any

from pipelinelab.diagnosis.cures.case import Case
from pipelinelab.diagnosis.cures.yaml_text import Item, image_of, variables_of
from pipelinelab.diagnosis.values import Edit


def step_key(case: Case) -> list[Edit]:
    """``key: value`` in the failing step."""
    step = _step(case)
    return (
        case.yaml_edit(case.yaml.set_step_key(step, case.params["key"], [case.params["value"]]))
        if case.yaml and step
        else []
    )


def clone_full(case: Case) -> list[Edit]:
    """``clone: depth: full`` in the failing step."""
    step = _step(case)
    if not case.yaml or not step:
        return []
    clone = next((v for k, v in step.value if k.value == "clone"), None)
    if clone is not None:
        return case.yaml_edit(case.yaml.add_key(clone, "depth", "full")) if hasattr(clone, "flow_style") else []
    new = case.yaml.set_step_key(step, "clone", ["depth: full", ""])
    return case.yaml_edit(re.sub(r"(?m)^[ ]+\n(?=\s*script:)", "", new) if new else None)


def step_service(case: Case) -> list[Edit]:
    """``service`` listed in the failing step."""
    step = _step(case)
    return case.yaml_edit(case.yaml.add_service(step, case.params["service"])) if case.yaml and step else []


def add_service(case: Case) -> list[Edit]:
    """The defined service whose image matches ``image``, listed in the failing step, where it is not yet."""
    step = _step(case)
    if not case.yaml or not step:
        return []
    name = next(
        (k.value for k, body in case.yaml.services() if re.search(case.params["image"], image_of(body) or k.value)),
        None,
    )
    return case.yaml_edit(case.yaml.add_service(step, name)) if name else []


def service_memory(case: Case) -> list[Edit]:
    """``memory`` for the named service, or the one whose image matches."""
    for key, body in case.yaml.services() if case.yaml else []:
        named = (
            key.value == case.params["service"]
            if "service" in case.params
            else bool(re.search(case.params["image"], image_of(body)))
        )
        if named and case.yaml:
            return case.yaml_edit(case.yaml.add_key(body, "memory", case.params["value"]))
    return []


def rename_service_variable(case: Case) -> list[Edit]:
    """A variable of a service gets its right name."""
    for _, body in case.yaml.services() if case.yaml else []:
        for key, _value in variables_of(body):
            if key.value == case.params["from"] and case.yaml:
                return case.yaml_edit(case.yaml.replace(key, case.params["to"]))
    return []


def set_service_variable(case: Case) -> list[Edit]:
    """``key: value`` among the variables of the service whose image matches."""
    for name, body in case.yaml.services() if case.yaml else []:
        if not re.search(case.params["image"], image_of(body) or name.value) or not case.yaml:
            continue
        variables = next((v for k, v in body.value if k.value in ("variables", "environment")), None)
        if variables is not None and hasattr(variables, "value"):
            return case.yaml_edit(case.yaml.add_key(variables, case.params["key"], case.params["value"]))
    return []


def quote_variables(case: Case) -> list[Edit]:
    """Quotes around values of service variables that YAML does not take for strings."""
    read = case.yaml
    if read is None:
        return []
    text = read.text
    plain = [v for _, body in read.services() for _, v in variables_of(body)
             if v.tag not in ("tag:yaml.org,2002:str",) and isinstance(v.value, str)]  # fmt: skip
    for node in sorted(plain, key=lambda v: -int(v.start_mark.index)):
        begin, end = node.start_mark.index, node.end_mark.index
        text = f"{text[:begin]}'{text[begin:end]}'{text[end:]}"
    return case.yaml_edit(text) if text != read.text else []


def quote_script(case: Case) -> list[Edit]:
    """Quotes around script items that YAML takes for maps."""
    read = case.yaml
    if read is None:
        return []
    text = read.text
    maps = [i for i in read.items if isinstance(i.node.value, list) and not _pipe(i)]
    for item in sorted(maps, key=lambda i: -int(i.node.start_mark.index)):
        begin = item.node.start_mark.index
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        raw = text[begin:end].rstrip()
        text = text[:begin] + "'" + raw.replace("'", "''") + "'" + text[begin + len(raw) :]
    return case.yaml_edit(text) if text != read.text else []


def _pipe(item: Item) -> bool:
    return any(getattr(k, "value", "") == "pipe" for k, _ in item.node.value)


def _step(case: Case) -> Any:
    item = case.item
    if item is not None:
        return item.step
    steps = {id(i.step): i.step for i in case.yaml.items} if case.yaml else {}
    return next(iter(steps.values())) if len(steps) == 1 else None
