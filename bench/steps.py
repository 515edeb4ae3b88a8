"""What one more step costs: the marginal cost of a replayed step against a bare ``docker run --rm`` of the same
commands, measured in turns so that a busy machine is busy for both."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from pipelinelab.session.engine import live
from pipelinelab.session.replay import Asked, replay
from pipelinelab.session.settings import Settings

IMAGE = "pipelinelab/base"
COMMANDS = ("echo one", "pwd", "test -d .", "echo two | cat")


def repository(folder: Path, steps: int, commands: tuple[str, ...] = COMMANDS, files: int = 30) -> Path:
    """A git repository whose pipeline has that many steps of these commands."""
    folder.mkdir(parents=True)
    for number in range(files):
        (folder / f"file-{number}.txt").write_text("x" * 2000)
    script = "".join(f"          - {command}\n" for command in commands)
    one = f"    - step:\n        script:\n{script}"
    return committed(folder, f"image: {IMAGE}\npipelines:\n  default:\n{one * steps}")


def committed(folder: Path, text: str) -> Path:
    """A git repository with one commit of what is in the folder and of this pipelines file."""
    (folder / "bitbucket-pipelines.yml").write_text(text)
    for line in ("init -q -b main", "add -A", "-c user.name=bench -c user.email=bench@example.org commit -q -m bench"):
        subprocess.run(["git", *line.split()], cwd=folder, check=True)
    return folder


def replayed(folder: Path, **settings: object) -> float:
    """Seconds of one green replay."""
    engine = live()
    began = time.perf_counter()
    run = replay(folder, Asked(settings=Settings(**settings)), engine)  # type: ignore[arg-type]
    took = time.perf_counter() - began
    assert run.ok, run
    return took


def docker_run(*options: str, commands: tuple[str, ...] = COMMANDS) -> float:
    """Seconds of a bare ``docker run --rm`` of these commands."""
    began = time.perf_counter()
    subprocess.run(
        ["docker", "run", "--rm", *options, IMAGE, "sh", "-c", "\n".join(commands)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return time.perf_counter() - began


def main(rounds: int = 3, many: int = 20, commands: int = 400) -> dict[str, float]:
    """Ratios to a bare ``docker run`` by name; milliseconds of one more command."""
    with tempfile.TemporaryDirectory() as scratch:
        one = repository(Path(scratch) / "one", 1)
        more = repository(Path(scratch) / "more", many + 1)
        long = repository(Path(scratch) / "long", 1, (*COMMANDS, *["echo one"] * commands))
        replayed(one)
        bare: list[float] = []
        recycled, fresh, command = [], [], []
        for _ in range(rounds):
            for into, recycle in ((recycled, True), (fresh, False)):
                bare += [docker_run() for _ in range(4)]
                base = replayed(one, recycle=recycle)
                into.append((replayed(more, recycle=recycle) - base) / many)
            base = min(replayed(one) for _ in range(2))
            command.append((min(replayed(long) for _ in range(2)) - base) / commands)
    unit = median(bare)
    print(
        f"a bare docker run --rm of four commands: {unit * 1000:.0f} ms; one more step:"
        f" {median(recycled) * 1000:.0f} ms in a recycled lane, {median(fresh) * 1000:.0f} ms in a fresh one"
    )
    return {
        "docker run, s": unit,
        "step, recycled lane": median(recycled) / unit,
        "step, fresh lane": median(fresh) / unit,
        "one more command, ms": 1000 * median(command),
    }


if __name__ == "__main__":
    print(main(*map(int, sys.argv[1:])))
