"""Cures that raise a limit: a step's size and time, a service's memory, Node's heap. Pure.

A raise is to more than the file has now, or it is none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pipelinelab.diagnosis.cures.case import Case, Made, before
from pipelinelab.diagnosis.cures.items import get, texts_of
from pipelinelab.diagnosis.cures.yaml_text import Yaml
from pipelinelab.planning.memory import BUILD_LEAST_MIB, PER_SIZE_MIB, SERVICE_MIB

SIZES = (1, 2, 4, 8, 16, 32)
_MINUTES, _MOST_MINUTES = 120, 720
_HEAP = re.compile(r"(max[-_]old[-_]space[-_]size=)(\d+)")
_HEAP_SHARE = 0.75  # of the build's memory: the rest is for what is not in the heap
_NODE_HEAP = 2048  # what Node takes by itself where there is memory enough


def raise_size(case: Case) -> Made:
    """The next ``size`` up for the failing step."""
    read, step = case.yaml, case.step_node
    if read is None or step is None:
        return Made()
    old = _size(read, step)
    new = next((size for size in SIZES if size > old), None)
    if new is None:
        return Made()
    edits = case.yaml_edit(read.set_step_key(step, "size", [f"{new}x"]))
    why = f"{new * PER_SIZE_MIB} MB in place of {old * PER_SIZE_MIB}; a minute counts as {new}"
    title = case.params.get("title", "").replace(f"size {case.params.get('value')}", f"size {new}x")
    return Made(edits, title=title, why=why)


def raise_time(case: Case) -> Made:
    """Twice the failing step's ``max-time``, twelve hours at most."""
    read, step = case.yaml, case.step_node
    if read is None or step is None:
        return Made()
    old = _number(get(step, "max-time")) or _number(get(get(read.root, "options"), "max-time")) or _MINUTES
    new = min(2 * old, _MOST_MINUTES)
    if new <= old:
        return Made()
    title = case.params.get("title", "").replace(case.params.get("value", "?"), str(new))
    return Made(case.yaml_edit(read.set_step_key(step, "max-time", [str(new)])), title=title)


def service_memory(case: Case) -> Made:
    """``memory`` for the named service, or the one whose image matches: the rule's value, or twice what it has.

    Every step that uses the service gets the size that holds it, since Bitbucket refuses the file otherwise."""
    read, least = case.yaml, int(case.params["value"])
    name, body = _service(case)
    if read is None or not name:
        return Made(advice=f"definitions: services: {name}: memory: {least}" if name else "")
    old = _number(get(body, "memory")) or SERVICE_MIB
    new = least if least > old else 2 * old
    text = read.add_key(body, "memory", str(new)) if body is not None else read.define_service(name, "memory", str(new))
    sizes: list[str] = []
    for number in range(len(list(_steps(read)))):
        if text is None:
            return Made()
        now = Yaml(text)
        step = list(_steps(now))[number]
        needed = sum(_services(now, step).values()) + BUILD_LEAST_MIB
        if name not in _services(now, step) or needed <= PER_SIZE_MIB * _size(now, step):
            continue
        size = next((one for one in SIZES if one * PER_SIZE_MIB >= needed), None)
        text = now.set_step_key(step, "size", [f"{size}x"]) if size else None
        sizes.append(f"{size}x")
    title = case.params.get("title", "").replace(f"{least} MB", f"{new} MB")
    why = f"{new} MB in place of {old}" + ("; the step needs a larger size to hold it" if sizes else "")
    return Made(case.yaml_edit(text), title=title + (f", the step size {sizes[-1]}" if sizes else ""), why=why)


def node_heap(case: Case) -> Made:
    """A heap of three quarters of what the step's services leave it; none where Node may have as much already."""
    read, step = case.yaml, case.step_node
    if read is None or step is None:
        return before(case, ["export NODE_OPTIONS=--max-old-space-size=3072"])
    left = PER_SIZE_MIB * _size(read, step) - sum(_services(read, step).values())
    heap = int(left * _HEAP_SHARE) // 256 * 256
    mine = [i for i in read.items if i.step is step and (case.item is None or i.index <= case.item.index)]
    own = [(item, found[2]) for item in mine for found in _HEAP.finditer(item.command)]
    if heap <= (int(own[-1][1]) if own else min(_NODE_HEAP, left // 2)):
        return Made()
    title = case.params.get("title", "") if heap == 3072 else f"Give Node's heap {heap} MB"
    why = f"the step leaves {left} MB to the build, and the heap is smaller by itself"
    if own:
        new = read.change_items(lambda raw: _HEAP.sub(rf"\g<1>{heap}", raw), [own[-1][0]])
        return Made(case.yaml_edit(new), title=title, why=why)
    more = "NODE_OPTIONS" in read.text
    flag = f"--max-old-space-size={heap}"
    made = before(case, [f'export NODE_OPTIONS="$NODE_OPTIONS {flag}"' if more else f"export NODE_OPTIONS={flag}"])
    return Made(made.edits, made.advice, title, why)


def _service(case: Case) -> tuple[str, Any]:
    named = case.params.get("service", "")
    for key, body in case.yaml.services() if named and case.yaml else case.services(case.params.get("image", "$^")):
        if (not named or key.value == named) and isinstance(body.value, list):
            return str(key.value), body
    return ("docker" if named == "docker" else ""), None


def _steps(read: Yaml) -> Iterator[Any]:
    seen: set[int] = set()
    for item in read.items:
        if id(item.step) not in seen:
            seen.add(id(item.step))
            yield item.step


def _size(read: Yaml, step: Any) -> int:
    for node in (get(step, "size"), get(get(read.root, "options"), "size")):
        found = re.fullmatch(r"(\d+)x", str(getattr(node, "value", "")))
        if found:
            return int(found[1])
    return 1


def _services(read: Yaml, step: Any) -> dict[str, int]:
    """Memory of the step's services in MB, by name."""
    names = texts_of(get(step, "services"))
    if str(getattr(get(get(read.root, "options"), "docker"), "value", "")).lower() in ("true", "yes", "on"):
        names.add("docker")
    defined = {str(key.value): body for key, body in read.services()}
    return {name: _number(get(defined.get(name), "memory")) or SERVICE_MIB for name in names}


def _number(node: Any) -> int | None:
    text = str(getattr(node, "value", ""))
    return int(text) if text.isdigit() else None
