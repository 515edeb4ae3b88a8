"""Perform a plan: events through one queue to one writer and its listeners, whatever happens."""

from __future__ import annotations

import hashlib
import queue
import re
import secrets
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from pipelinelab.engines.base import Engine, ImageFound
from pipelinelab.errors import EngineError, PipelinelabError, UsageError
from pipelinelab.events.types import Event, Note, RunEnded, RunStarted
from pipelinelab.masking.mask import Masker, patterns, too_short
from pipelinelab.masking.told import masked
from pipelinelab.model.pipelines import Image
from pipelinelab.planning.context import Repository
from pipelinelab.planning.narrow import Past
from pipelinelab.planning.plan import Plan
from pipelinelab.recording.folder import Writer, create, prune
from pipelinelab.session.artifacts import ArtifactStore
from pipelinelab.session.caches import CacheStore
from pipelinelab.session.flow import Flow
from pipelinelab.session.groups import Groups
from pipelinelab.session.handover import Handover
from pipelinelab.session.homes import Home
from pipelinelab.session.lanes import Lanes
from pipelinelab.session.pipes import image_of
from pipelinelab.session.prepared import Hands
from pipelinelab.session.settings import Settings
from pipelinelab.session.ssh import ssh_files
from pipelinelab.session.unfinished import Unfinished
from pipelinelab.session.workspace import Workspace
from pipelinelab.system.lock import Lock

CODES = {"passed": 0, "failed": 1, "stopped": 130, "lost": 3}
Listener = Callable[[Event], None]
_ID = re.compile(r"(\d+-\d+)-([0-9a-f]+)\Z")
QUEUE = 256
"""Events that may wait for the writer: a script that prints faster than the disk takes it is slowed down."""


@dataclass(frozen=True)
class Job:
    """A plan and everything it is performed with; ``past`` is the red run that it takes up, if it does."""

    plan: Plan
    repo: Repository
    home: Home
    engine: Engine
    images: Mapping[str, ImageFound]
    settings: Settings
    worktree: bool = False
    edits: Mapping[str, str] = field(default_factory=dict, repr=False)
    parent_run: str | None = None
    past: Past | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    listeners: Sequence[Listener] = ()


def new_folder(runs: Path) -> Path:
    """A folder for one more run. Ids sort in the order of their making, whatever the wall clock does."""
    while True:
        run_id = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.randbelow(1 << 15):04x}"
        latest = max((one.name for one in runs.iterdir()), default="") if runs.is_dir() else ""
        if run_id <= latest and (known := _ID.match(latest)):
            run_id = f"{known[1]}-{int(known[2], 16) + 1:0{len(known[2])}x}"
        if create(runs / run_id):
            return runs / run_id


def images_of(plan: Plan, engine: Engine, settings: Settings, progress: Callable[[str], None] | None = None
              ) -> dict[str, ImageFound]:  # fmt: skip
    """Every image that the plan's steps and services need, by the name they ask for. Raises ImageUnavailable, and
    UsageError where a step needs a docker service that the user has not allowed."""
    found: dict[str, ImageFound] = {}
    for step in plan.steps():
        if step.skipped or step.guarded:
            continue
        if any(service.docker for service in step.services) and not settings.docker_service:
            raise UsageError(
                f"step {step.index} {step.name!r} has the docker service: a daemon of its own, which needs"
                " SYS_ADMIN and NET_ADMIN",
                "if you trust this pipeline: --allow-docker-service",
            )
        pipes = (Image(name=image_of(item.pipe)) for item in step.items if item.pipe is not None)
        for image in (step.image, *(service.image for service in step.services), *pipes):
            if image.name not in found:
                used = mapped(image.name, settings.images)
                auth = {"username": image.username, "password": image.password or ""} if image.username else None
                found[image.name] = engine.image(image.name, used, settings.platform, auth, progress)
    return found


def mapped(asked: str, images: Mapping[str, str]) -> str:
    """The image that stands in for ``asked``: looked for as written, then without its default registry and tag."""
    short = asked.removeprefix("docker.io/").removeprefix("library/")
    bare = short.removesuffix(":latest")
    for name in (asked, short, bare, f"{bare}:latest"):
        if name in images:
            return images[name]
    return asked


