"""The failed step's containers, still standing: run commands in them, ask their databases."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelinelab.engines.base import Answer, Engine, Step
from pipelinelab.errors import EngineError, PipelinelabError, UsageError
from pipelinelab.events.types import Asked, Event
from pipelinelab.inside.script import enter
from pipelinelab.masking.mask import Masker, patterns
from pipelinelab.planning.build import expand
from pipelinelab.recording import html
from pipelinelab.recording.folder import append
from pipelinelab.recording.frames import frame
from pipelinelab.recording.records import Recording, StepRecord
from pipelinelab.recording.summary import first_line
from pipelinelab.session.database import KINDS, client
from pipelinelab.session.watching import watched

if TYPE_CHECKING:
    import pandas as pd

SHELL = 'for s in /bin/bash /usr/bin/bash /usr/local/bin/bash sh; do command -v "$s" >/dev/null && exec "$s" "$@"; done'
END = 'read -r n <"/tmp/.pipelinelab/asked-$1" && [ "$n" -gt 1 ] && kill -s KILL -- "-$n"'
TIME_OUT = 124
NO_DATABASE = "ERROR 1049 (42000): Unknown database"


@dataclass(frozen=True)
class Said:
    """One command that was run in a kept step: its exit code, its masked output, how long it took."""

    command: str
    exit_code: int
    output: str
    seconds: float

    def __repr__(self) -> str:
        mark = "✔" if self.exit_code == 0 else f"✘ exit code {self.exit_code}"
        return f"{self.output.rstrip()}\n{mark}".lstrip("\n")


class KeptStep:
    """A kept step, to look around in. What is run here changes its containers, never the user's files."""

    def __init__(self, step: Step, record: StepRecord, recording: Recording, tell: Callable[[Event], None]) -> None:
        self._step = step
        self._tell = tell
        self.record = record
        self._recording = recording
        self.said: list[Said] = []

    def __repr__(self) -> str:
        services = ", ".join(one.name for one in self.record.services) or "none"
        return f"step {self.record.index} {self.record.name!r}, kept as its last command left it; services: {services}"

    def _repr_html_(self) -> str:
        return f"<div><strong>{html.esc(self)}</strong>{html.step_html(self.record)}</div>"

    def ask(self, argv: Sequence[str], container: str = "build", timeout: float = 60.0,
            environment: Mapping[str, str] | None = None) -> Answer:  # fmt: skip
        """Run ``argv`` with the step's variables and ``environment``, which is not recorded. The output comes as it is;
        what is recorded of it is masked. Nothing goes on in the build container after the time is over."""
        began = time.monotonic()
        if container == "build":
            answer = self._inside(argv, timeout, environment or {})
        else:
            answer = self._step.ask(argv, container, timeout=timeout, environment=environment)
        if argv[0] != "env":  # the variables themselves, which is how the masker learns of them
            mask = self._masker.text
            self._tell(
                Asked(
                    at=self._recording.seconds or 0.0, step=self.record.index, container=container,
                    argv=tuple(map(mask, argv)), exit_code=answer.exit_code, output=mask(answer.text),
                    seconds=time.monotonic() - began,
                )
            )  # fmt: skip
        return answer

    def _inside(self, argv: Sequence[str], timeout: float, environment: Mapping[str, str]) -> Answer:
        """Ask with the step's own variables; what is not done in time, or is interrupted, is ended with its group."""
        name = secrets.token_hex(4)
        whole = ["sh", "-c", enter(), "pipelinelab", *argv]
        over = True
        try:
            answer = self._step.ask(whole, timeout=timeout, environment={**environment, "PIPELINELAB_ASKED": name})
            over = answer.exit_code == TIME_OUT
            return answer
        finally:
            if over:
                with suppress(PipelinelabError):
                    self._step.ask(["sh", "-c", END, "pipelinelab", name])

    def container(self, name: str = "build") -> str:
        """The engine's id of one of the containers."""
        return self._step.container_id(name)

    @cached_property
    def variables(self) -> Mapping[str, str]:
        """The variables of the step's shell, secrets among them: for use, not for show."""
        if not self._recording.facts.get("secrets") and not any("$" in str(v) for v in self._service_facts()):
            return {}
        answer = self.ask(["env", "-0"])
        pairs = (one.partition("=") for one in answer.text.split("\0"))
        return {name: value for name, _, value in pairs if name}

    @cached_property
    def _masker(self) -> Masker:
        secret = {n: self.variables[n] for n in self._recording.facts.get("secrets", ()) if n in self.variables}
        return Masker(patterns(secret))

    def mask(self, text: str) -> str:
        """The text with every secured value of the step replaced by its name."""
        return self._masker.text(text)

    def run(self, command: str, container: str = "build", timeout: float = 600.0) -> Said:
        """Run shell text as the script would (``set -e``, nobody at stdin) and give what it said; a row of ``commands``
        too. Raises Stopped where it is interrupted."""
        began = time.monotonic()
        argv = ["sh", "-c", SHELL, "pipelinelab", "-c", f"set -e\n{command}"]
        with watched(f"running `{first_line(command)}` in the kept step"):
            answer = self.ask(argv, container, timeout)
        said = Said(command, answer.exit_code, self._masker.text(answer.text), time.monotonic() - began)
        self.said.append(said)
        return said

    @property
    def commands(self) -> pd.DataFrame:
        """What was run here, in the ``commands`` frame's columns; the phase is ``inside``."""
        rows = (
            {
                "run_id": self._recording.run_id, "step": self.record.index, "phase": "inside", "index": index,
                "command": self._masker.text(one.command), "exit_code": one.exit_code, "seconds": one.seconds,
                "result": "passed" if one.exit_code == 0 else "failed", "hidden_failure": False,
                "output_lines": one.output.count("\n"), "output_bytes": len(one.output.encode()),
            }
            for index, one in enumerate(self.said)
        )  # fmt: skip
        return frame("commands", rows)

    @property
    def _facts(self) -> Mapping[str, Mapping[str, str]]:
        known: Mapping[str, Mapping[str, str]] = self._recording.facts.get("services", {}).get(
            str(self.record.index), {}
        )
        return known

    def _service_facts(self) -> list[str]:
        return [value for service in self._facts.values() for value in service.values()]

    def service_variables(self, service: str) -> dict[str, str]:
        """A service's variables as it was given them."""
        known = self._facts.get(service, {})
        return {name: expand(value, self.variables) for name, value in known.items()}

    def query(self, sql: str, service: str = "", user: str = "") -> pd.DataFrame:
        """Ask a database service of the step; the rows as a DataFrame of text, NULL as missing. ``user`` is whom to ask
        as, where that is not the most powerful one that the step's variables give a password for.

        Raises UsageError where the step has no such service, EngineError with the server's words where it refuses."""
        import io

        import pandas as pd

        name = service or self._database()
        record = next((one for one in self.record.services if one.name == name), None)
        environment, text = client(self.service_variables(name), record.text if record else "", sql, user)
        answer = self.ask(["sh", "-c", text], name, environment=environment)
        if answer.exit_code and NO_DATABASE in answer.text:  # dropped meanwhile: the server itself can still be asked
            variables = {n: v for n, v in self.service_variables(name).items() if not n.endswith("_DATABASE")}
            environment, text = client(variables, record.text if record else "", sql, user)
            answer = self.ask(["sh", "-c", text], name, environment=environment)
        if answer.exit_code:
            raise EngineError(f"{name}: {self._masker.text(answer.text).strip()}")
        text = self._masker.text(answer.text)
        if not text.strip():
            return pd.DataFrame()
        table: Any = pd.read_csv(
            io.StringIO(text), sep="\t", dtype="string", keep_default_na=False, na_values=["NULL"], escapechar="\\",
            quoting=3,
        )  # fmt: skip
        return pd.DataFrame(table)

    def _database(self) -> str:
        for one in self.record.services:
            if any(word in one.image_used for word in KINDS):
                return one.name
        known = ", ".join(one.name for one in self.record.services) or "none"
        raise UsageError("this step has no database service that can be asked", f"its services: {known}")


def reopen(engine: Engine, folder: Path, recording: Recording, record: StepRecord) -> KeptStep:
    """The kept step of a run. Raises EngineError where its containers are gone."""
    labels = {"pipelinelab.folder": str(folder), "pipelinelab.step": str(record.index)}
    return KeptStep(engine.reopen(labels), record, recording, lambda event: append(folder, event))


def shell_argv(kept: KeptStep, container: str = "build") -> list[str]:
    """Arguments for ``docker exec`` that open an interactive shell in one of the kept containers."""
    name = kept.container(container)
    if container != "build":
        return [name, "sh"]
    return [name, "sh", "-c", enter(), "pipelinelab", "sh", "-c", SHELL, "pipelinelab"]
