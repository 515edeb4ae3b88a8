"""Cures that change a step's keys or a service's definition. Pure."""

from __future__ import annotations

import re

from pipelinelab.diagnosis.cures.case import Case, Made
from pipelinelab.diagnosis.cures.items import Item, get, texts_of
from pipelinelab.diagnosis.cures.limits import raise_size, raise_time
from pipelinelab.diagnosis.cures.yaml_text import variables_of

_IN_BLOCK = re.compile(r"^[\w$.@/-]+$")


def step_key(case: Case) -> Made:
    """``key: value`` in the failing step; ``size`` and ``max-time`` are raised from what they are."""
    key, value = case.params["key"], case.params["value"]
    if key in ("size", "max-time"):
        return raise_size(case) if key == "size" else raise_time(case)
    if not case.yaml or case.step_node is None:
        return Made(advice=f"{key}: {value}")
    return Made(case.yaml_edit(case.yaml.set_step_key(case.step_node, key, [value])))


def lower_size(case: Case) -> Made:
    """``size: value`` in the failing step, where it may not have as much as it asks for."""
    if not case.yaml or case.step_node is None:
        return Made()
    return Made(case.yaml_edit(case.yaml.set_step_key(case.step_node, "size", [case.params["value"]])))


def clone_full(case: Case) -> Made:
    """``clone: depth: full`` in the failing step."""
    step = case.step_node
    if not case.yaml or step is None:
        return Made(advice="clone: {depth: full} in the step")
    clone = next((v for k, v in step.value if k.value == "clone"), None)
    if clone is not None:
        return Made(case.yaml_edit(case.yaml.add_key(clone, "depth", "full")) if hasattr(clone, "flow_style") else [])
    new = case.yaml.set_step_key(step, "clone", ["depth: full", ""])
    return Made(case.yaml_edit(re.sub(r"(?m)^[ ]+\n(?=\s*script:)", "", new) if new else None))


def step_service(case: Case) -> Made:
    """``service`` listed in the failing step."""
    if not case.yaml or case.step_node is None:
        return Made(advice=f"services: [{case.params['service']}]")
    return Made(case.yaml_edit(case.yaml.add_service(case.step_node, case.params["service"])))


def add_service(case: Case) -> Made:
    """The defined service whose image matches ``image``, listed in the failing step, where no such is yet."""
    step, found = case.step_node, case.services(case.params["image"])
    if not case.yaml or step is None or not found:
        return Made()
    if any(key.value in texts_of(get(step, "services")) for key, _ in found):
        return Made()
    return Made(case.yaml_edit(case.yaml.add_service(step, found[0][0].value)))


def rename_service_variable(case: Case) -> Made:
    """A variable of a service gets its right name, where it has none of that name; and where the server refused a
    user, only if the variable means that one."""
    old, new = case.params["from"], case.params["to"]
    for _, body in case.yaml.services() if case.yaml else []:
        pairs = variables_of(body)
        for key, value in pairs:
            meant = case.facts.get("user", value.value) == value.value
            if key.value == old and meant and all(k.value != new for k, _ in pairs) and case.yaml:
                return Made(case.yaml_edit(case.yaml.replace(key, new)))
    return Made()


def set_service_variable(case: Case) -> Made:
    """``key: value`` among the variables of the service whose image matches. Another value there is what the step's
    other commands may count on, so to replace it is unsafe."""
    key, value = case.params["key"], case.params["value"]
    if case.yaml is None:
        return Made(advice=f"{key}: {value}")
    if not _IN_BLOCK.match(value.strip("'")):
        return Made()
    only = case.params.get("service")
    for name, body in case.services(case.params["image"]):
        if only and name.value != only:
            continue
        variables = get(body, "variables") or get(body, "environment")
        if variables is None and isinstance(body.value, list):
            return Made(case.yaml_edit(case.yaml.add_mapping(body, "variables", key, value)))
        if variables is None or not isinstance(variables.value, list):
            continue
        old = next((v.value for k, v in variables_of(body) if k.value == key), None)
        edits = case.yaml_edit(case.yaml.add_key(variables, key, value))
        if old is None:
            return Made(edits)
        why = f"{key} is {old} now: whatever else counts on that fails, and all of the step must use {value}"
        return Made(edits, why=why, safety="unsafe")
    return Made()


def quote_variables(case: Case) -> Made:
    """Quotes around values of service variables that YAML does not take for strings."""
    read = case.yaml
    if read is None:
        return Made()
    text = read.text
    values = [v for _, body in read.services() for _, v in variables_of(body)]
    plain = {(v.start_mark.index, v.end_mark.index) for v in values
             if v.tag not in ("tag:yaml.org,2002:str",) and isinstance(v.value, str)}  # fmt: skip
    for begin, end in sorted(plain, reverse=True):
        text = f"{text[:begin]}'{text[begin:end]}'{text[end:]}"
    return Made(case.yaml_edit(text)) if text != read.text else Made()


def quote_script(case: Case) -> Made:
    """Quotes around script items that YAML takes for maps."""
    read = case.yaml
    if read is None:
        return Made()
    text = read.text
    maps = {i.node.start_mark.index: i for i in read.items if isinstance(i.node.value, list) and not _pipe(i)}
    for begin in sorted(maps, reverse=True):
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        raw = text[begin:end].rstrip()
        text = text[:begin] + "'" + raw.replace("'", "''") + "'" + text[begin + len(raw) :]
    return Made(case.yaml_edit(text)) if text != read.text else Made()


def _pipe(item: Item) -> bool:
    return any(getattr(k, "value", "") == "pipe" for k, _ in item.node.value)
