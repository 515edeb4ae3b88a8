"""Steps whose artifacts and caches want out of the clone: nothing of them is written on this machine outside of the
lab's own places, nothing gets out of the next step's clone, and what was refused is told."""

import io
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from support import pipelines, repository, run_of, said, step

from pipelinelab.session.artifacts import ArtifactStore
from pipelinelab.session.caches import CacheStore

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]


def why(run, action: str = "refused") -> str:
    return "\n".join(run.artifacts.query(f"action == '{action}'").why)


def test_globs_that_leave_the_clone_match_nothing_and_say_so(lab):
    globs = ["../*", "/etc/passwd", "./dist/**", "a/../../**", "~/x", "{..,x}/**"]
    run = lab(pipelines(step(["mkdir dist && touch dist/a ../beside"], artifacts=globs), step(["ls"])))
    assert run.ok
    assert said(run.recording.steps[1], 0) == "bitbucket-pipelines.yml\n"
    assert why(run).count("matches nothing on Bitbucket") == 3
    assert why(run).count("artifacts are found by their path in the clone") == 2


def test_what_the_filesystem_of_a_step_can_hold_is_sifted(lab):
    make = [
        "mkdir d && ln -s / d/root && ln -s ../../../../../etc/passwd d/up && ln -s ../d d/fine",
        "mkfifo d/pipe && mknod d/null c 1 3 && mknod d/disk b 8 0",
        "touch \"d/$(printf 'red\\033[31m\\nline')\" && touch d/good",
        "ln -s /etc behind && mkdir real && ln -s real/.. odd",
    ]
    look = ["ls -b d; test ! -e behind; test ! -L d/root; test ! -L d/up; readlink d/fine"]
    run = lab(pipelines(step(make, artifacts=["d/**", "behind/apt/**", "behind/**", "odd/**"]), step(look)))
    assert run.ok, run.recording.steps[1].text
    assert said(run.recording.steps[1], 0) == "fine\ngood\nred\\033[31m\\nline\n../d\n"
    told = why(run)
    assert "d/root: the link leads outside the clone, to /" in told
    assert "d/up: the link leads outside" in told
    assert "d/pipe: it is a device" in told
    assert "d/null: it is a device" in told
    assert "behind/apt: it lies behind the link behind" in told


def test_a_folder_in_an_artifact_takes_the_place_of_a_link_that_the_repository_has_there(docker, tmp_path):
    script = ["rm out && mkdir out && echo mine > out/hostname"]
    shop = repository(
        tmp_path / "r",
        pipelines(step(script, artifacts=["out/**"]), step(["cat out/hostname; test ! -L out; cat /etc/hostname"])),
    )
    (shop / "out").symlink_to("/etc")
    import support

    support.git(shop, "add", "-A")
    support.git(shop, "commit", "-q", "-m", "a link")
    run = run_of(shop, docker)
    assert run.ok, run.recording.steps[1].text
    assert said(run.recording.steps[1], 0).splitlines()[0] == "mine"
    assert said(run.recording.steps[1], 0).splitlines()[1] != "mine"


