"""A cure goes to the script that runs, in whatever way YAML shares it, and never between the definitions."""

import pytest
import yaml
from curing import FILE, cured, cures, step

MARK = {"kind": "insert-before", "line": "here"}
ITEM = """\
definitions:
  scripts:
    - script: &s ./run.sh
pipelines:
  default:
    - step:
        script:
          - echo one
          # keep me
          - *s   # and me
          - echo two
"""
ELSEWHERE = """\
pipelines:
  default:
    - step:
        script:
          - &s ./run.sh
          - echo one
    - step:
        script:
          - make
          - *s
"""
LISTED = """\
definitions:
  scripts:
    common: &common
      - make
      - ./run.sh
pipelines:
  default:
    - step:
        script: *common
    - step:
        image: debian
        script: *common
"""
STEP = """\
definitions:
  steps:
    - step: &test
        script:
          - ./run.sh
pipelines:
  default:
    - step: *test
    - step:
        <<: *test
        name: Again
"""
SCRIPT = """\
definitions:
  shared: &shared
    script:
      - ./run.sh
pipelines:
  default:
    - step:
        <<: *shared
        name: Test
"""


def scripts(text: str) -> list[list[str]]:
    return [one["step"]["script"] for one in yaml.safe_load(text)["pipelines"]["default"]]


@pytest.mark.parametrize(
    ("text", "said", "then"),
    [
        (ITEM, ("echo one", "./run.sh"), [["echo one", "here", "./run.sh", "echo two"]]),
        (ELSEWHERE, ("make", "./run.sh"), [["./run.sh", "echo one"], ["make", "here", "./run.sh"]]),
        (ELSEWHERE, ("./run.sh",), [["here", "./run.sh", "echo one"], ["make", "./run.sh"]]),
        (LISTED, ("make", "./run.sh"), [["make", "here", "./run.sh"]] * 2),
        (STEP, ("./run.sh",), [["here", "./run.sh"]] * 2),
        (SCRIPT, ("./run.sh",), [["here", "./run.sh"]]),
    ],
)
def test_a_line_goes_before_the_item_in_the_list_that_runs_it(
    text: str, said: tuple[str, ...], then: list[list[str]]
) -> None:
    (cure,) = cures(MARK, *said, files=text)
    assert scripts(cure.edits[0].after) == then


def test_the_definitions_stay_as_they_are_where_an_item_is_an_alias() -> None:
    (cure,) = cures(MARK, "echo one", "./run.sh", files=ITEM)
    assert yaml.safe_load(cure.edits[0].after)["definitions"] == yaml.safe_load(ITEM)["definitions"]


def test_a_list_in_brackets_that_names_an_item_is_left_alone() -> None:
    text = ITEM.replace(
        "\n          - echo one\n          # keep me\n          - *s   # and me\n          - echo two", " [*s]"
    )
    assert cured(MARK, "./run.sh", files=text) == {}


def test_a_changed_item_keeps_its_anchor() -> None:
    flag = {"kind": "append-flag", "to": "./run.sh", "flag": "--x"}
    assert cured(flag, "./run.sh", files=ELSEWHERE) == {FILE: ["- &s ./run.sh --x"]}
    prefix = {"kind": "prefix-command", "to": "./run.sh", "prefix": "CI=1"}
    assert cured(prefix, "make", "./run.sh", files=ELSEWHERE) == {FILE: ["- &s CI=1 ./run.sh"]}


def test_a_value_with_an_anchor_keeps_it_and_an_alias_is_not_written_over() -> None:
    text = "pipelines:\n  default:\n    - step:\n        size: &z 1x\n        script: [make]\n"
    assert cured({"kind": "step-key", "key": "size", "value": "2x"}, "make", files=text) == {FILE: ["size: &z 2x"]}
    shared = f"options:\n  size: &z 1x\n{text.replace('&z 1x', '*z')}"
    assert cured({"kind": "step-key", "key": "size", "value": "2x"}, "make", files=shared) == {}


def test_a_variable_that_the_service_gets_by_a_merge_is_one_that_it_has() -> None:
    end = """\
definitions:
  common: &common {POSTGRES_DB: shop}
  services:
    pg:
      image: postgres
      variables:
        <<: *common
        POSTGRES_USER: u
"""
    files = step("psql -U u", more="        services: [pg]\n", end=end)
    entry = {"kind": "client-database", "database": "app"}
    assert cured(entry, "psql -U u", files=files) == {FILE: ["- psql -d shop -U u"]}


def test_a_value_that_two_services_share_is_quoted_once() -> None:
    end = """\
definitions:
  services:
    a: {image: mysql, variables: {MYSQL_RANDOM_ROOT_PASSWORD: &yes yes}}
    b: {image: mysql, variables: {MYSQL_RANDOM_ROOT_PASSWORD: *yes}}
"""
    (cure,) = cures("quote-variables", "make", files=step("make", end=end))
    assert "PASSWORD: &yes 'yes'}" in cure.edits[0].after and "PASSWORD: *yes}" in cure.edits[0].after
