"""tools/bootstrap.sh, with a Python that only writes down what it was asked."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

PYTHON = """#!/bin/sh
echo "$@" >> "{log}"
case "$*" in
  "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  *version_info*) exit {too_old} ;;
  --version) echo Python 3.12.1 ;;
  *"pip install"*) exit {pip_fails} ;;
esac
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "repo/tools").mkdir(parents=True)
    shutil.copy(ROOT / "tools/bootstrap.sh", tmp_path / "repo/tools")
    (tmp_path / "repo/pyproject.toml").write_text("[project]\n")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname", "cat", "cksum", "tr", "rm", "mkdir", "cp", "tail", "echo"):
        found = shutil.which(tool)
        assert found
        (tmp_path / "bin" / tool).symlink_to(found)
    (tmp_path / "bin/id").write_text("#!/bin/sh\necho 1000\n")  # an ordinary user, who may not use apt-get
    (tmp_path / "bin/id").chmod(0o755)
    return tmp_path / "repo"


def python(checkout: Path, name: str = "python3", *, too_old: int = 0, pip_fails: int = 0) -> Path:
    path = checkout.parent / "bin" / name
    path.write_text(PYTHON.format(log=checkout.parent / "log", too_old=too_old, pip_fails=pip_fails))
    path.chmod(0o755)
    return path


def bootstrap(checkout: Path, *extras: str) -> tuple[int, str, list[str]]:
    """The exit code, what was said, and the pip installs that this run made."""
    log = checkout.parent / "log"
    log.write_text("")
    environ = {"PATH": str(checkout.parent / "bin"), "HOME": os.environ.get("HOME", "/")}
    script = ["sh", str(checkout / "tools/bootstrap.sh"), *extras]
    run = subprocess.run(script, env=environ, capture_output=True, text=True, timeout=30)
    return run.returncode, run.stdout + run.stderr, [line for line in log.read_text().splitlines() if "install" in line]


def test_the_first_run_makes_the_environment_and_installs_the_extras(checkout: Path) -> None:
    python(checkout)
    code, output, installs = bootstrap(checkout, "notebooks", "test")
    assert code == 0
    assert "making .venv with Python 3.12.1" in output
    assert installs[0].endswith("--editable .[notebooks,test]")


def test_the_second_run_says_and_installs_nothing(checkout: Path) -> None:
    python(checkout)
    bootstrap(checkout, "notebooks", "test")
    assert bootstrap(checkout, "notebooks", "test") == (0, "", [])
    assert bootstrap(checkout, "notebooks") == (0, "", [])


def test_a_further_extra_or_another_pyproject_installs_again(checkout: Path) -> None:
    python(checkout)
    bootstrap(checkout, "notebooks")
    assert len(bootstrap(checkout, "notebooks", "test")[2]) == 1
    (checkout / "pyproject.toml").write_text("[project]\nversion = '2'\n")
    assert len(bootstrap(checkout, "notebooks")[2]) == 1


def test_an_install_that_failed_is_tried_again(checkout: Path) -> None:
    python(checkout, pip_fails=1)
    code, output, _ = bootstrap(checkout, "notebooks")
    assert code == 3
    assert "pip could not install pipelinelab" in output
    (checkout / ".venv/bin/python").unlink()
    python(checkout)
    assert len(bootstrap(checkout, "notebooks")[2]) == 1


def test_without_a_python_that_is_new_enough_it_says_what_to_do(checkout: Path) -> None:
    python(checkout, too_old=1)
    code, output, installs = bootstrap(checkout)
    assert (code, installs) == (3, [])
    assert "error: there is no Python 3.11 or later on PATH" in output
    assert "PYTHON=/path/to/python" in output


def test_an_old_python3_is_passed_over_for_a_newer_one_beside_it(checkout: Path) -> None:
    python(checkout, too_old=1)
    python(checkout, "python3.12")
    assert bootstrap(checkout)[0] == 0
