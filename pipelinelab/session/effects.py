"""What a cure does beside curing: the step's database before and after."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelinelab.diagnosis.questions import ask
from pipelinelab.errors import PipelinelabError
from pipelinelab.events.types import Probe
from pipelinelab.recording.folder import append
from pipelinelab.session.probes import answer
from pipelinelab.session.run import Run

State = Mapping[str, Mapping[str, Any]]
STATE = ("database_collation", "table_collations", "row_counts", "grants")


def state_of(run: Run, step: int | None = None) -> State:
    """The database of a kept step (the red one, or number ``step``): its collation, its tables' collations and rows,
    the grants; {} where there is none to ask. What was asked is in the recording, and is told from there where the
    containers are gone."""
    known = {p.question: p.answer for s in run.recording.steps for p in s.probes if p.ok and isinstance(p.answer, dict)}
    try:
        kept = run.kept(step)
        settings: Mapping[str, Any] | None = known.get("database_settings")
        if settings is None:
            settings = _asked(run, answer(kept, ask("database_settings", {"alias": "default"}, kept.record.index), 0.0))
        name = (settings or {}).get("name")
        if not name or "mysql" not in str((settings or {}).get("engine")):
            return {}
        found = {}
        for question in STATE[:-1]:
            probe = answer(kept, ask(question, {"database": name}, kept.record.index), run.recording.seconds or 0.0)
            if (said := _asked(run, probe)) is not None:
                found[question] = said
        probe = answer(kept, ask("grants", {"alias": "default"}, kept.record.index), run.recording.seconds or 0.0)
        if (said := _asked(run, probe)) is not None:
            found["grants"] = said
    except PipelinelabError:
        return {question: known[question] for question in STATE if question in known}
    return found


def _asked(run: Run, probe: Probe) -> Mapping[str, Any] | None:
    append(run.folder, probe)
    run.forget()
    return probe.answer if probe.ok else None


def effects(before: State, after: State) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(harm, what else changed), each a sentence."""
    harm, other = [], []
    base, now = before.get("database_collation", {}), after.get("database_collation", {})
    if base.get("exists") and now.get("exists") is False:
        harm.append("it drops the service's database")
    elif base.get("collation") and now.get("collation") and base["collation"] != now["collation"]:
        other.append(f"the database's collation is now {now['collation']}, not {base['collation']}")
    tables, left = before.get("table_collations", {}).get("tables", {}), after.get("table_collations", {}).get("tables")
    if tables and left == {} and not harm:
        harm.append(f"it leaves the service's database without its {len(tables)} tables")
    changed = [name for name in tables if left and name in left and left[name] != tables[name]]
    if changed and left:
        other.append(f"{len(changed)} tables have another collation, {left[changed[0]]}")
    rows, kept = before.get("row_counts", {}).get("total"), after.get("row_counts", {}).get("total")
    if rows is not None and kept is not None and rows != kept and not harm:
        other.append(f"{kept} rows in the database's tables after it, {rows} before")
    if before.get("grants", {}).get("grants") and after.get("grants", {}).get("grants"):
        gone = set(before["grants"]["grants"]) - set(after["grants"]["grants"])
        other += [f"a grant is gone: {one}" for one in sorted(gone) if "USAGE" not in one]
    return tuple(harm), tuple(other)
