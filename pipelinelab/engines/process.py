"""Steps as plain child processes of this machine, by the very driver that runs in containers. Opt-in: nothing is
isolated. For property tests in milliseconds, and for flaky campaigns where there is no Docker.

What lies below / in a container lies below a scratch folder here: the clone's path is replaced by the scratch folder's
in everything that is said to the driver.
"""

from __future__ import annotations

import os
import platform
import select
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pipelinelab.engines.base import Answer, Chunk, Facts, ImageFound, Look, Service, ServiceSpec, Step, StepSpec
from pipelinelab.errors import EngineError
from pipelinelab.inside.script import driver
from pipelinelab.planning.plan import CLONE_DIR
from pipelinelab.recording.stream import Pieces

WORK = "/tmp/.pipelinelab"
AT_ONCE = 1 << 16


class ProcessEngine:
    """Steps as processes, each in a folder of its own below ``scratch`` (a temporary one unless given). ``path`` is
    the PATH of the driver and of the script."""

    def __init__(self, scratch: Path | None = None, path: str = "") -> None:
        self._scratch = scratch
        self._path = path or os.environ.get("PATH", os.defpath)

    def now(self) -> float:
        return time.monotonic()

    def facts(self) -> Facts:
        return Facts(name="process", version=platform.release(), cpus=os.cpu_count() or 1,
                     architecture=platform.machine())  # fmt: skip

    def image(self, asked: str, used: str, platform: str | None = None, auth: Mapping[str, str] | None = None,
              progress: Callable[[str], None] | None = None) -> ImageFound:  # fmt: skip
        """This machine itself stands in for any image."""
        return ImageFound(asked=asked, used="this machine", digest="")

    def prepare(self, spec: StepSpec) -> Step:
        return ProcessStep(spec, Path(tempfile.mkdtemp(prefix="pipelinelab-step-", dir=self._scratch)), self._path)

    def reopen(self, labels: Mapping[str, str]) -> Step:
        raise EngineError("a step that ran as a plain process is not kept", "replay it in Docker to look around in it")

    def sweep(self, chosen: Callable[[Mapping[str, str]], bool]) -> Mapping[str, int]:
        return {}


class ProcessStep:
    """One step's driver as a child process in a session of its own."""

    def __init__(self, spec: StepSpec, root: Path, path: str) -> None:
        self._spec, self._root, self._path = spec, root, path
        self._clone = root / CLONE_DIR.lstrip("/")
        self._clone.mkdir(parents=True)
        (root / "tmp").mkdir()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def lane(self) -> str:
        return ""

    def container_id(self, container: str) -> str:
        raise EngineError(f"there is no container {container!r}: the step runs as a plain process")

    def put(self, path: str, tar: Iterable[bytes]) -> float:
        began = time.monotonic()
        with tarfile.open(fileobj=Pieces(tar), mode="r|") as archive:
            archive.extractall(self._root / path.lstrip("/"), filter="fully_trusted")
        return time.monotonic() - began

    def get(self, path: str) -> Iterator[bytes]:
        source = self._root / path.lstrip("/")
        if not source.exists():
            raise EngineError(f"getting {path}: it is not there")
        with tempfile.TemporaryFile() as file:
            with tarfile.open(fileobj=file, mode="w") as archive:
                archive.add(source, arcname=source.name)
            file.seek(0)
            while piece := file.read(1 << 20):
                yield piece

    def start(self) -> None:
        environment = {
            "PATH": self._path,
            "HOME": str(self._root),
            "LANG": "C.UTF-8",
            "TMPDIR": str(self._root / "tmp"),
        }
        self._process = subprocess.Popen(
            ["sh", "-c", driver(), "pipelinelab", self._spec.nonce, str(self._root) + WORK],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=self._clone, env=environment, start_new_session=True,
            bufsize=0,
        )  # fmt: skip

    def serve(self, service: ServiceSpec) -> Service:
        raise EngineError(f"the service {service.name!r} needs a container", "replay it in Docker")

    def listen(self, tick: float = 0.2) -> Iterator[Chunk]:
        assert self._process is not None and self._process.stdout is not None
        out = self._process.stdout.fileno()
        while True:
            if not select.select([out], [], [], tick)[0]:
                yield Chunk(b"", time.monotonic())
                # What the script left running holds the pipe open; the driver's end is the step's end all the same.
                if self._process.poll() is not None:
                    return
                continue
            data = os.read(out, AT_ONCE)
            if not data:
                return
            yield Chunk(data, time.monotonic())

    def say(self, data: bytes) -> None:
        assert self._process is not None and self._process.stdin is not None
        if data == b"kill\n":
            self._end_script()
        with suppress(OSError, ValueError):
            view = memoryview(data.replace(CLONE_DIR.encode(), bytes(self._clone)).replace(
                WORK.encode(), str(self._root).encode() + WORK.encode()))  # fmt: skip
            while view:
                view = view[self._process.stdin.write(view) :]

    def ask(self, argv: Sequence[str], container: str = "build", user: str = "", timeout: float = 30.0,
            environment: Mapping[str, str] | None = None) -> Answer:  # fmt: skip
        text = [one.replace(WORK, str(self._root) + WORK) for one in argv]
        try:
            done = subprocess.run(
                text, cwd=self._clone, env={"PATH": self._path, **(environment or {})}, timeout=timeout,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as late:
            return Answer(exit_code=124, output=late.output or b"")
        except FileNotFoundError:
            return Answer(exit_code=127, output=f"{argv[0]}: not found\n".encode())
        return Answer(exit_code=done.returncode, output=done.stdout)

    def look(self, container: str = "build") -> Look:
        running = self._process is not None and self._process.poll() is None
        return Look(
            container=container, running=running, exit_code=None if self._process is None else self._process.returncode
        )

    def _theirs(self) -> Iterator[int]:
        """Every process of the step's session but the driver and the shell that reads its channel."""
        assert self._process is not None
        driver_id = self._process.pid
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == driver_id:
                continue
            with suppress(OSError, IndexError, ValueError):
                _, _, rest = (entry / "stat").read_text().rpartition(")")
                state, parent, _, session = rest.split()[:4]
                reader = int(parent) == driver_id and self._spec.nonce.encode() in (entry / "cmdline").read_bytes()
                if int(session) == driver_id and state != "Z" and not reader:
                    yield int(entry.name)

    def _end_script(self) -> None:
        for _ in range(50):  # until nothing is left that could start something new
            found = list(self._theirs())
            for process in found:
                with suppress(OSError):
                    os.kill(process, signal.SIGKILL)
            if not found:
                return
            time.sleep(0.002)

    def close(self) -> None:
        if self._process is not None:
            self._end_script()
            self._process.kill()
            self._process.wait()
            for stream in (self._process.stdin, self._process.stdout):
                if stream is not None:
                    with suppress(OSError):
                        stream.close()
        shutil.rmtree(self._root, ignore_errors=True)
