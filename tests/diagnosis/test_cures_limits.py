"""A cure that raises a limit raises it from what the file has, or is not offered."""

import pytest
import yaml
from curing import FILE, cured, cures, service, step

SIZE = {"kind": "step-key", "key": "size", "value": "2x", "title": "Double the step's memory: size 2x"}
TIME = {"kind": "step-key", "key": "max-time", "value": "240", "title": "Allow 240 minutes"}
DOCKER = {"kind": "service-memory", "service": "docker", "value": "2048", "title": "Give docker 2048 MB"}
HEAP = {"kind": "node-heap", "title": "Give Node's heap 3 GB"}


@pytest.mark.parametrize(("now", "then"), [("", "2x"), ("1x", "2x"), ("4x", "8x"), ("16x", "32x")])
def test_a_step_gets_the_next_size_up_and_the_title_says_which(now: str, then: str) -> None:
    text = step("npm ci", more=f"        size: {now}\n" if now else "")
    (cure,) = cures(SIZE, "npm ci", files=text)
    assert cure.title == f"Double the step's memory: size {then}"
    assert f"size: {then}" in cure.edits[0].after


def test_there_is_no_size_above_the_largest() -> None:
    assert cures(SIZE, "npm ci", files=step("npm ci", more="        size: 32x\n")) == ()


def test_a_size_in_the_options_is_what_is_raised() -> None:
    assert cured(SIZE, "npm ci", files="options:\n  size: 2x\n" + step("npm ci")) == {FILE: ["size: 4x"]}


def test_a_plan_that_allows_no_more_lowers_the_size() -> None:
    text = step("npm ci", more="        size: 8x\n")
    assert cured({"kind": "lower-size", "value": "2x"}, "npm ci", files=text) == {FILE: ["size: 2x"]}


@pytest.mark.parametrize(("now", "then"), [("", "240"), ("360", "720"), ("500", "720")])
def test_a_time_limit_is_doubled_up_to_twelve_hours(now: str, then: str) -> None:
    text = step("mvn verify", more=f"        max-time: {now}\n" if now else "")
    (cure,) = cures(TIME, "mvn verify", files=text)
    assert (cure.title, f"max-time: {then}" in cure.edits[0].after) == (f"Allow {then} minutes", True)


def test_twelve_hours_are_not_raised() -> None:
    assert cures(TIME, "mvn verify", files=step("mvn verify", more="        max-time: 720\n")) == ()


USES_DOCKER = "        services: [docker]\n"


def test_docker_gets_memory_where_the_file_does_not_define_it() -> None:
    (cure,) = cures(DOCKER, "docker build .", files=step("docker build .", more=USES_DOCKER))
    assert yaml.safe_load(cure.edits[0].after)["definitions"] == {"services": {"docker": {"memory": 2048}}}


def test_docker_is_defined_beside_the_other_services() -> None:
    text = step("docker build .", more=USES_DOCKER, end=service("db", "mysql:8"))
    defined = yaml.safe_load(cures(DOCKER, "docker build .", files=text)[0].edits[0].after)["definitions"]["services"]
    assert defined == {"docker": {"memory": 2048}, "db": {"image": "mysql:8"}}


def test_memory_above_the_rules_value_is_doubled_and_the_step_gets_the_size_that_holds_it() -> None:
    end = "definitions:\n  services:\n    docker:\n      memory: 3072\n"
    (cure,) = cures(DOCKER, "docker build .", files=step("docker build .", more=USES_DOCKER, end=end))
    assert cure.title == "Give docker 6144 MB, the step size 2x"
    assert "memory: 6144" in cure.edits[0].after and "size: 2x" in cure.edits[0].after


def test_nodes_heap_is_three_quarters_of_what_the_services_leave() -> None:
    text = step("npm run build", more="        size: 2x\n        services: [db]\n")
    assert cured(HEAP, "npm run build", files=text) == {FILE: ["- export NODE_OPTIONS=--max-old-space-size=5376"]}
    (cure,) = cures(HEAP, "npm run build", files=text)
    assert cure.title == "Give Node's heap 5376 MB"


def test_a_heap_that_the_user_set_is_raised_in_its_place() -> None:
    text = step("export NODE_OPTIONS=--max-old-space-size=2048", "npm run build")
    commands = ("export NODE_OPTIONS=--max-old-space-size=2048", "npm run build")
    assert cured(HEAP, *commands, files=text) == {FILE: ["- export NODE_OPTIONS=--max-old-space-size=3072"]}


def test_a_heap_is_not_set_under_the_users_own_or_over_what_the_step_has() -> None:
    own = ("export NODE_OPTIONS=--max-old-space-size=4096", "npm run build")
    assert cures(HEAP, *own, files=step(*own)) == ()


def test_options_that_the_user_gives_node_stay() -> None:
    own = ("export NODE_OPTIONS=--trace-warnings", "npm run build")
    (line,) = cured(HEAP, *own, files=step(*own))[FILE]
    assert line == '- export NODE_OPTIONS="$NODE_OPTIONS --max-old-space-size=3072"'
