"""A Recording as DataFrames, with the columns and dtypes of ``events.columns``, empty or not. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from pipelinelab.events import columns
from pipelinelab.recording.records import CommandRecord, Recording, StepRecord

if TYPE_CHECKING:
    import pandas as pd

MIB = 1024 * 1024


def frame(name: str, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows as the frame called ``name``: its columns in order, its dtypes, missing where a row says nothing."""
    import pandas as pd

    shape = columns.FRAMES[name]
    listed = list(rows)
    data: dict[str, Any] = {}
    for column, dtype in shape.items():
        values = [row.get(column) for row in listed]
        if dtype == columns.TIME:
            data[column] = pd.to_datetime(pd.Series(values, dtype="object"), utc=True).astype(cast(Any, dtype))
        else:
            data[column] = pd.Series(values, dtype="object").astype(cast(Any, dtype))
    return pd.DataFrame(data, columns=list(shape))


def frames(recording: Recording) -> dict[str, pd.DataFrame]:
    """Every frame that a recording alone can fill, by name."""
    return {name: frame(name, rows(recording)) for name, rows in ROWS.items()}


def _runs(r: Recording) -> Iterator[dict[str, Any]]:
    yield {
        "run_id": r.run_id, "parent_run": r.parent_run, "source": r.source, "repo": r.repo, "commit": r.commit,
        "pipeline": r.pipeline, "result": r.result, "started_at": r.started_at or None, "seconds": r.seconds,
    }  # fmt: skip


def _steps(r: Recording) -> Iterator[dict[str, Any]]:
    for s in r.steps:
        yield {
            "run_id": r.run_id, "step": s.index, "name": s.name, "stage": s.stage or None, "group": s.group,
            "image_asked": s.image_asked, "image_used": s.image_used, "image_digest": s.image_digest,
            "result": s.result, "exit_code": s.exit_code, "seconds": s.seconds,
            **{f"{part}_s": seconds for part, seconds in s.parts.items()},
            "memory_limit_mib": s.memory_limit_mib, "memory_peak_mib": s.memory_peak_mib, "cpu_s": s.cpu_s,
            "oom_killed": s.oom_killed, "skipped_why": s.skipped_why or None,
        }  # fmt: skip


def _commands(r: Recording) -> Iterator[dict[str, Any]]:
    import pandas as pd

    start = pd.Timestamp(r.started_at) if r.started_at else None
    for s, c in r.commands():
        began = start + pd.Timedelta(seconds=c.started_at) if start is not None and c.started_at is not None else None
        output = s.output_of(c)
        yield {
            "run_id": r.run_id, "step": s.index, "phase": c.phase, "index": c.index, "command": c.command,
            "yaml_line": c.yaml_line, "exit_code": c.exit_code, "result": c.result,
            "hidden_failure": c.hidden_failure, "started_at": began, "seconds": c.seconds,
            "output_lines": output.count(b"\n") + (not output.endswith(b"\n") and bool(output)),
            "output_bytes": len(output),
        }  # fmt: skip


def lines_of(step: StepRecord, command: CommandRecord) -> Iterator[tuple[float | None, str]]:
    """(elapsed, text) of each line a command printed."""
    at = command.begin
    for line in step.output_of(command).splitlines(keepends=True):
        yield step.elapsed_at(at), line.decode("utf-8", "replace").rstrip("\r\n")
        at += len(line)


def _output(r: Recording) -> Iterator[dict[str, Any]]:
    for s in r.steps:
        number = 0
        for position, c in enumerate(s.commands):
            for elapsed, text in lines_of(s, c):
                number += 1
                yield {"run_id": r.run_id, "step": s.index, "command": position, "line": number,
                       "elapsed": elapsed, "text": text}  # fmt: skip


def _services(r: Recording) -> Iterator[dict[str, Any]]:
    for s in r.steps:
        for v in s.services:
            yield {
                "run_id": r.run_id, "step": s.index, "service": v.name, "image_used": v.image_used,
                "port_open_after_s": v.port_open_after_s, "exit_code": v.exit_code, "oom_killed": v.oom_killed,
                "memory_peak_mib": v.memory_peak_mib, "log_lines": v.log.count(b"\n"),
            }  # fmt: skip


def _resources(r: Recording) -> Iterator[dict[str, Any]]:
    for s in r.steps:
        for one in s.samples:
            yield {"run_id": r.run_id, "step": s.index, "container": one.container, "elapsed": one.at,
                   "cpu_percent": one.cpu_percent, "memory_mib": one.memory_mib}  # fmt: skip


def order_hash(tests: Iterable[str]) -> str:
    """Twelve hexadecimal digits that name an order of tests."""
    return hashlib.sha256("\n".join(tests).encode()).hexdigest()[:12]


def _tests(r: Recording) -> Iterator[dict[str, Any]]:
    for s in r.steps:
        order = order_hash(f"{t.suite}.{t.test}" for t in s.tests)
        for position, t in enumerate(s.tests):
            yield {
                "run_id": r.run_id, "step": s.index, "suite": t.suite, "test": t.test, "outcome": t.outcome,
                "seconds": t.seconds, "position": position if t.position is None else t.position,
                "order_hash": order, "commit": r.commit, "environment": s.image_used, "message": t.message,
            }  # fmt: skip


def _artifacts(r: Recording) -> Iterator[dict[str, Any]]:
    for s in r.steps:
        for a in s.artifacts:
            yield {"run_id": r.run_id, "step": s.index, "action": a.action, "name": a.name, "files": a.files,
                   "size_mib": a.size_bytes / MIB, "why": a.why or None}  # fmt: skip


def _caches(r: Recording) -> Iterator[dict[str, Any]]:
    for s in r.steps:
        for c in s.caches:
            yield {"run_id": r.run_id, "step": s.index, "action": c.action, "name": c.name, "key": c.key or None,
                   "size_mib": c.size_bytes / MIB, "seconds": c.seconds, "why": c.why or None}  # fmt: skip


ROWS = {
    "runs": _runs, "steps": _steps, "commands": _commands, "output": _output, "services": _services,
    "resources": _resources, "tests": _tests, "artifacts": _artifacts, "caches": _caches,
}  # fmt: skip
