"""What is known by name when texts, questions and cures are filled in: groups, settings, answers, the command. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipelinelab.diagnosis.cures.settings import read_database
from pipelinelab.diagnosis.values import ProjectFiles
from pipelinelab.recording.records import CommandRecord, StepRecord

_PORT = re.compile(
    r" (?:-P ?|--port[= ])(\d{2,5})\b|\b(?:psql|pg_isready|pg_dump|createdb|redis-cli)\b[^;|&\n]* -p ?(\d{2,5})\b"
)


def known_facts(
    groups: Mapping[str, str], step: StepRecord, files: ProjectFiles, failing: CommandRecord | None
) -> dict[str, str]:
    """Names → values, all strings. The match's own groups win over the project's answers, those over its files."""
    facts: dict[str, str] = {"alias": "default"}
    facts.update({f"db_{key}": value for key, value in read_database(files).items() if value})
    for probe in step.probes:
        if probe.question == "database_settings" and probe.ok and isinstance(probe.answer, Mapping):
            facts.update(
                {f"db_{key}": str(value) for key, value in probe.answer.items() if isinstance(value, str) and value}
            )
    if failing is not None:
        facts["command"] = failing.command
        if asked := _PORT.search(failing.command):
            facts["port"] = next(port for port in asked.groups() if port)
    facts.update({key: value.replace("%2f", "/").replace("%2F", "/") if key == "package" else value
                  for key, value in groups.items() if value})  # fmt: skip
    return facts
