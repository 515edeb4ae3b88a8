"""A step's services: started, awaited, watched and told about when they end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pipelinelab.engines.base import ImageFound, Service, ServiceSpec
from pipelinelab.events.types import Event, ImageUsed, Note, ServiceEnded, ServiceOutput, ServiceReady, ServiceStarted
from pipelinelab.masking.mask import Masker
from pipelinelab.planning.plan import ServicePlan, StepPlan
from pipelinelab.session.conversation import Conversation

# Where a service image tells no port: what its name usually listens on.
PORTS = {
    "mysql": 3306, "mariadb": 3306, "percona": 3306, "postgres": 5432, "postgis": 5432, "redis": 6379, "mongo": 27017,
    "rabbitmq": 5672, "memcached": 11211, "elasticsearch": 9200, "opensearch": 9200, "selenium": 4444, "docker": 2375,
    "localstack": 4566, "minio": 9000, "mssql": 1433, "cockroach": 26257, "nginx": 80,
}  # fmt: skip
LAST_LINES = 12


@dataclass
class Watched:
    """A running service and what is known of it."""

    plan: ServicePlan
    service: Service
    since: float
    ports: tuple[int, ...]
    ready: bool = False
    ended: bool = False
    stopping: bool = False
    tail: bytes = b""
    lines: int = 0
    thread: threading.Thread | None = None

    @property
    def last_words(self) -> str:
        """Its last log lines, masked."""
        return "\n".join(self.tail.decode("utf-8", "replace").splitlines()[-LAST_LINES:])


class Services:
    """All services of one step."""

    def __init__(self, step: StepPlan, talk: Conversation, emit: Callable[[Event], None], now: Callable[[], float],
                 masker: Callable[[], Masker]) -> None:  # fmt: skip
        self._step, self._talk, self._emit, self._now, self._masker = step, talk, emit, now, masker
        self.running: list[Watched] = []

    def start(self, images: Mapping[str, ImageFound]) -> None:
        """Start them all; nothing is awaited."""
        claimed: dict[int, str] = {}
        for plan in self._step.services:
            image = images[plan.name]
            ports = image.ports or tuple(port for name, port in PORTS.items() if name in plan.image.name)[:1]
            for port in ports:
                if port in claimed:
                    both = f"the services {claimed[port]!r} and {plan.name!r} both use port {port}"
                    self._note("port_conflict", f"{both}, and share localhost: one of them will not start")
                claimed.setdefault(port, plan.name)
            secret = {n: v for n, v in plan.variables.items() if self._masker().text(v) != v}
            spec = ServiceSpec(
                name=plan.name, image=image, memory_mib=plan.memory_mib, docker=plan.docker, secrets=secret,
                environment={n: v for n, v in plan.variables.items() if n not in secret},
            )  # fmt: skip
            at = self._now()
            self._emit(ImageUsed(at=at, step=self._step.index, container=plan.name, asked=image.asked,
                                 used=image.used, digest=image.digest))  # fmt: skip
            self._emit(ServiceStarted(at=at, step=self._step.index, service=plan.name, image_used=image.used))
            watched = Watched(plan, self._talk.step.serve(spec), at, ports)
            watched.thread = threading.Thread(target=self._watch, args=(watched,), daemon=True)
            watched.thread.start()
            self.running.append(watched)

    def _note(self, kind: str, text: str) -> None:
        self._emit(Note(at=self._now(), kind=kind, text=text, step=self._step.index))

    def _watch(self, one: Watched) -> None:
        masker = self._masker()
        name, index = one.plan.name, self._step.index

        def tell(at: float, data: bytes) -> None:
            if data:
                one.tail = (one.tail + data)[-8192:]
                one.lines += data.count(b"\n")
                self._emit(ServiceOutput(at=at, step=index, service=name, data=data))

        at = one.since
        for chunk in one.service.logs():
            at = chunk.at
            tell(at, masker.feed(chunk.data))
        tell(at, masker.end())
        early = not one.stopping
        look = one.service.look()
        one.ended = True
        if early:
            if look.oom_killed:
                self._note("memory", f"Service {name!r} exceeded memory limit.")
            how = "ran out of memory" if look.oom_killed else f"ended with exit code {look.exit_code}"
            self._note("service_ended", f"the service {name!r} {how}; its last words:\n{one.last_words}")
            self._emit(ServiceEnded(at=self._now(), step=index, service=name, exit_code=look.exit_code, early=True,
                                    oom_killed=look.oom_killed, log_lines=one.lines))  # fmt: skip

    @property
    def waiting(self) -> list[Watched]:
        """Those that neither listen nor have ended."""
        return [one for one in self.running if not one.ready and not one.ended and one.ports]

    def heard(self, at: float, fields: Sequence[str], late: bool) -> None:
        """The driver told which ports are listened on (hexadecimal)."""
        listening = {int(port, 16) for port in " ".join(fields).split()}
        for one in self.waiting:
            if listening.issuperset(one.ports) or (len(one.ports) > 1 and listening.intersection(one.ports)):
                one.ready = True
                after, ports = max(0.0, at - one.since), tuple(sorted(listening & set(one.ports)))
                self._emit(ServiceReady(at=at, step=self._step.index, service=one.plan.name, late=late,
                                        after_s=after, ports=ports))  # fmt: skip

    def wait(self, limit: float, stopped: Callable[[], bool]) -> None:
        """Wait, bounded, until each listens or has ended. Bitbucket has no such wait: its own set-up hides the race."""
        import time

        began = self._now()
        while self.waiting and self._now() - began < limit and not stopped():
            self._talk.say(b"ports\n")
            message = self._talk.wait_for("ports", 10.0)
            self.heard(self._now(), message.fields, late=False)
            if self.waiting:
                time.sleep(0.02 if self._now() - began < 2 else 0.2)
        for one in () if stopped() else self.waiting:
            ports = ", ".join(map(str, one.ports))
            self._note("service_not_ready", f"the service {one.plan.name!r} does not listen on {ports} after"
                       f" {limit:.0f} s; the script starts without it. Its last words:\n{one.last_words}")  # fmt: skip

    def end(self, keep: bool) -> None:
        """Tell how they fared; stop them unless they are kept."""
        for one in self.waiting:
            ports = ", ".join(map(str, one.ports))
            self._note("service_never_ready", f"the service {one.plan.name!r} did not listen on {ports} while the"
                       " script ran: whatever needed it has lost the race")  # fmt: skip
        for one in self.running:
            if not one.ended:
                look = one.service.look()
                one.stopping = True
                if not keep:
                    one.service.stop()
                self._emit(ServiceEnded(at=self._now(), step=self._step.index, service=one.plan.name, exit_code=None,
                                        oom_killed=look.oom_killed, log_lines=one.lines,
                                        memory_peak_mib=look.memory_peak_mib))  # fmt: skip
        if not keep:
            for one in self.running:
                if one.thread:
                    one.thread.join(5.0)
