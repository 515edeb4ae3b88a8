"""What is known of a step beside its output, as lines of text that rules can match: ``[lab]`` and ``[yaml]`` lines.

So one rulebook language serves for text and for facts. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

import yaml

from pipelinelab.diagnosis.cures.yaml_text import Yaml
from pipelinelab.diagnosis.values import ProjectFiles
from pipelinelab.recording.command_shape import is_timed, waits_so_long
from pipelinelab.recording.records import CommandRecord, Recording, StepRecord

_IMAGE_VARIABLES = ("ROOT_PASSWORD", "ALLOW_EMPTY_PASSWORD", "RANDOM_ROOT_PASSWORD", "ALLOW_EMPTY_ROOT_PASSWORD",
                    "ROOT_PASSWORD_HASH")  # fmt: skip


def lab_lines(recording: Recording, step: StepRecord, failing: CommandRecord | None) -> list[str]:
    """What the lab (or Bitbucket's page, in ``recording.platform``) says of the step, one fact a line."""
    lines = [line for line in recording.platform.splitlines() if line.strip()]
    exit_code = failing.exit_code if failing and failing.exit_code is not None else step.exit_code
    if step.oom_killed or step.result == "oom":
        lines.append(f"[lab] the build container was killed for memory (exit code {exit_code})")
    if exit_code == 137 and failing is not None and failing.result == "failed" and _had_room(step):
        lines.append("[lab] the command was killed (exit code 137), and its container stayed within its memory")
    if step.result == "timed_out" or (failing and failing.result == "timed_out"):
        lines.append("[lab] the step ran out of time")
    for wait in step.waits:
        lines.append(
            f"[lab] {wait.process} waits for input on stdin: {wait.prompt.strip() or '(no prompt reached the log)'}"
        )
    if not step.waits and failing and failing.result == "waiting_for_input":
        lines.append("[lab] a process waits for input on stdin: (no prompt reached the log)")
    if failing and exit_code is not None and not step.output_of(failing).strip():
        lines.append(f"[lab] exit code {exit_code} and no output")
    if failing and exit_code is None and failing.result == "failed" and not step.output_of(failing).strip():
        lines.append("[lab] the log ends here: an exit code that it does not tell, and no output")
    if failing and failing.result == "failed" and exit_code in (1, 124) and waits_so_long(failing.command):
        lines.append("[lab] the wait was ended by its timeout")
    elif failing and exit_code == 124 and is_timed(failing.command):
        lines.append("[lab] the command was ended by its timeout (exit code 124)")
    for service in step.services:
        if service.oom_killed:
            lines.append(f"[lab] service {service.name} was killed for memory")
        elif service.early:
            lines.append(f"[lab] service {service.name} ended early with exit code {service.exit_code}")
        if service.late:
            lines.append(
                f"[lab] service {service.name} listened only after {service.port_open_after_s or 0:.1f} s, "
                "when the script had begun"
            )
    return lines


def _had_room(step: StepRecord) -> bool:
    """Whether the container was measured, and stayed well below its limit."""
    peak, limit = step.memory_peak_mib, step.memory_limit_mib
    return step.oom_killed is False and peak is not None and limit is not None and peak < 0.9 * limit


def yaml_lines(files: ProjectFiles, step: StepRecord, failing: CommandRecord | None) -> list[str]:
    """What the pipelines file gives away of the services of the failing command's step (of all steps, where the command
    is not in the file), with its lines; nothing where it is absent or broken."""
    text = files.get(files.pipelines_path) if files.pipelines_path else None
    read = Yaml(text) if text else None
    if read is None or read.root is None:
        return []
    said = [one.command for one in step.commands]
    earlier = said[: step.commands.index(failing)] if failing in step.commands else []
    item = read.item(failing.command, failing.yaml_line, earlier) if failing else None
    return list(_of_services(read.root, set(_used_services(item.step if item else read.root))))


def elsewhere(groups: Mapping[str, str]) -> bool:
    """Whether a match names a host (or a client, as the server saw it) that is neither this machine nor its service."""
    named = {value for name, value in groups.items() if name in ("host", "client")} - {"host.docker.internal"}
    return any(_is_public(value) for value in named)


def _is_public(host: str) -> bool:
    try:
        return not ip_address(host).is_private
    except ValueError:
        return "." in host.strip(".")


def _of_services(root: yaml.Node, used: set[str]) -> Iterator[str]:
    services = _get(_get(root, "definitions"), "services")
    for name, body in _pairs(services):
        line = name.start_mark.line + 1
        variables = _get(body, "variables") or _get(body, "environment")
        image = _image_name(_get(body, "image"))
        values = {key.value: value for key, value in _pairs(variables)}
        if name.value not in used or not re.search(r"(?:^|/)(?:mysql|mariadb|percona)\b", image):
            continue
        for key in ("MYSQL_USERNAME", "MARIADB_USERNAME"):
            if key in values:
                at = values[key].start_mark.line + 1
                yield f"[yaml] service {name.value} sets {key} (line {at}), which its image does not know"
        if not any(f"{p}_{v}" in values for p in ("MYSQL", "MARIADB") for v in _IMAGE_VARIABLES):
            yield (
                f"[yaml] service {name.value} (line {line}) sets no root password option, "
                "without which its image does not start"
            )
        for key, value in values.items():
            if isinstance(value, yaml.ScalarNode) and value.tag != "tag:yaml.org,2002:str":
                at = value.start_mark.line + 1
                yield f"[yaml] service {name.value}: {key}: {value.value} (line {at}) is not a string for YAML"


def _used_services(node: Any) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "services" and isinstance(value, yaml.SequenceNode):
                yield from (item.value for item in value.value if isinstance(item, yaml.ScalarNode))
            else:
                yield from _used_services(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _used_services(item)


def _image_name(node: Any) -> str:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    named = _get(node, "name")
    return str(named.value) if isinstance(named, yaml.ScalarNode) else ""


def _pairs(node: Any) -> list[tuple[Any, Any]]:
    return (
        [(k, v) for k, v in node.value if isinstance(k, yaml.ScalarNode)] if isinstance(node, yaml.MappingNode) else []
    )


def _get(node: Any, key: str) -> Any:
    return next((value for name, value in _pairs(node) if name.value == key), None)


def answered(step: StepRecord, name: str, arguments: Mapping[str, str]) -> Any:
    """The last answer to a question in the step's probes; None where it was not asked or could not be answered."""
    for probe in reversed(step.probes):
        if probe.question == name and probe.ok and dict(probe.arguments) == dict(arguments):
            return probe.answer
    return None