def perform(job: Job) -> Path:
    """Run it to its end and give the run folder. Raises PipelinelabError where the lab itself fails; the recording
    up to then stays, and nothing else does."""
    folder = new_folder(job.home.runs)
    run_id = folder.name
    writer = Writer(folder, job.settings.log_cap_bytes)
    lock = Lock(folder)
    scratch = job.home.scratch / run_id
    events: queue.Queue[Event | None] = queue.Queue(QUEUE)
    origin = job.engine.now()
    secret = {n: v for step in job.plan.steps() for n, v in step.variables.items() if n in step.secrets}
    if key := job.settings.ssh_key:
        secret["SSH_KEY"] = key.decode("utf-8", "replace")
    pairs = patterns(secret)
    words = Masker(pairs)
    hands = Hands(
        emit=lambda event: events.put(masked(replace(event, at=max(0.0, event.at - origin)), words)),
        now=job.engine.now,
        masker=lambda: Masker(pairs), stop=threading.Event(), hurry=threading.Event(),
    )  # fmt: skip
    labels = {"pipelinelab.run": run_id, "pipelinelab.folder": str(folder)}
    given = job.settings
    workspace = Workspace(job.home.root, job.repo, scratch, job.worktree, given.container_files, job.edits,
                          partial(ssh_files, given.ssh_key, given.known_hosts),
                          lambda text: hands.emit(Note(at=hands.now(), kind="clone", text=text)))  # fmt: skip
    caches = CacheStore(job.home.caches, workspace.blobs, hands.emit, hands.now, stopped=hands.stop.is_set)

    unfinished = Unfinished(job.home.unfinished, job.plan.pipeline)
    handovers: dict[str, Handover] = {}

    def handover(name: str = "") -> Handover:
        place = scratch / "artifacts" / hashlib.sha256(name.encode()).hexdigest()[:8]
        artifacts = ArtifactStore(place, hands.emit, hands.now, hands.stop.is_set)
        made = Handover(artifacts, caches, hands.emit, hands.now)
        if job.past is not None:
            unfinished.give(name, made, job.past, place)
        handovers[name] = made
        return made

    hands = replace(hands, handover=handover())
    lanes = Lanes(job.engine, workspace, job.images, job.settings, labels)
    flow = Flow(lanes, Groups(job.home.groups), hands, job.settings.jobs, handover)
    problems: list[BaseException] = []
    outcome: list[str] = []
    begun = RunStarted(
        at=0.0, run_id=run_id, pipeline=job.plan.pipeline, repo=job.repo.name, commit=job.repo.commit,
        branch=job.repo.branch, parent_run=job.parent_run, started_at=datetime.now(UTC).isoformat(),
        facts=job.facts,
    )  # fmt: skip

    def conduct() -> None:
        result = "lost"
        try:
            result = flow.run(job.plan)
        except BaseException as problem:  # told below, in the caller's thread
            problems.append(problem)
        outcome.append(result)
        events.put(RunEnded(at=hands.now() - origin, result=result, exit_code=CODES[result]))
        events.put(None)

    try:
        with _signals(hands):
            _tell(begun, writer, job.listeners)
            for short in too_short(secret):
                text = f"the value of {short} is under four characters and is not masked"
                _tell(Note(at=0.0, kind="short_secret", text=text), writer, job.listeners)
            if job.past is not None and job.past.left and unfinished.of(job.past.run_id) is None:
                text = f"what the green steps of run {job.past.run_id} left is not here any more: no later step gets it"
                _tell(Note(at=0.0, kind="unfinished", text=text), writer, job.listeners)
            for note in job.plan.notes:
                _tell(Note(at=0.0, kind=note.kind, text=note.text, step=note.step), writer, job.listeners)
            thread = threading.Thread(target=conduct, name="pipelinelab-conductor", daemon=True)
            thread.start()
            _pump(events, writer, job.listeners, hands)
            thread.join()
    finally:
        writer.close()
        if job.parent_run is None:  # a replay that proves a cure leaves the run that it is about alone
            unfinished.keep(run_id, handovers if outcome != ["passed"] else {})
        lock.release()
        shutil.rmtree(scratch, ignore_errors=True)
    if problems:
        raise _shown(problems[0], folder)
    prune(job.home.runs, job.settings.runs_kept)
    return folder


def _tell(event: Event, writer: Writer, listeners: Sequence[Listener]) -> None:
    further = writer(event)
    for listen in listeners:
        listen(event)
    if further is not None:
        _tell(further, writer, listeners)


def _pump(events: queue.Queue[Event | None], writer: Writer, listeners: Sequence[Listener], hands: Hands) -> None:
    """Write and tell each event until the end. When writing fails, the run is stopped and its events are drained."""
    failed: BaseException | None = None
    while True:
        try:
            event = events.get(timeout=0.5)
        except queue.Empty:
            continue
        if event is None:
            break
        if failed is None:
            try:
                _tell(event, writer, listeners)
            except BaseException as problem:
                failed = problem
                hands.stop.set()
                hands.hurry.set()
    if failed is not None:
        raise failed


def _shown(problem: BaseException, folder: Path) -> BaseException:
    if isinstance(problem, PipelinelabError) and not problem.hint:
        problem.hint = f"the recording up to then: {folder}"
    if isinstance(problem, OSError) and not isinstance(problem, PipelinelabError):
        return EngineError(f"the replay could not go on: {problem}", f"the recording up to then: {folder}")
    return problem


@contextmanager
def _signals(hands: Hands) -> Iterator[None]:
    """The first SIGINT or SIGTERM ends the step, its after-script included; the second ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        if hands.stop.is_set():
            hands.hurry.set()
        hands.stop.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
