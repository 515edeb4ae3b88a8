"""What ``pipelinelab list`` shows of a file."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelinelab.cli.list_command import command
from pipelinelab.errors import FileRefused, UsageError

FILE = """\
image: node:20
definitions:
  services:
    db: {image: 'redis:7', memory: 512}
pipelines:
  default:
    - parallel:
        - step: {name: Unit, services: [db], caches: [node], script: [npm test]}
        - step: {name: Lint, size: 2x, script: [npm run lint], artifacts: ['out/**']}
    - step:
        name: Docs
        condition: {changesets: {includePaths: ['docs/**']}}
        script: [make docs]
  branches:
    release/*:
      - stage:
          name: Ship
          deployment: production
          trigger: manual
          steps:
            - step: {name: Push, script: [make push]}
  custom:
    nightly:
      - variables: [{name: DEPTH, default: deep, allowed-values: [deep, flat]}]
      - step: {script: [make all]}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bitbucket-pipelines.yml"
    path.write_text(FILE)
    return path


def listed(*arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments), standalone_mode=False)


def test_every_pipeline_is_listed(file: Path) -> None:
    output = listed(str(file)).output
    assert all(title in output for title in ("default", "branches/release/*", "custom/nightly"))


def test_a_push_is_told_which_pipeline_it_starts(file: Path) -> None:
    assert "starts branches/release/*" in listed(str(file), "--branch", "release/1").output
    assert "starts default" in listed(str(file), "--branch", "topic").output
    assert "starts custom/nightly" in listed(str(file), "--custom", "nightly").output


def test_a_push_that_starts_nothing_ends_with_one_and_says_what_there_is(file: Path) -> None:
    result = listed(str(file), "--tag", "v1")
    assert result.return_value == 1
    assert "starts no pipeline" in result.output and "custom/nightly" in result.output


def test_the_tree_shows_services_memory_caches_and_artifacts(file: Path) -> None:
    output = listed(str(file), "--branch", "topic").output
    assert "├── parallel: 2 steps at once" in output
    assert "service: db (redis:7, 512 MB)" in output
    assert "memory: 3584 MB for the build, of 4096 MB (1x)" in output
    assert "memory: 8192 MB for the build, of 8192 MB (2x)" in output
    assert "cache: node (node_modules)" in output
    assert "artifacts: out/**" in output


def test_a_condition_is_met_or_not_for_a_changeset(file: Path) -> None:
    assert "✓ Docs" in listed(str(file), "--branch", "topic", "--changed", "docs/a.md").output
    assert "✗ Docs" in listed(str(file), "--branch", "topic", "--changed", "src/a.js").output
    assert "✓ Docs" not in listed(str(file), "--branch", "topic").output


def test_a_stage_that_waits_for_a_person_says_so(file: Path) -> None:
    output = listed(str(file), "--pipeline", "branches/release/*").output
    assert "stage Ship  [waits for a person]" in output
    assert "deployment: production" in output


def test_a_custom_pipeline_shows_what_it_asks_for(file: Path) -> None:
    assert "variable: DEPTH=deep (one of deep, flat)" in listed(str(file), "--custom", "nightly").output


def test_json_is_the_same_tree(file: Path) -> None:
    root = json.loads(listed(str(file), "--branch", "topic", "--format", "json").output)[0]
    assert [child["kind"] for child in root["children"]] == ["parallel", "step"]


def test_a_refused_file_is_not_listed(file: Path) -> None:
    file.write_text("pipelines: []\n")
    result = listed(str(file))
    assert isinstance(result.exception, FileRefused)


def test_an_unknown_title_says_which_there_are(file: Path) -> None:
    result = listed(str(file), "--pipeline", "nope")
    assert isinstance(result.exception, UsageError)
    assert "custom/nightly" in result.exception.hint
