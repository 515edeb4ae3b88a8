"""Which pipeline starts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.model.pipelines import Pipeline, Pipelines
from pipelinelab.planning.choose import for_custom, for_pull_request, for_push
from pipelinelab.planning.globs import glob_matches, impossible


def file(*titles: str) -> Pipelines:
    parts = [title.partition("/") for title in titles]
    return Pipelines(pipelines=tuple(Pipeline(kind=kind, pattern=pattern) for kind, _, pattern in parts))


def title(pipeline: Pipeline | None) -> str:
    return pipeline.title if pipeline else "none"


@pytest.mark.parametrize(
    ("pattern", "name", "matched"),
    [
        ("feature/*", "feature/a", True),
        ("feature/*", "feature/a/b", False),
        ("feature/**", "feature/a/b", True),
        ("*", "main", True),
        ("*", "feature/a", False),
        ("**", "feature/a", True),
        ("{bug,feature}/*", "bug/1", True),
        ("{bug,feature}/*", "chore/1", False),
        ("release-**", "release-1/2", True),
        ("release-**", "release-1", True),
        ("**-hotfix", "a/b-hotfix", True),
        ("v*.*.*", "v1.2.3", True),
        ("**", ".github/x", True),
        ("src/**/*.py", "src/a.py", True),
        ("*.md", "docs/a.md", False),
    ],
)
def test_globs_match_as_bitbucket_matches_them(pattern: str, name: str, matched: bool) -> None:
    assert glob_matches(pattern, name) is matched


@given(st.from_regex(r"\.?[a-z-]{1,5}(/\.?[a-z.-]{0,3}[a-z]){0,3}", fullmatch=True))
def test_two_stars_match_every_name_that_git_allows(name: str) -> None:
    assert glob_matches("**", name)


@given(st.from_regex(r"[a-z]{1,5}(/[a-z]{1,5}){0,3}", fullmatch=True))
def test_a_plain_name_matches_itself_and_nothing_longer(name: str) -> None:
    assert glob_matches(name, name)
    assert not glob_matches(name, name + "x")


def test_an_exact_name_beats_a_glob_wherever_it_stands() -> None:
    for order in (("branches/feature/*", "branches/feature/x"), ("branches/feature/x", "branches/feature/*")):
        assert title(for_push(file(*order), branch="feature/x")) == "branches/feature/x"


def test_the_more_specific_glob_wins() -> None:
    given = file("branches/**", "branches/my-*", "branches/*", "branches/my-branch-*")
    assert title(for_push(given, branch="my-branch-b")) == "branches/my-branch-*"
    assert title(for_push(given, branch="my-other")) == "branches/my-*"
    assert title(for_push(given, branch="else")) == "branches/*"
    assert title(for_push(given, branch="else/where")) == "branches/**"


def test_default_runs_for_branches_that_nothing_matches_and_never_for_tags() -> None:
    given = file("default", "branches/main", "tags/v*")
    assert title(for_push(given, branch="topic")) == "default"
    assert title(for_push(given, branch="main")) == "branches/main"
    assert title(for_push(given, tag="v1")) == "tags/v*"
    assert title(for_push(given, tag="nightly")) == "none"


def test_a_pull_request_is_matched_by_its_source_branch_and_has_no_default() -> None:
    given = file("default", "pull-requests/feature/*")
    assert title(for_pull_request(given, "feature/x")) == "pull-requests/feature/*"
    assert title(for_pull_request(given, "bug/x")) == "none"


def test_custom_pipelines_start_by_their_name_alone() -> None:
    given = file("custom/nightly", "custom/**")
    assert title(for_custom(given, "nightly")) == "custom/nightly"
    assert title(for_custom(given, "other")) == "none"


@pytest.mark.parametrize("pattern", ["", " main", "/main", "main/", "a//b", "{a,b", "refs/heads/main", "my branch"])
def test_a_branch_pattern_that_cannot_match_says_why(pattern: str) -> None:
    assert impossible(pattern, "branch")


@pytest.mark.parametrize("pattern", ["main", "**", "feature/*", "{a,b}/**", "release-1.2", "[ab]*"])
def test_a_pattern_that_can_match_is_left_alone(pattern: str) -> None:
    assert impossible(pattern, "branch") == ""
