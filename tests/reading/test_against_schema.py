"""Whatever Atlassian's schema refuses is refused here too, and every keyword of the schema is known here.

The one exception is a number as a variable's value, which real files have and run with: a warning here.
"""

import copy
import json
import random
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from pipelinelab.reading.read import read_text

SCHEMA = json.loads(
    files("check_jsonschema").joinpath("builtin_schemas/vendor/bitbucket-pipelines.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
CORPUS = Path(__file__).parents[2] / "../shared/corpus"
EVERYTHING = """\
image:
  name: build:1
  username: u
  password: p
  run-as-user: 1000
clone: {depth: full, lfs: true, enabled: true, skip-ssl-verify: false}
options:
  docker: true
  max-time: 30
  size: 2x
  runs-on: [self.hosted, linux]
  runtime: {cloud: {version: '3', arch: arm, platform: linux, instance-type: x, atlassian-ip-ranges: true}}
export: true
labels: {a: 1}
triggers:
  repository-push:
    - condition: BITBUCKET_BRANCH == "main"
      pipelines: [one]
definitions:
  agents:
    helper:
      prompt: do
      provider: claude
      permissions: {on-ask: {default: allow, allow: [a b], deny: [c]}}
      config: {path: x, overrides: {a: 1}}
      setup-script: [echo, {pipe: 'a/b:1'}]
  caches:
    a: path
    b: {path: p, key: {files: [x, y]}}
  services:
    db: {image: 'mysql:8', memory: 512, variables: {MYSQL_ROOT_PASSWORD: x}}
    docker: {memory: 1024, type: docker}
  imports:
    src: {import: 'repo:main'}
  pipelines:
    share:
      - step: {script: [a]}
pipelines:
  default:
    - step:
        name: n
        image: {name: x, aws: {access-key: a, secret-key: b}}
        script:
          - a
          - pipe: a/b:1
            name: n
            variables: {A: b, L: [x, y]}
          - agent: helper
            prompt: do
            provider: claude
            permissions: {on-ask: deny}
        after-script: [b]
        services: [db]
        caches: [a, node]
        artifacts:
          download: [x]
          upload: [{name: n, paths: [a], type: scoped, capture-on: always, depth: 3, ignore-paths: [b]}]
        clone: {enabled: false, depth: 5}
        condition: {changesets: {includePaths: [a/**]}, state: A == 1}
        deployment: test
        environment: x
        trigger: automatic
        max-time: 5
        size: 4x
        oidc: true
        runs-on: self.hosted
        runtime:
          self-hosted:
            cpu: 2
            memory: 2048
            volumes: ['/a:/b']
            storage: {aws: {bucket: b, region: r, access-key: a, secret-key: b}}
        fail-fast: true
        concurrency-group: g
        auth: {system: {scopes: [a, b]}}
    - parallel:
        fail-fast: true
        steps:
          - step: {script: [a], artifacts: [x], image: {name: y, aws: {oidc-role: r}}}
          - step: {script: [b], artifacts: {paths: [x], download: false}}
    - stage:
        name: s
        trigger: manual
        deployment: staging
        environment: e
        condition: {changesets: {excludePaths: [b]}}
        steps:
          - step: {script: [a], runtime: {self-hosted: {storage: {gcp: {bucket: b, key-file: k}}}}}
    - step: {type: pipeline, custom: one, input-variables: {A: b}}
    - final: {script: [a]}
  branches:
    main: {import: 'r:main:p', variables: [{name: A, default: b, allowed-values: [b, c], description: d}]}
  tags:
    v*: {import: p@src}
  pull-requests:
    '**':
      - parallel:
          - step: {script: [a], artifacts: {upload: [x, y]}}
  custom:
    one:
      - variables: [{name: A, default: b, allowed-values: [b], description: d}]
      - step: {script: [a]}
"""


WORDS: tuple[Any, ...] = (
    None, True, 5, 0, -1, 2.5, "", "text", "full", [], {}, [1], [None], ["a"], {"a": 1}, {"a": "b"}, [["a"]], "2x",
    "manual", [{}],
)  # fmt: skip


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value of a document but the root."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*at, key)
        yield from paths(inner, (*at, key))


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with another value at a path."""
    new = copy.deepcopy(document)
    holder = new
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = copy.deepcopy(value)
    return new


def without(document: Any, path: tuple[Any, ...]) -> Any:
    """The document without what stands at a path."""
    new = copy.deepcopy(document)
    holder = new
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    return new


def slips(document: Any, chance: random.Random, count: int) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """``count`` slips: (where, the new document)."""
    places = list(paths(document))
    for _ in range(count if places else 0):
        path = chance.choice(places)
        kind = chance.random()
        if kind < 0.6:
            yield path, replaced(document, path, chance.choice(WORDS))
        elif kind < 0.75:
            yield path, without(document, path)
        else:
            names = [one[-1] for one in places if isinstance(one[-1], str)]
            holder = path[:-1] if isinstance(path[-1], int) else path
            key = chance.choice([*names, "script", "image", "condition", "deployment", "size", "steps", "import"])
            value = chance.choice(WORDS)
            yield (*holder, key), _added(document, holder, key, value)


def _added(document: Any, path: tuple[Any, ...], key: str, value: Any) -> Any:
    new = copy.deepcopy(document)
    holder = new
    for step in path:
        holder = holder[step]
    if isinstance(holder, dict):
        holder[key] = copy.deepcopy(value)
    return new


class Plain(yaml.SafeDumper):
    """A dumper without aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dumped(document: Any) -> str:
    return yaml.dump(document, Dumper=Plain, allow_unicode=True, sort_keys=False, width=10**6)


def documents() -> Iterator[tuple[str, Any]]:
    yield "everything", yaml.safe_load(EVERYTHING)
    for path in sorted(CORPUS.glob("valid/*.yml")) + sorted(CORPUS.glob("disputed/*.yml")):
        if path.stat().st_size < 9000:
            yield path.stem, yaml.safe_load(path.read_bytes())


DOCUMENTS = dict(documents())


def hold(name: str, seed: int, count: int) -> int:
    """Make slips in a document; returns how many of them the schema refused."""
    refused = 0
    for path, document in slips(DOCUMENTS[name], random.Random(f"{name} {seed}"), count):
        if VALIDATOR.is_valid(document):
            continue
        refused += 1
        reading = read_text(dumped(document))
        number = any(one.code == "PL109" and {"variables", "environment", "input-variables"} & set(map(str, one.path))
                     for one in reading.warnings)  # fmt: skip
        assert reading.errors or number, f"{name}: the schema refuses {path}, and this does not:\n{dumped(document)}"
    return refused


def test_the_document_with_every_keyword_is_right_for_both() -> None:
    assert VALIDATOR.is_valid(DOCUMENTS["everything"])
    assert not read_text(EVERYTHING).errors


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_the_schema_refuses_is_refused_here(name: str) -> None:
    hold(name, seed=1, count=150 if name == "everything" else 6)


def test_the_slips_are_bad_enough_to_tell_anything() -> None:
    assert hold("everything", seed=2, count=60) > 15


@pytest.mark.full
@pytest.mark.parametrize("name", DOCUMENTS)
def test_long_what_the_schema_refuses_is_refused_here(name: str) -> None:
    hold(name, seed=3, count=1500 if name == "everything" else 60)


def test_every_keyword_of_the_schema_is_known_here() -> None:
    from pipelinelab.reading.keywords import SECTIONS

    known = {word for section in SECTIONS.values() for word in section.keywords}
    known |= {"step", "parallel", "stage", "final", "variables"}
    api_only = {"parent_pipeline_run_uuid", "parent_pipeline_uuid", "parent_step_uuid", "type", "key", "scope", "value"}

    def words(node: Any) -> Iterator[str]:
        if isinstance(node, dict):
            yield from (node.get("properties") or {}) if isinstance(node.get("properties"), dict) else ()
            for inner in node.values():
                yield from words(inner)
        elif isinstance(node, list):
            for inner in node:
                yield from words(inner)

    assert set(words(SCHEMA)) - known - api_only == set()
