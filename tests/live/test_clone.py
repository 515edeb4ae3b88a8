"""What a step finds where it starts: its clone, as every option of ``clone:`` makes it."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest
from support import git, pipelines, repository, run_of, said, step

from pipelinelab.errors import UsageError
from pipelinelab.planning.context import Options

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

LOOK = ["git log --oneline | wc -l", "git rev-parse --is-shallow-repository", "git tag -l", "git branch -a"]


def commits(folder: Path, *names: str) -> None:
    """One more commit a name, of a file with that name."""
    for name in names:
        (folder / name).write_text(f"{name}\n")
        git(folder, "add", "-A")
        git(folder, "commit", "-q", "-m", name)


def looked(run, number: int = 0) -> list[str]:
    """What each item of that step printed."""
    assert run.recording.steps[number].result == "passed", run.recording.steps[number].text
    return [said(run.recording.steps[number], one.index).strip() for one in run.recording.steps[number].commands]


def notes(run, kind: str) -> str:
    return "\n".join(note.text for note in run.recording.notes if note.kind == kind)


def test_a_clone_is_as_deep_as_it_says_and_fifty_commits_by_default(docker, tmp_path):
    text = pipelines(
        step(LOOK), step(LOOK, clone={"depth": 2}), step(LOOK, clone={"depth": "full"}), clone={"depth": 3}
    )
    shop = repository(tmp_path / "r", text)
    git(shop, "tag", "ancient")
    commits(shop, *(str(number) for number in range(55)))
    git(shop, "tag", "-a", "v1", "-m", "first")
    commits(shop, "last")
    git(shop, "branch", "other", "HEAD~3")
    run = run_of(shop, docker)
    assert looked(run)[:2] == ["3", "true"]
    assert looked(run, 1)[:3] == ["2", "true", "v1"]
    assert looked(run, 2)[:3] == ["57", "false", "ancient\nv1"]
    assert "remotes/origin/other" in looked(run, 2)[3]
    assert "remotes/origin/other" not in looked(run, 1)[3]
    (shop / "bitbucket-pipelines.yml").write_text(pipelines(step([*LOOK[:2], "git describe"])))
    git(shop, "commit", "-qam", "default depth")
    count, shallow, described = looked(run_of(shop, docker))
    assert (count, shallow) == ("50", "true")
    assert described.startswith("v1-2-g")


def test_tags_come_with_the_history_all_of_them_or_none_as_the_options_say(docker, tmp_path):
    text = pipelines(
        step(["git tag -l | sort | xargs"], clone={"depth": 1, "tags": True}),
        step(["git tag -l | xargs"], clone={"depth": "full", "tags": False}),
    )
    shop = repository(tmp_path / "r", text)
    git(shop, "tag", "old")
    commits(shop, "a", "b")
    git(shop, "tag", "new")
    run = run_of(shop, docker, options=None)
    assert (looked(run), looked(run, 1)) == (["new old"], [""])


def test_a_tags_own_pipeline_stands_on_the_tag_with_no_branch(docker, tmp_path):
    script = ["git describe --exact-match", "git branch --show-current", "echo $BITBUCKET_TAG"]
    text = json.dumps({"image": "pipelinelab/base", "pipelines": {"tags": {"v*": [step(script)]}}})
    shop = repository(tmp_path / "r", text)
    commits(shop, "a")
    git(shop, "tag", "-a", "v2", "-m", "two")
    git(shop, "checkout", "-q", "--detach")
    assert looked(run_of(shop, docker)) == ["v2", "", "v2"]


def test_a_pull_request_is_replayed_as_merged_into_its_destination(docker, tmp_path):
    script = [
        "cat mine theirs | xargs",
        "git log -1 --format=%an",
        "git branch --show-current",
        "git status --porcelain",
    ]
    text = json.dumps({"image": "pipelinelab/base", "pipelines": {"pull-requests": {"**": [step(script)]}}})
    shop = repository(tmp_path / "r", text)
    git(shop, "checkout", "-q", "-b", "topic")
    commits(shop, "mine")
    git(shop, "checkout", "-q", "main")
    commits(shop, "theirs")
    git(shop, "checkout", "-q", "topic")
    asked = Options(pull_request=("7", "main"))
    assert looked(run_of(shop, docker, options=asked)) == ["mine theirs", "bitbucket-pipelines", "topic", ""]
    (shop / "theirs").write_text("mine too\n")
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "in the way")
    with pytest.raises(UsageError, match=r"cannot be merged into it, and on Bitbucket no step would run.*theirs"):
        run_of(shop, docker, options=asked)


def test_full_history_of_a_shallow_repository_is_told_to_be_short(docker, tmp_path):
    deep = repository(tmp_path / "deep", pipelines(step(LOOK[:2], clone={"depth": "full"})))
    commits(deep, "a", "b", "c")
    subprocess.run(
        ["git", "clone", "-q", "--depth", "2", deep.as_uri(), str(tmp_path / "shallow")], check=True, env=None
    )
    run = run_of(tmp_path / "shallow", docker)
    assert looked(run) == ["2", "true"]
    assert "your own repository is shallow" in notes(run, "clone")


def test_the_remote_is_bitbuckets_and_tells_no_credentials_and_no_path_of_this_machine(docker, tmp_path):
    script = [
        "git remote -v",
        "cat .git/config; cat .git/FETCH_HEAD || true",
        "git fetch 2>&1 || true",
        "git status -sb",
    ]
    shop = repository(tmp_path / "r", pipelines(step(script)))
    for address, told in (
        ("git@bitbucket.org:acme/shop.git", "http://bitbucket.org/acme/shop"),
        ("https://ada:s3cr3t%40x@bitbucket.org/acme/shop.git", "http://bitbucket.org/acme/shop"),
        ("https://ada:p@ss@git.example.org/acme/shop.git", "https://git.example.org/acme/shop.git"),
        (str(tmp_path / "elsewhere.git"), "http://bitbucket.org/workspace/r"),
    ):
        git(shop, "config", "remote.origin.url", address)
        run = run_of(shop, docker)
        remote, configuration, fetched, status = looked(run)
        assert remote.splitlines() == [f"origin\t{told} (fetch)", f"origin\t{told} (push)"]
        assert status == "## main...origin/main"
        text = run.recording.steps[0].text
        assert not [leak for leak in ("s3cr3t", "ss@", "ada", str(tmp_path)) if leak in text], text
        assert "commits-noreply@bitbucket.org" in configuration
        assert "fatal: " in fetched  # at once: nobody is asked, nothing hangs


def test_a_step_may_commit_and_is_clean_when_it_starts(lab):
    run = lab(
        pipelines(
            step(
                ["git status --porcelain", "echo a > a && git add a && git commit -q -m one && git log -1 --format=%an"]
            )
        )
    )
    assert looked(run) == ["", "bitbucket-pipelines"]


def test_without_a_clone_the_folder_is_there_and_empty(lab):
    text = pipelines(step(["pwd; ls -A"]), step(["ls"], clone={"enabled": True}), clone={"enabled": False})
    run = lab(text)
    assert looked(run) == ["/opt/atlassian/pipelines/agent/build"]
    assert looked(run, 1) == ["bitbucket-pipelines.yml"]


def test_a_sparse_checkout_of_folders_is_gits_cone_and_of_patterns_is_not(lab):
    files = {"src/a/one.py": "1", "src/b/two.py": "2", "docs/x.md": "3", "README.md": "4", "src/top.py": "5"}
    script = ["git ls-files -t | grep ^H | cut -c3- | xargs; ls | xargs"]
    run = lab(
        pipelines(
            step(script, clone={"sparse-checkout": ["src/a"]}),
            step(script, clone={"sparse-checkout": {"cone-mode": False, "patterns": ["/docs/", "*.py", "!two.py"]}}),
            step(script, clone={"sparse-checkout": {"enabled": False, "patterns": ["docs"]}}),
        ),
        files,
    )
    assert (
        looked(run)[0]
        == "README.md bitbucket-pipelines.yml src/a/one.py src/top.py\nREADME.md bitbucket-pipelines.yml src"
    )
    assert looked(run, 1)[0] == "docs/x.md src/a/one.py src/top.py\ndocs src"
    assert looked(run, 2)[0].endswith("README.md bitbucket-pipelines.yml docs src")


def test_a_filtered_clone_is_whole_and_the_note_says_so(lab):
    run = lab(pipelines(step(["git cat-file -e HEAD:bitbucket-pipelines.yml"], clone={"filter": "blob:none"})))
    assert run.ok
    assert "filter: blob:none" in notes(run, "clone")


def pointer(content: bytes) -> tuple[str, str]:
    oid = hashlib.sha256(content).hexdigest()
    return oid, f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(content)}\n"


def test_lfs_objects_at_hand_are_put_in_place_and_the_others_are_told(docker, tmp_path):
    here, there = pointer(b"a big picture"), pointer(b"never fetched")
    files = {".gitattributes": "*.png filter=lfs diff=lfs merge=lfs -text\n", "a.png": here[1], "b.png": there[1],
             "c.txt": there[1]}  # fmt: skip
    script = ["cat a.png", "head -n 1 b.png", "head -n 1 c.txt"]
    shop = repository(tmp_path / "r", pipelines(step(script, clone={"lfs": True}), step(script)), files)
    stored = shop / ".git" / "lfs" / "objects" / here[0][:2] / here[0][2:4] / here[0]
    stored.parent.mkdir(parents=True)
    stored.write_bytes(b"a big picture")
    run = run_of(shop, docker)
    first = "version https://git-lfs.github.com/spec/v1"
    assert looked(run) == ["a big picture", first, first]
    assert [text.splitlines()[0] for text in looked(run, 1)] == [first] * 3
    assert "the content of b.png is not at hand" in notes(run, "clone")
    stored.write_bytes(b"a big pictur3")  # not what its name says
    assert looked(run_of(shop, docker))[0].startswith(first)


def test_submodules_are_empty_until_the_step_fills_them_and_then_come_from_the_copy_at_hand(docker, tmp_path):
    inner = repository(tmp_path / "inner", "image: x\n", {"inner.txt": "from the submodule\n"})
    script = ["ls -A vendor/inner", "git submodule update --init --recursive 2>&1", "cat vendor/inner/inner.txt",
              "git -C vendor/inner remote -v; cat .git/modules/*/*/config"]  # fmt: skip
    outer = repository(tmp_path / "outer", pipelines(step(script)))
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "vendor/inner")
    git(outer, "config", "-f", ".gitmodules", "submodule.vendor/inner.url", "https://bitbucket.org/acme/inner.git")
    git(outer, "commit", "-q", "-am", "submodule")
    run = run_of(outer, docker)
    empty, _, content, remote = looked(run)
    assert (empty, content) == ("", "from the submodule")
    assert "https://bitbucket.org/acme/inner.git" in remote
    assert str(tmp_path) not in remote
    subprocess.run(["git", "clone", "-q", outer.as_uri(), str(tmp_path / "bare")], check=True)
    assert "the submodule vendor/inner is not at hand" in notes(run_of(tmp_path / "bare", docker), "clone")


def test_the_worktree_is_replayed_with_what_is_new_changed_gone_and_of_another_kind(docker, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    files = {"gone": "x", "changed": "old", "file": "was a file", "folder/a": "was a folder", "ignored": "kept"}
    shop = repository(tmp_path / "r", pipelines(step(["true"])), {**files, ".gitignore": "secret\n"})
    (shop / "link").symlink_to(outside)
    git(shop, "add", "-A")
    git(shop, "commit", "-q", "-m", "a link out of the repository")
    script = ["find . -path ./.git -prune -o ! -type d -print | sort | xargs", "cat changed link/new file/in folder"]
    (shop / "bitbucket-pipelines.yml").write_text(pipelines(step(script)))
    (shop / "gone").unlink()
    (shop / "changed").write_text("new\n")
    (shop / "secret").write_text("ignored")
    (shop / "link").unlink()
    (shop / "file").unlink()
    subprocess.run(["rm", "-r", "folder"], cwd=shop, check=True)
    for name, content in {"link/new": "no link\n", "file/in": "a folder\n", "folder": "a file\n"}.items():
        (shop / name).parent.mkdir(exist_ok=True)
        (shop / name).write_text(content)
    run = run_of_worktree(shop, docker)
    listed, content = looked(run)
    assert listed == "./.gitignore ./bitbucket-pipelines.yml ./changed ./file/in ./folder ./ignored ./link/new"
    assert content == "new\nno link\na folder\na file"
    assert list(outside.iterdir()) == []


def run_of_worktree(folder: Path, engine):
    from pipelinelab.session.replay import Asked, replay
    from pipelinelab.session.settings import Settings

    return replay(folder, Asked(worktree=True, settings=Settings(keep=False)), engine)
