"""The frames' columns and dtypes, each declared once.

Seconds are float64, memory is MiB, timestamps are timezone-aware UTC, flags that may be unknown are nullable.
"""

from __future__ import annotations

TEXT = "string"
COUNT = "Int64"
REAL = "float64"
FLAG = "boolean"
TIME = "datetime64[ns, UTC]"

RUNS = {
    "run_id": TEXT, "parent_run": TEXT, "source": TEXT, "repo": TEXT, "commit": TEXT, "pipeline": TEXT,
    "result": TEXT, "started_at": TIME, "seconds": REAL,
}  # fmt: skip
STEPS = {
    "run_id": TEXT, "step": COUNT, "name": TEXT, "stage": TEXT, "group": COUNT, "image_asked": TEXT,
    "image_used": TEXT, "image_digest": TEXT, "result": TEXT, "exit_code": COUNT, "seconds": REAL, "image_s": REAL,
    "clone_s": REAL, "services_s": REAL, "script_s": REAL, "after_script_s": REAL, "artifacts_s": REAL,
    "memory_limit_mib": REAL, "memory_peak_mib": REAL, "cpu_s": REAL, "oom_killed": FLAG, "skipped_why": TEXT,
}  # fmt: skip
COMMANDS = {
    "run_id": TEXT, "step": COUNT, "phase": TEXT, "index": COUNT, "command": TEXT, "yaml_line": COUNT,
    "exit_code": COUNT, "result": TEXT, "hidden_failure": FLAG, "started_at": TIME, "seconds": REAL,
    "output_lines": COUNT, "output_bytes": COUNT,
}  # fmt: skip
OUTPUT = {"run_id": TEXT, "step": COUNT, "command": COUNT, "line": COUNT, "elapsed": REAL, "text": TEXT}
SERVICES = {
    "run_id": TEXT, "step": COUNT, "service": TEXT, "image_used": TEXT, "port_open_after_s": REAL,
    "exit_code": COUNT, "oom_killed": FLAG, "memory_peak_mib": REAL, "log_lines": COUNT,
}  # fmt: skip
RESOURCES = {
    "run_id": TEXT, "step": COUNT, "container": TEXT, "elapsed": REAL, "cpu_percent": REAL, "memory_mib": REAL,
}  # fmt: skip
ERRORS = {
    "run_id": TEXT, "step": COUNT, "command": COUNT, "line": COUNT, "kind": TEXT, "exception": TEXT, "code": TEXT,
    "message": TEXT, "location": TEXT,
}  # fmt: skip
TESTS = {
    "run_id": TEXT, "step": COUNT, "suite": TEXT, "test": TEXT, "outcome": TEXT, "seconds": REAL, "position": COUNT,
    "order_hash": TEXT, "commit": TEXT, "environment": TEXT, "message": TEXT, "seed": COUNT,
}  # fmt: skip
FINDINGS = {
    "run_id": TEXT, "step": COUNT, "command": COUNT, "rule": TEXT, "title": TEXT, "severity": TEXT,
    "confidence": REAL, "evidence": TEXT, "cause": TEXT, "cure": TEXT, "cure_safety": TEXT, "proof": TEXT,
    "seconds_before": REAL, "seconds_after": REAL,
}  # fmt: skip
ARTIFACTS = {
    "run_id": TEXT, "step": COUNT, "action": TEXT, "name": TEXT, "files": COUNT, "size_mib": REAL, "why": TEXT,
}  # fmt: skip
CACHES = {
    "run_id": TEXT, "step": COUNT, "action": TEXT, "name": TEXT, "key": TEXT, "size_mib": REAL, "seconds": REAL,
    "why": TEXT,
}  # fmt: skip

FRAMES = {
    "runs": RUNS, "steps": STEPS, "commands": COMMANDS, "output": OUTPUT, "services": SERVICES,
    "resources": RESOURCES, "errors": ERRORS, "tests": TESTS, "findings": FINDINGS, "artifacts": ARTIFACTS,
    "caches": CACHES,
}  # fmt: skip
