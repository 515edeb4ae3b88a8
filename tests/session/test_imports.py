"""Shared pipelines are read from the git of a repository at hand, at the import's own ref."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import git, repository

from pipelinelab.errors import FileRefused, UsageError
from pipelinelab.session.configured import configured
from pipelinelab.session.replay import Asked, plan

OURS = "pipelines:\n  default:\n    import: ci:main:build\n"
SHARED = "export: true\ndefinitions:\n  pipelines:\n    build:\n      - step: {script: [%s]}\n"


@pytest.fixture
def ours(tmp_path: Path) -> Path:
    return repository(tmp_path / "ours", OURS)


def script(folder: Path, **asked: object) -> str:
    return next(plan(folder, Asked(**asked)).plan.steps()).script[0].text  # type: ignore[arg-type]


def test_a_repository_beside_this_one_is_found_by_its_name(ours: Path, tmp_path: Path):
    ci = repository(tmp_path / "ci", SHARED % "make")
    ready = plan(ours, Asked())
    assert [step.script[0].text for step in ready.plan.steps()] == ["make"]
    assert any(f"imported from {ci} at " in note for note in ready.notes)


def test_what_is_not_committed_there_is_not_read(ours: Path, tmp_path: Path):
    ci = repository(tmp_path / "ci", SHARED % "committed")
    (ci / "bitbucket-pipelines.yml").write_text(SHARED % "changed")
    assert script(ours) == "committed"
    assert script(ours, imports={"ci": ci / "bitbucket-pipelines.yml"}) == "changed"


@pytest.mark.parametrize("ref", ["feature/x", "v1", "COMMIT"])
def test_the_ref_may_be_a_branch_a_tag_or_a_commit(tmp_path: Path, ref: str):
    ci = repository(tmp_path / "elsewhere" / "ci", SHARED % "old")
    git(ci, "branch", "feature/x")
    git(ci, "tag", "v1")
    first = git(ci, "rev-parse", "HEAD").strip()
    (ci / "bitbucket-pipelines.yml").write_text(SHARED % "new")
    git(ci, "commit", "-qam", "two")
    ours = repository(tmp_path / "ours", OURS.replace("main", first if ref == "COMMIT" else ref))
    assert script(ours, imports={"ci": ci}) == "old"


def test_a_branch_that_only_the_remote_has_is_read_from_there(ours: Path, tmp_path: Path):
    far = repository(tmp_path / "far", SHARED % "make")
    git(far, "branch", "next")
    git(tmp_path, "clone", "-q", str(far), "ci")
    git(tmp_path / "ci", "checkout", "-q", "--detach")
    git(tmp_path / "ci", "branch", "-q", "-D", "main")
    assert script(ours) == "make"


def test_the_toml_says_where_a_repository_is(ours: Path, tmp_path: Path):
    repository(tmp_path / "deep" / "templates", SHARED % "make")
    (ours / "pipelinelab.toml").write_text('[imports]\nci = "../deep/templates"\n')
    assert next(plan(ours, configured(ours)).plan.steps()).script[0].text == "make"


def test_a_file_of_the_same_repository_is_read_at_the_commit_or_as_it_stands(tmp_path: Path):
    text = "definitions: {imports: {s: .bitbucket/shared.yml}}\npipelines: {default: {import: build@s}}\n"
    ours = repository(tmp_path / "ours", text, {".bitbucket/shared.yml": SHARED % "old"})
    (ours / ".bitbucket" / "shared.yml").write_text(SHARED % "new")
    assert (script(ours), script(ours, worktree=True)) == ("old", "new")
    edits = {".bitbucket/shared.yml": SHARED % "cured"}
    assert script(ours, worktree=True, edits=edits) == "cured"


def refusal(folder: Path, **asked: object) -> UsageError:
    with pytest.raises(UsageError) as refused:
        plan(folder, Asked(**asked))  # type: ignore[arg-type]
    assert str(refused.value).startswith("bitbucket-pipelines.yml:3:13: ")
    assert refused.value.hint
    return refused.value


def test_a_repository_that_is_not_here_says_where_to_put_it(ours: Path):
    why = refusal(ours)
    assert "'ci', which this imports from, is not at" in str(why)
    assert "--import ci=PATH" in why.hint


def test_a_place_that_is_no_repository_is_told(ours: Path, tmp_path: Path):
    assert "is not there" in str(refusal(ours, imports={"ci": tmp_path / "nowhere"}))
    (tmp_path / "empty").mkdir()
    assert "is not a git repository" in str(refusal(ours, imports={"ci": tmp_path / "empty"}))


def test_a_ref_that_is_not_there_comes_with_those_that_are(ours: Path, tmp_path: Path):
    ci = repository(tmp_path / "ci", SHARED % "make")
    git(ci, "branch", "-m", "trunk")
    why = refusal(ours)
    assert "no branch, tag or commit 'main'" in str(why)
    assert "trunk" in why.hint


def test_a_ref_without_a_pipelines_file_is_told(ours: Path, tmp_path: Path):
    ci = repository(tmp_path / "ci", SHARED % "make")
    git(ci, "rm", "-q", "bitbucket-pipelines.yml")
    git(ci, "commit", "-qm", "gone", "--allow-empty")
    assert "there is no bitbucket-pipelines.yml in" in str(refusal(ours))


def test_a_name_that_would_leave_the_folder_is_no_repository(tmp_path: Path):
    ours = repository(tmp_path / "ours", OURS.replace("ci:", "../../etc:"))
    assert "no name of a repository" in str(refusal(ours))


def test_a_faulty_shared_file_is_reported_by_its_own_name_and_lines(ours: Path, tmp_path: Path):
    repository(tmp_path / "ci", "export: true\ndefinitions:\n  pipelines:\n    build:\n      - step: {name: x}\n")
    with pytest.raises(FileRefused) as refused:
        plan(ours, Asked())
    assert "error[PL104] ci:main:bitbucket-pipelines.yml:5:" in refused.value.report
    assert refused.value.hint
