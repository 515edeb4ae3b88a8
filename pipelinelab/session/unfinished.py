"""What the steps of a red run left for those after them, kept until the pipeline is replayed again: so that a replay of
its red steps alone finds the artifacts and the variables of the green ones before."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelinelab.planning.narrow import Past
from pipelinelab.recording.sift import Sifted
from pipelinelab.session.artifacts import Kept
from pipelinelab.session.handover import Handover

INDEX = "index.json"


class Unfinished:
    """The folder of one pipeline. It is no part of the recording: artifacts may hold what a recording masks."""

    def __init__(self, folder: Path, pipeline: str) -> None:
        self._folder = folder / hashlib.sha256(pipeline.encode()).hexdigest()[:16]

    def forget(self) -> None:
        """Remove it: the pipeline is green, or is replayed as a whole."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def keep(self, run_id: str, handovers: Mapping[str, Handover]) -> None:
        """Move here what a red run's steps left, by the name of the child pipeline ("" for the pipeline itself). Where
        the disk refuses it, nothing is kept."""
        self.forget()
        try:
            if any(one.artifacts.kept or one.outputs for one in handovers.values()):
                self._keep(run_id, handovers)
        except OSError:
            self.forget()

    def _keep(self, run_id: str, handovers: Mapping[str, Handover]) -> None:
        self._folder.mkdir(parents=True, mode=0o700)
        told: dict[str, Any] = {"run": run_id, "pipelines": {}}
        for number, (name, handover) in enumerate(handovers.items()):
            artifacts = []
            for kept in handover.artifacts.kept:
                tar = self._folder / f"{number}-{kept.tar.name}"
                shutil.move(kept.tar, tar)
                artifacts.append({
                    "name": kept.name, "tar": tar.name, "of": kept.of, "by": kept.by, "group": kept.group,
                    "files": kept.sifted.files, "size_bytes": kept.sifted.size_bytes, "taken": kept.sifted.taken,
                })  # fmt: skip
            told["pipelines"][name] = {"artifacts": artifacts, "outputs": handover.outputs}
        (self._folder / INDEX).write_text(json.dumps(told))

    def of(self, run_id: str) -> Mapping[str, Any] | None:
        """What that run left, by pipeline; None where it is not here, and of another run's nothing."""
        try:
            told = json.loads((self._folder / INDEX).read_text())
            return told["pipelines"] if told["run"] == run_id else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def give(self, name: str, handover: Handover, past: Past, scratch: Path) -> None:
        """Hand on what the green steps of the last run left. Their tars are copied to ``scratch``, whatever then
        becomes of this folder."""
        told = (self.of(past.run_id) or {}).get(name)
        if told is None:
            return
        scratch.mkdir(parents=True, exist_ok=True)
        handover.outputs.update(told["outputs"])
        for one in told["artifacts"]:
            tar = self._folder / one["tar"]
            if one["of"] in past.green and tar.is_file():
                taken = {path: (int(size), float(changed)) for path, (size, changed) in one["taken"].items()}
                sifted = Sifted(files=one["files"], size_bytes=one["size_bytes"], taken=taken)
                copied = Path(shutil.copy(tar, scratch / one["tar"]))
                handover.artifacts.kept.append(
                    Kept(one["name"], copied, sifted, one["of"], one["by"], one["group"])
                )  # fmt: skip
