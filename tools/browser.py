"""Open notebooks in JupyterLab as a reader does, in headless Chromium, run them through the menu, keep screenshots.

    python tools/browser.py 00-start 10-socket [--dark] [--out build/browser] [--screenshot notebooks/screenshot.png]

Prints what is on the pages as JSON. Chromium comes from the system (as root it is installed with apt-get where it is
missing), playwright-core from npm, into build/browser. The notebooks run in a scratch folder, without stored outputs.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ROOT / "build" / "browser"
QUIET = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "notebook-extension/tracker": {"windowingMode": "none"},
}
SHOTS = {"top": ".jp-Notebook", "table": ".jp-OutputArea table", "chart": ".jp-OutputArea figure",
         "finding": ".jp-OutputArea details"}  # fmt: skip


def chromium() -> str:
    """Its path; installed where it is missing and may be. Exits with a sentence where it cannot be had."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    if os.geteuid() == 0 and shutil.which("apt-get"):
        command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"]
        subprocess.run(["apt-get", "update", "-q"], check=False, stdout=subprocess.DEVNULL)
        subprocess.run(
            command, check=False, stdout=subprocess.DEVNULL, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        )
    return shutil.which("chromium") or sys.exit("there is no Chromium: install Debian's chromium")


def playwright() -> Path:
    """The folder that holds node_modules/playwright-core; fetched with npm where it is missing."""
    if not (MODULES / "node_modules" / "playwright-core").is_dir():
        if not shutil.which("npm"):
            sys.exit("there is no npm: install Node.js")
        MODULES.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(MODULES),
                        "playwright-core@1"], check=True, stdout=subprocess.DEVNULL)  # fmt: skip
    return MODULES


def stripped(path: Path, target: Path) -> None:
    """A copy without outputs, so that what is on the page was made there."""
    notebook = json.loads(path.read_text("utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [], None
    target.write_text(json.dumps(notebook), "utf-8")


@contextlib.contextmanager
def jupyter(notebooks: Path, scratch: Path, theme: str) -> Iterator[str]:
    """A JupyterLab on 127.0.0.1 that knows nothing of the user's own settings; its address."""
    settings = scratch / "settings" / "@jupyterlab"
    themes = {"apputils-extension/themes": {"theme": "JupyterLab Dark" if theme == "dark" else "JupyterLab Light"}}
    for name, value in {**QUIET, **themes}.items():
        file = settings / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value), "utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = {name: str(scratch / name.lower()) for name in
              ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")}  # fmt: skip
    environment = {**os.environ, **places, "JUPYTERLAB_SETTINGS_DIR": str(scratch / "settings"),
                   "JUPYTERLAB_WORKSPACES_DIR": str(scratch / "workspaces")}  # fmt: skip
    log = (scratch / "jupyter.log").open("w")
    command = [sys.executable, "-m", "jupyter", "lab", "--allow-root", "--no-browser", "--ip=127.0.0.1",
               f"--port={port}", "--IdentityProvider.token=", f"--ServerApp.root_dir={notebooks}"]  # fmt: skip
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}/api", timeout=2).close()
                break
            time.sleep(0.25)
        yield url
    finally:
        server.terminate()
        server.wait(30)
        log.close()


def run(names: list[str], out: Path, theme: str = "light") -> list[dict]:
    """What is on each notebook's page after Run → Run All Cells, with the screenshots' paths."""
    binary, modules = chromium(), playwright()
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pipelinelab-browser-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        (scratch / "notebooks").mkdir()
        for one in names:
            stripped(ROOT / "notebooks" / f"{one}.ipynb", scratch / "notebooks" / f"{one}.ipynb")
        with jupyter(scratch / "notebooks", scratch, theme) as url:
            asked = {"modules": str(modules), "chromium": binary, "url": url, "notebooks": names, "out": str(out),
                     "theme": theme, "shots": SHOTS, "profile": str(scratch / "profile")}  # fmt: skip
            came = subprocess.run(
                ["node", str(ROOT / "tools" / "browser.mjs"), json.dumps(asked)], capture_output=True, text=True
            )
    if came.returncode:
        sys.exit(f"the browser failed:\n{came.stderr[-3000:]}")
    return json.loads(came.stdout)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("names", nargs="+")
    options.add_argument("--dark", action="store_true")
    options.add_argument("--out", type=Path, default=ROOT / "build" / "screenshots")
    options.add_argument("--screenshot", type=Path)
    given = options.parse_args()
    reports = run(given.names, given.out, "dark" if given.dark else "light")
    if given.screenshot:
        shutil.copyfile(next(shot for shot in reports[-1]["shots"] if shot.endswith("-finding.png")), given.screenshot)
    json.dump(reports, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