def hostile() -> bytes:
    """A tar that no file system holds and an engine gone bad might send."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, kind, link in (
            ("d/good", tarfile.REGTYPE, ""), ("d/../../../escaped", tarfile.REGTYPE, ""),
            ("/escaped", tarfile.REGTYPE, ""),
            ("d/way", tarfile.SYMTYPE, "../.."), ("d/way/escaped", tarfile.REGTYPE, ""), ("d/in", tarfile.SYMTYPE, "."),
            ("d/in/in", tarfile.SYMTYPE, ".."), ("d/in/in/escaped", tarfile.REGTYPE, ""),
            ("d/passwd", tarfile.LNKTYPE, "/etc/passwd"), ("d/good", tarfile.SYMTYPE, "/etc"),
        ):  # fmt: skip
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname, entry.size = kind, link, 4 if kind == tarfile.REGTYPE else 0
            tar.addfile(entry, io.BytesIO(b"evil"))
    return out.getvalue()


class BadEngine:
    """The hands on a step whose engine sends that tar for whatever it is asked for, and takes what it is given."""

    def __init__(self) -> None:
        self.given: list[tuple[str, bytes]] = []

    def get(self, path: str) -> Iterator[bytes]:
        yield hostile()

    def put(self, path: str, tar: Iterable[bytes]) -> float:
        self.given.append((path, b"".join(tar)))
        return 0.0

    def ask(self, argv, **how):
        from pipelinelab.engines.base import Answer

        return Answer(exit_code=0, output=b"")


def test_even_a_tar_that_no_file_system_holds_gets_nowhere(docker, tmp_path, monkeypatch):
    from pipelinelab.model.pipelines import Artifacts, Cache, Image
    from pipelinelab.planning.plan import StepPlan

    work = tmp_path / "one" / "two" / "lab"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    events: list[object] = []
    step = BadEngine()
    plan = StepPlan(index=1, name="x", image=Image(name="i"), items=(), artifacts=Artifacts(paths=("d/**",)),
                    caches=(Cache(name="c", path="d"),))  # fmt: skip
    store = ArtifactStore(work / "artifacts", events.append, lambda: 0.0)
    caches = CacheStore(work / "caches", dict, events.append, lambda: 0.0)
    store.capture(plan, step, True)
    caches.save(plan, step, frozenset(), True)
    store.deliver(StepPlan(index=2, name="y", image=Image(name="i"), items=()), step)
    assert caches.restore(plan, step) == {"c"}
    assert sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*") if one.is_file()) == [
        "one/two/lab/artifacts/artifact-1-0.tar",
        next(str(one.relative_to(tmp_path)) for one in (work / "caches").iterdir()),
    ]
    for number, (_, data) in enumerate(step.given):  # the artifact, then the cache
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            names = {entry.name for entry in tar}
            way = {"d/way"} if number else {"d/way", "d/way/escaped", "d/escaped"}  # a link in the one, a folder here
            assert names == {"d", "d/good", "d/in"} | way
            tar.extractall(work / "unpacked" / str(number), filter="fully_trusted")
    assert not [one for one in tmp_path.rglob("escaped") if not one.is_relative_to(work / "unpacked")]
    text = " ".join(event.why for event in events if event.action in ("refused", "saved"))
    for part in ("outside the clone", "behind the link", "there twice"):
        assert part in text


def test_a_cache_may_stand_anywhere_but_where_it_would_carry_the_system_or_the_clone(lab, tmp_path):
    paths = {"root": "/", "clone": ".", "parent": "..", "kernel": "/proc/self", "link": "linked",
             "unknown": "$NOWHERE/x", "there": "/opt/cache", "odd": "odd"}  # fmt: skip
    script = ["mkdir -p /opt/cache odd && touch /opt/cache/x odd/y", "mkfifo odd/pipe",
              "ln -s /etc linked && ln -s /etc odd/etc"]  # fmt: skip
    run = lab(pipelines(step(script, caches=list(paths)), definitions={"caches": paths}))
    assert run.ok
    told = {row.name: (row.action, row.why) for row in run.caches.query("action != 'miss'").itertuples(index=False)}
    assert {name: action for name, (action, _) in told.items()} == {
        "root": "refused", "clone": "refused", "parent": "refused", "kernel": "refused", "unknown": "refused",
        "link": "nothing", "there": "saved", "odd": "saved",
    }  # fmt: skip
    assert told["odd"][1] == "without odd/pipe: it is a device or a pipe"
    assert "$NOWHERE" in told["unknown"][1]
    assert told["link"][1].endswith("is a link, not a folder")


def test_nothing_of_a_hostile_step_is_found_outside_of_the_labs_places(docker, tmp_path):
    before = set(Path("/").iterdir())
    script = ["mkdir -p d/.pipelinelab ~/.cache/pip && touch d/.pipelinelab/x ~/.cache/pip/y && ln -s / d/host",
              "printf x > 'd/..\\..\\evil' && touch 'd/...' "]  # fmt: skip
    shop = repository(tmp_path / "r", pipelines(step(script, artifacts=["**"], caches=["pip"]), step(["ls d"])))
    assert run_of(shop, docker).ok
    assert sorted(path.name for path in shop.iterdir()) == [".git", ".pipelinelab", "bitbucket-pipelines.yml"]
    assert [path.name for path in tmp_path.iterdir()] == ["r"]
    assert list((shop / ".pipelinelab" / "scratch").iterdir()) == []
    assert set(Path("/").iterdir()) == before
    assert not Path(shop / "d").exists()
