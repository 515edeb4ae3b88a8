"""What caches are worth: the install command of a second replay against the first one's, with packages of the index
and the registry that this machine's own pip and npm are configured with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from statistics import median

from pipelinelab.session.configured import configured
from pipelinelab.session.engine import live
from pipelinelab.session.replay import replay
from pipelinelab.setup.host import package_indexes, read_pip_config

LIMITS = {"second pip install": 1 / 3, "second npm install": 1 / 3}

# Packages that come as sources, which is what a cache of pip saves most of: their wheels are built once. Downloads are
# cached by pip only as far as the index's own headers allow, which mirrors seldom send.
REQUIREMENTS = """docopt==0.6.2
jieba==0.42.1
fire==0.6.0
langdetect==1.0.9
odfpy==1.4.1
pyperclip==1.9.0
antlr4-python3-runtime==4.9.3
requests==2.32.3
"""
PACKAGES = """{"name": "shop", "version": "1.0.0", "private": true,
 "dependencies": {"express": "4.19.2", "lodash": "4.17.21", "react": "18.3.1", "react-dom": "18.3.1"},
 "devDependencies": {"eslint": "8.57.0", "mocha": "10.7.3", "webpack": "5.94.0"}}
"""
PIPELINES = {
    "pip": ("pipelinelab/python311", "pip install --use-pep517 -r requirements.txt", "requirements.txt", REQUIREMENTS),
    "node": ("pipelinelab/node", "npm install --no-audit --no-fund", "package.json", PACKAGES),
}


def repository(folder: Path, cache: str) -> Path:
    """A git repository whose pipeline installs its packages, with that cache."""
    image, command, name, content = PIPELINES[cache]
    folder.mkdir()
    (folder / name).write_text(content)
    (folder / "bitbucket-pipelines.yml").write_text(
        f"image: {image}\npipelines:\n  default:\n    - step:\n        caches: [{cache}]\n        script: [{command}]\n"
    )
    for line in ("init -q -b main", "add -A", "-c user.name=bench -c user.email=bench@example.org commit -q -m bench"):
        subprocess.run(["git", *line.split()], cwd=folder, check=True)
    return folder


def installed(folder: Path) -> tuple[float, str]:
    """Seconds of the install command in a green replay, and what became of its cache."""
    asked = configured(folder)
    variables = {**asked.settings.container_variables, **indexes()}
    run = replay(folder, replace(asked, settings=replace(asked.settings, container_variables=variables)), live())
    assert run.ok, f"{run}\n{run.recording.steps[0].text[-2000:]}"
    return float(run.commands.seconds[0]), " ".join(run.caches.action)


def indexes() -> dict[str, str]:
    """Where this machine's own pip and npm get their packages, as variables; what they reach only here is left out."""
    found = package_indexes(os.environ, read_pip_config())
    if npm := shutil.which("npm"):
        said = subprocess.run([npm, "config", "get", "registry"], capture_output=True, text=True, check=False).stdout
        found |= package_indexes({"npm_config_registry": said.strip()})
    return found


def main(rounds: int = 3) -> dict[str, float]:
    """Ratios of the second install, and of later ones, to the first, by name."""
    figures = {}
    with tempfile.TemporaryDirectory() as scratch:
        for cache, name in (("pip", "pip"), ("node", "npm")):
            folder = repository(Path(scratch) / cache, cache)
            first, told = installed(folder)
            assert told == "miss saved", told
            later = [installed(folder) for _ in range(rounds)]
            assert all(told == "hit" for _, told in later), later
            seconds = median(took for took, _ in later)
            print(f"{name} install: {first:.1f} s, with the cache {seconds:.1f} s: {first / seconds:.1f} times quicker")
            figures[f"second {name} install"] = seconds / first
    return figures


if __name__ == "__main__":
    print(main(*map(int, sys.argv[1:])))
