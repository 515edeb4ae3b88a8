"""What a condition is held against: the last commit of a branch, all of a pull request, and, where history is missing,
nothing, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import git, repository

from pipelinelab.system.git import facts


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """main: first, then docs; topic, from main: two commits, of which main has none."""
    root = repository(tmp_path / "shop", "image: x\n", {"src/a.py": "1\n"})
    change(root, "docs/x.md")
    git(root, "checkout", "-q", "-b", "topic")
    change(root, "src/b.py")
    change(root, "src/späte Wörter.py")
    git(root, "checkout", "-q", "main")
    change(root, "main-only.txt")
    git(root, "checkout", "-q", "topic")
    return root


def change(root: Path, path: str, content: str = "new\n") -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(content)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", path)


def test_a_branch_is_judged_by_its_last_commit_alone(shop: Path):
    assert facts(shop).changed == ("src/späte Wörter.py",)
    assert facts(shop, "main").changed == ("main-only.txt",)


def test_a_pull_request_is_judged_by_all_that_it_brings_and_nothing_of_the_destination(shop: Path):
    assert facts(shop, destination="main").changed == ("src/b.py", "src/späte Wörter.py")


def test_a_first_commit_changes_every_file(shop: Path):
    first = git(shop, "rev-list", "--max-parents=0", "HEAD").strip()
    assert facts(shop, first).changed == ("bitbucket-pipelines.yml", "src/a.py")


def test_a_merge_is_held_against_the_branch_that_it_was_merged_into(shop: Path):
    git(shop, "checkout", "-q", "main")
    git(shop, "merge", "-q", "--no-edit", "topic")
    assert facts(shop).changed == ("src/b.py", "src/späte Wörter.py")


def test_a_file_that_moved_is_changed_in_both_places(shop: Path):
    git(shop, "mv", "src/a.py", "src/c.py")
    git(shop, "commit", "-qm", "moved")
    assert set(facts(shop).changed or ()) == {"src/a.py", "src/c.py"}


def test_an_empty_commit_changes_nothing_and_that_is_known(shop: Path):
    git(shop, "commit", "-q", "--allow-empty", "-m", "empty")
    assert facts(shop).changed == ()


def test_a_shallow_clone_says_that_the_parent_is_missing_and_how_to_get_it(shop: Path, tmp_path: Path):
    git(tmp_path, "clone", "-q", "--depth", "1", shop.as_uri(), "shallow")
    found = facts(tmp_path / "shallow")
    assert found.changed is None
    assert "shallow, and the parent of" in found.no_base
    git(tmp_path / "shallow", "fetch", "-q", "--deepen=1")
    assert facts(tmp_path / "shallow").changed == ("src/späte Wörter.py",)


def test_a_pull_request_in_a_shallow_clone_says_what_is_missing(shop: Path, tmp_path: Path):
    git(tmp_path, "clone", "-q", "--depth", "1", shop.as_uri(), "shallow")
    shallow = tmp_path / "shallow"
    assert "'main' is not here (git fetch origin main:main)" in facts(shallow, destination="main").no_base
    git(shallow, "fetch", "-q", "--depth", "1", "origin", "main:main")
    assert "where it left 'main' is not in it (git fetch --unshallow)" in facts(shallow, destination="main").no_base
    git(shallow, "fetch", "-q", "--unshallow", "origin", "topic", "main:main")
    assert facts(shallow, destination="main").changed == ("src/b.py", "src/späte Wörter.py")


def test_the_destination_may_be_known_by_its_remote_alone(shop: Path, tmp_path: Path):
    git(tmp_path, "clone", "-q", shop.as_uri(), "clone")
    assert facts(tmp_path / "clone", destination="main").changed == ("src/b.py", "src/späte Wörter.py")


def test_a_destination_without_a_common_commit_is_told(shop: Path):
    git(shop, "checkout", "-q", "--orphan", "other")
    git(shop, "commit", "-qm", "other")
    assert facts(shop, destination="main").no_base == "it has no commit in common with 'main'"
