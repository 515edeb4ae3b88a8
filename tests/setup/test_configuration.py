from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.errors import UsageError
from pipelinelab.setup.configuration import Configuration, load_configuration, parse_configuration

WHOLE = """
[images]
"mysql:5.7" = "pipelinelab/mysql"
[variables]
STAGE = "ci"
[secrets]
names = ["DEPLOY_KEY"]
env-file = ".env"
[replay]
stdin = "silent"
service-wait = 2.5
log-cap = 1.5
platform = "linux/arm64"
cpus = 2
jobs = 3
keep = false
"""


def refused(text: str) -> UsageError:
    with pytest.raises(UsageError) as caught:
        parse_configuration(text)
    return caught.value


def test_a_whole_file_is_read_into_seconds_and_bytes() -> None:
    assert parse_configuration(WHOLE) == Configuration(
        images={"mysql:5.7": "pipelinelab/mysql"},
        variables={"STAGE": "ci"},
        secrets=frozenset({"DEPLOY_KEY"}),
        env_file=".env",
        stdin="silent",
        service_wait_s=2.5,
        log_cap_bytes=1_500_000,
        platform="linux/arm64",
        cpus=2.0,
        jobs=3,
        keep=False,
    )


def test_a_repository_without_the_file_has_the_empty_configuration(tmp_path: Path) -> None:
    assert load_configuration(tmp_path) == Configuration()


def test_no_image_is_replaced_unless_the_file_says_so() -> None:
    assert parse_configuration("[replay]\njobs = 1").images == {}


@pytest.mark.parametrize(
    ("text", "place", "hint"),
    [
        ('[imagse]\n"a" = "b"', "pipelinelab.toml:1:1", "did you mean 'images'?"),
        ("\n[replay]\n  service_wait = 3", "pipelinelab.toml:3:3", "did you mean 'service-wait'?"),
        ("jobs = 3", "pipelinelab.toml:1:1", "known here: images, imports, variables, secrets, replay"),
        ("[variables]\nA = 'x'\nDEBUG = true", "pipelinelab.toml:3:1", 'write "true", with quotes'),
        ("[images]\nmysql:5.7 = 'x'", "pipelinelab.toml:2:6", "needs quotes"),
        ("images = 'x'", "pipelinelab.toml:1:1", "[images]"),
        ("[secrets]\nnames = 'KEY'", "pipelinelab.toml:2:1", "names = ["),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_what_was_meant(text: str, place: str, hint: str) -> None:
    problem = refused(text)
    assert str(problem).startswith(f"{place}: ")
    assert hint in problem.hint


@pytest.mark.parametrize(
    "line",
    ["stdin = 'open'", "service-wait = -1", "service-wait = true", "service-wait = nan", "log-cap = 0", "jobs = 0",
     "cpus = inf", "platform = 'arm64'", "keep = 'no'"],
)  # fmt: skip
def test_a_setting_with_a_value_it_cannot_have_is_refused(line: str) -> None:
    assert line.split(" ")[0] in str(refused(f"[replay]\n{line}"))


def test_a_file_that_is_not_utf8_is_refused_at_its_line(tmp_path: Path) -> None:
    (tmp_path / "pipelinelab.toml").write_bytes(b"[variables]\nNAME = '\xff'\n")
    with pytest.raises(UsageError, match=r"pipelinelab\.toml:2: this is not UTF-8"):
        load_configuration(tmp_path)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    try:
        parse_configuration(text)
    except UsageError as problem:
        assert str(problem).startswith("pipelinelab.toml")
