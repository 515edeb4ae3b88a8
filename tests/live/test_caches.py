"""What stays between replays of a repository."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import git, pipelines, repository, run_of, said, step

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

LAB = str(Path(sys.executable).with_name("pipelinelab"))
FILL = 'if [ -f "$P/x" ]; then echo here; else mkdir -p "$P" && date +%N > "$P/x"; echo made; fi'


def filling(path: str, *more: str) -> list[str]:
    return [f'P="{path}"', FILL, *more]


def moved(run) -> list[tuple[str, str]]:
    return [(row.name, row.action) for row in run.caches.itertuples(index=False)]


def kept(shop: Path) -> list[Path]:
    return sorted((shop / ".pipelinelab" / "caches").glob("*"))


PREDEFINED = {
    "pip": ".cache/pip", "composer": ".composer/cache", "gradle": ".gradle/caches", "maven": ".m2/repository",
    "dotnetcore": ".nuget/packages", "sbt": ".sbt", "ivy2": ".ivy2/cache",
}  # fmt: skip


def test_predefined_caches_are_missed_saved_and_hit_the_next_time(docker, tmp_path):
    names = [*PREDEFINED, "node"]
    script = [f"for P in {' '.join(f'~/{path}' for path in PREDEFINED.values())} node_modules; do", FILL, "done"]
    shop = repository(tmp_path / "r", pipelines(step(["\n".join(script)], caches=names)))
    first = run_of(shop, docker)
    assert moved(first) == [(name, "miss") for name in names] + [(name, "saved") for name in names]
    assert said(first.recording.steps[0], 0) == "made\n" * 8
    second = run_of(shop, docker)
    assert moved(second) == [(name, "hit") for name in names]
    assert said(second.recording.steps[0], 0) == "here\n" * 8
    assert (second.caches.size_mib > 0).all()
    assert (second.caches.seconds > 0).all()


def test_the_docker_cache_is_told_to_be_the_engines_matter(lab):
    run = lab(pipelines(step(["true"], caches=["docker"])))
    assert moved(run) == [("docker", "refused")]
    assert "docker's layers" in run.caches.why[0]


def test_a_cache_of_ones_own_may_stand_anywhere_by_variables_of_its_image(docker, tmp_path):
    paths = {"a": "$HOME/.npm", "b": "${PLACE}/deep", "c": "/opt/x/y", "d": "./sub/deps", "e": "$OWN/z"}
    image = docker.image("pipelinelab/base", "pipelinelab/base").used
    from support import built

    image = built(docker, "pipelinelab-test/place", f"FROM {image}\nENV PLACE=/var/place\n")
    script = ["for P in $HOME/.npm $PLACE/deep /opt/x/y sub/deps $OWN/z; do", FILL, "done"]
    shop = repository(
        tmp_path / "r",
        pipelines(step(["\n".join(script)], caches=list(paths)), image=image, definitions={"caches": paths}),
    )
    run_of(shop, docker, variables={"OWN": "/srv"})
    again = run_of(shop, docker, variables={"OWN": "/srv"})
    assert moved(again) == [(name, "hit") for name in paths]
    assert said(again.recording.steps[0], 0) == "here\n" * 5


def test_a_key_of_files_changes_with_their_content_committed_or_not(docker, tmp_path):
    caches = {
        "deps": {"key": {"files": ["lock.txt", "**/package.json"]}, "path": "deps"},
        "none": {"key": {"files": ["no"]}, "path": "n"},
    }
    text = pipelines(
        step(filling("deps", "mkdir -p n && touch n/x"), caches=["deps", "none"]), definitions={"caches": caches}
    )
    shop = repository(tmp_path / "r", text, {"lock.txt": "1\n", "a/package.json": "{}", "other": "1"})
    first = run_of(shop, docker)
    assert moved(first)[0] == ("deps", "miss")
    assert "no file of the clone matches its key, no" in list(first.caches.why.dropna())
    (shop / "other").write_text("2")
    git(shop, "commit", "-qam", "two")
    assert moved(run_of(shop, docker)) == [("deps", "hit"), ("none", "hit")]
    (shop / "a" / "package.json").write_text('{"a": 1}')
    assert moved(run_of(shop, docker))[0] == ("deps", "hit")
    from pipelinelab.session.replay import Asked, replay
    from pipelinelab.session.settings import Settings

    worktree = replay(shop, Asked(worktree=True, settings=Settings(keep=False)), docker)
    assert moved(worktree)[0] == ("deps", "miss")
    git(shop, "commit", "-qam", "three")
    assert moved(run_of(shop, docker))[0] == ("deps", "miss")


def test_only_green_steps_save_only_what_is_there_and_only_once(docker, tmp_path):
    definitions = {"caches": {"deps": "deps", "gone": "gone", "empty": "empty"}}
    red = pipelines(step([*filling("deps"), "false"], caches=["deps"]), definitions=definitions)
    shop = repository(tmp_path / "r", red)
    run = run_of(shop, docker)
    assert moved(run) == [("deps", "miss"), ("deps", "nothing")]
    assert run.caches.why[1] == "the step failed: only green steps' caches are saved"
    assert kept(shop) == []
    green = pipelines(
        step([*filling("deps"), "mkdir empty"], caches=["deps", "gone", "empty"]), definitions=definitions
    )
    (shop / "bitbucket-pipelines.yml").write_text(green)
    git(shop, "commit", "-qam", "green")
    run = run_of(shop, docker)
    assert moved(run)[3:] == [("deps", "saved"), ("gone", "nothing"), ("empty", "nothing")]
    assert list(run.caches.why[4:]) == [
        "/opt/atlassian/pipelines/agent/build/gone is not there", "/opt/atlassian/pipelines/agent/build/empty is empty",
    ]  # fmt: skip
    (file,) = kept(shop)
    before = file.read_bytes()
    (shop / "bitbucket-pipelines.yml").write_text(green.replace("mkdir empty", "echo more > deps/more"))
    git(shop, "commit", "-qam", "more")
    assert moved(run_of(shop, docker))[0] == ("deps", "hit")
    assert kept(shop)[0].read_bytes() == before  # what was there is not written again, as on Bitbucket


def test_a_cache_lives_seven_days_and_what_is_broken_is_a_miss(docker, tmp_path):
    text = pipelines(step(filling("deps"), caches=["deps"]), definitions={"caches": {"deps": "deps"}})
    shop = repository(tmp_path / "r", text)
    run_of(shop, docker)
    (file,) = kept(shop)
    stale = file.with_name("old-0123456789abcdef.tar")
    died = file.with_name("deps-0123.4711.1")
    for one, days in ((file, 8), (stale, 8), (died, 1)):
        one.touch()
        os.utime(one, (time.time() - days * 86400,) * 2)
    assert moved(run_of(shop, docker)) == [("deps", "miss"), ("deps", "saved")]
    assert kept(shop) == [file]
    file.write_bytes(file.read_bytes()[:700] + b"broken" * 100)
    run = run_of(shop, docker)
    assert moved(run) == [("deps", "miss"), ("deps", "saved")]
    assert "broken and was removed" in run.caches.why[0]
    assert moved(run_of(shop, docker)) == [("deps", "hit")]


def test_modes_links_and_empty_folders_of_a_cache_come_back(docker, tmp_path):
    make = [
        "if [ ! -d deps ]; then mkdir -p deps/bin deps/empty packages/one",
        "echo real > deps/tool && chmod 751 deps/tool",
        "ln -s ../tool deps/bin/tool && ln deps/tool deps/twin && ln -s ../packages/one deps/one && touch 'deps/ä b'",
        "chmod 1770 deps/empty; else stat -c %a deps/tool deps/empty; cat deps/bin/tool deps/twin; readlink deps/one",
        "ls deps; stat -c %h deps/twin; fi",
    ]
    text = pipelines(step(["\n".join(make)], caches=["deps"]), definitions={"caches": {"deps": "deps"}})
    shop = repository(tmp_path / "r", text)
    assert run_of(shop, docker).ok
    found = run_of(shop, docker).recording.steps[0]
    assert said(found, 0) == "751\n1770\nreal\nreal\n../packages/one\nbin\nempty\none\ntool\ntwin\nä b\n2\n"


def test_parallel_steps_with_one_cache_leave_one_whole_cache(docker, tmp_path):
    group = [step(filling("deps"), caches=["deps"]) for _ in range(3)]
    shop = repository(tmp_path / "r", pipelines({"parallel": group}, definitions={"caches": {"deps": "deps"}}))
    assert run_of(shop, docker).ok
    assert len(kept(shop)) == 1
    assert moved(run_of(shop, docker)) == [("deps", "hit")] * 3


def test_caches_are_removed_by_clean_and_nothing_else_is(docker, tmp_path):
    text = pipelines(step(filling("deps"), caches=["deps"]), definitions={"caches": {"deps": "deps"}})
    shop = repository(tmp_path / "r", text)
    run_of(shop, docker)
    done = subprocess.run([LAB, "clean", str(shop), "--caches"], capture_output=True, text=True, check=True)
    assert "removed 1 cache, " in done.stdout
    assert kept(shop) == []
    assert len(list((shop / ".pipelinelab" / "runs").iterdir())) == 1
    both = subprocess.run([LAB, "clean", "--all", "--caches"], capture_output=True, text=True, check=False)
    assert both.returncode == 2
    assert "leave out --all" in both.stderr


HUGE = [
    ("noise", "head -c 5000M /dev/urandom > deps/big", "it is over 1 GiB when compressed"),
    ("zeros", "truncate -s 5G deps/big", ""),
]


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("make", "why"), [one[1:] for one in HUGE], ids=[one[0] for one in HUGE])
def test_a_cache_of_5_gb_is_streamed_and_saved_only_as_far_as_bitbucket_would(docker, tmp_path, make, why):
    text = pipelines(step(["mkdir deps", make], caches=["deps"], size="2x"), definitions={"caches": {"deps": "deps"}})
    shop = repository(tmp_path / "r", text)
    measured = subprocess.run(
        [sys.executable, "-c", MEASURED, str(shop)], capture_output=True, text=True, check=True, timeout=800
    ).stdout.splitlines()[-1]
    seconds, peak_mib, action, told, on_disk = measured.split("|")
    print(f"5 GB: {seconds} s to save, {peak_mib} MiB of memory at the most, {on_disk} MiB on disk")
    assert float(peak_mib) < 300
    assert int(on_disk) < 1100
    assert (action, told) == (("refused", f"{why}, and so it is not saved, as on Bitbucket") if why else ("saved", ""))
    assert len(kept(shop)) == (0 if why else 1)


MEASURED = """
import resource, shutil, sys, threading, time
from pathlib import Path
from pipelinelab.session.engine import live
from pipelinelab.session.replay import Asked, replay
from pipelinelab.session.settings import Settings
most, over = [0], threading.Event()
def watch():
    while not over.wait(0.05):
        size = sum(one.stat().st_size for one in Path(sys.argv[1], ".pipelinelab").rglob("*.1") if one.exists())
        most[0] = max(most[0], size)
thread = threading.Thread(target=watch)
thread.start()
run = replay(sys.argv[1], Asked(settings=Settings(keep=False)), live())
over.set()
thread.join()
row = run.caches.iloc[1]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{run.steps.artifacts_s[0]:.1f}|{peak:.0f}|{row.action}|{run.recording.steps[0].caches[1].why}|{most[0] >> 20}")
"""
