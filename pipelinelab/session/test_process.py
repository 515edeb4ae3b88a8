"""One run of a test suite as plain processes, in a fresh copy of the folder, with the lab's hook beside it.

Whatever a test does to its process, its files or its time, the run ends with an outcome for it, and the tests that
it kept from running go on in a process of their own.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from pipelinelab import reports
from pipelinelab.errors import UsageError
from pipelinelab.flaky.campaign import Run
from pipelinelab.reports import TestCase, quiet
from pipelinelab.session import hooks
from pipelinelab.session.hooks import Part

_CACHES = {".pipelinelab", "__pycache__", ".pytest_cache"}
REPORTS = ("surefire-reports", "failsafe-reports", "test-results", "test-reports", "TestResults")
_TAIL = 20_000
_MOST = 64 * 2**20


@dataclass(frozen=True, kw_only=True)
class Task:
    """A run to make: ``command`` in a copy of ``source`` or of the tar ``archive``, which goes to other machines.

    ``timeout_s`` is how long one test may take; ``file_mib`` how large one file may grow."""

    command: tuple[str, ...]
    run: Run
    source: str = ""
    archive: bytes = field(default=b"", repr=False)
    environment: Mapping[str, str] = field(default_factory=dict)
    timeout_s: float = 300.0
    file_mib: int = 2048


def run_tests(task: Task) -> tuple[Part, ...]:
    """Make the run: one part, or more where a test ended its process and the rest went on in another.

    Raises UsageError where the command cannot be started, or its output does not name the tests that passed."""
    return hooks.whole(task.run, lambda run: _once(replace(task, run=run)))


def _once(task: Task) -> Part:
    with tempfile.TemporaryDirectory(prefix="pipelinelab-", ignore_cleanup_errors=True) as name:
        scratch = Path(name).resolve()
        work, folder, outcomes = scratch / "work", scratch / "hooks", scratch / "outcomes.jsonl"
        _unpack(task, work)
        folder.mkdir()
        for hook, data in hooks.files(task.run).items():
            (folder / hook).write_bytes(data)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PIPELINELAB_")}
        environment.update(task.environment)
        environment.update(hooks.variables(task.run, str(folder), str(outcomes), environment))
        began = time.monotonic()
        printed = bytearray()
        exit_code, timed_out = _watch(task, work, environment, outcomes, printed)
        took = time.monotonic() - began
        data = outcomes.read_bytes() if outcomes.exists() else b""
        reported = () if data.strip() else _reported(task.command, work, bytes(printed))
    return hooks.part(data, exit_code=exit_code, seconds=took, timed_out=timed_out, limit=task.timeout_s,
                      output=printed[-_TAIL:].decode("utf-8", "replace"), reported=reported)  # fmt: skip


def _reported(command: tuple[str, ...], work: Path, output: bytes) -> tuple[TestCase, ...]:
    """The cases of what the suite itself wrote: JUnit files in the folders where Bitbucket looks for them or, where
    there are none, its output."""
    found = [path for path in work.rglob("*.xml") if path.parent.name in REPORTS and path.stat().st_size < _MOST]
    if not found:
        quiet.refuse(f"`{' '.join(command)}`", output)
    cases: list[TestCase] = []
    for name, data in [(path.name, path.read_bytes()) for path in sorted(found)] or [("output", output)]:
        try:
            cases += reports.read(name, data)
        except reports.ReportRefused as broken:
            cases += broken.cases
    return tuple(case._replace(position=at) for at, case in enumerate(cases))


def _unpack(task: Task, work: Path) -> None:
    if task.archive:
        with tarfile.open(fileobj=io.BytesIO(task.archive)) as tar:
            tar.extractall(work, filter="tar")
        return
    shutil.copytree(task.source, work, symlinks=True, ignore=_left_out)


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Caches, and what is neither file nor folder: a pipe or a socket cannot be copied."""
    return {name for name in names if name in _CACHES or _special(Path(folder, name))}


def _packed(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    plain = entry.isreg() or entry.isdir() or entry.issym() or entry.islnk()
    return entry if plain and Path(entry.name).name not in _CACHES else None


def _special(path: Path) -> bool:
    return not (path.is_symlink() or path.is_dir() or path.is_file())


def archive(source: Path) -> bytes:
    """The folder as a tar, for workers on other machines; the lab's own folder and caches left out."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", compresslevel=1) as tar:
        for path in sorted(source.iterdir()):
            tar.add(path, arcname=path.name, filter=_packed)
    return out.getvalue()


def with_hook(command: tuple[str, ...]) -> tuple[str, ...]:
    """The command with the lab's runner in it, where it is Django's ``test``, and with -v where it is unittest, which
    else does not name the tests that pass; pytest needs nothing."""
    if ("-m", "unittest") in pairwise(command):
        at = command.index("unittest", command.index("-m")) + 1
        at += command[at : at + 1] == ("discover",)
        return (*command[:at], "-v", *command[at:])
    if "test" not in command or any(one.startswith("--testrunner") for one in command):
        return command
    managed = any(Path(one).name in ("manage.py", "django-admin", "django-admin.py", "django") for one in command)
    at = command.index("test") + 1
    return (*command[:at], hooks.RUNNER, *command[at:]) if managed else command


def _watch(
    task: Task, work: Path, environment: Mapping[str, str], outcomes: Path, printed: bytearray
) -> tuple[int, bool]:
    """Run it to its end, or until no test has begun or ended for ``timeout_s``."""
    try:
        process = subprocess.Popen(
            with_hook(task.command), cwd=work, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    except OSError as problem:
        raise UsageError(f"{task.command[0]}: cannot be started: {problem.strerror}",
                         "give the command after --, for example: -- python -m pytest") from None  # fmt: skip
    if sys.platform == "linux":
        import resource

        most = task.file_mib * 1024 * 1024
        with contextlib.suppress(OSError):
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
    # Through a pipe, since a test that fills the disk must not take the output of its own process with it.
    reader = threading.Thread(target=_gather, args=(process.stdout, printed), daemon=True)
    reader.start()
    size, since, pause = -1, time.monotonic(), 0.005
    try:
        while True:
            try:
                return process.wait(pause), False
            except subprocess.TimeoutExpired:
                pause = min(pause * 1.5, 0.25)
            grown = outcomes.stat().st_size if outcomes.exists() else 0
            if grown != size:
                size, since = grown, time.monotonic()
            elif time.monotonic() - since > task.timeout_s:
                return -signal.SIGKILL, True
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        reader.join(1.0)  # a process that left the group may hold the pipe for ever


def _gather(stream: io.BufferedReader, printed: bytearray) -> None:
    with stream:
        while data := stream.read1(65_536):
            printed += data
            if len(printed) > _MOST:
                del printed[: _MOST // 2]
