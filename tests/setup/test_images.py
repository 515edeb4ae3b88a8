from __future__ import annotations

import io
import tarfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docker.errors import APIError, ImageNotFound

from pipelinelab.errors import DiskFull, EngineError
from pipelinelab.setup import images as images_module
from pipelinelab.setup.catalogue import RECIPE_LABEL, RECIPES, choose, recipe_hash
from pipelinelab.setup.images import build_context, build_images, host_files, image_states, remove_images
from pipelinelab.setup.places import images_dir

IMAGES = images_dir({})


class Response:
    status_code = 409
    reason = "Conflict"


class FakeEngine:
    """A daemon's image store, with the parts of docker.APIClient that the lab uses."""

    def __init__(self, *references: str) -> None:
        self.store: dict[str, dict[str, Any]] = {}
        self.builds: list[str] = []
        self.contexts: dict[str, dict[str, bytes]] = {}
        self.arguments: dict[str, dict[str, str]] = {}
        self.from_scratch: dict[str, bool] = {}
        self.in_use: set[str] = set()
        self.says: dict[str, list[dict[str, str]]] = {}
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        for reference in references:
            self.add(reference)

    def add(self, reference: str, labels: dict[str, str] | None = None, architecture: str = "amd64") -> None:
        repository, _, tag = reference.partition(":")
        self.store[f"{repository}:{tag or 'latest'}"] = {
            "Id": f"id-{reference}", "Os": "linux", "Architecture": architecture, "Size": 3 * 2**20,
            "Config": {"Labels": labels or {}}}  # fmt: skip

    def inspect_image(self, reference: str) -> dict[str, Any]:
        name = reference if ":" in reference else f"{reference}:latest"
        if name not in self.store:
            raise ImageNotFound(f"No such image: {name}")
        return self.store[name]

    def tag(self, image: str, repository: str, tag: str) -> None:
        found = self.store.get(image) or next(one for one in self.store.values() if one["Id"] == image)
        self.store[f"{repository}:{tag}"] = found

    def build(self, *, fileobj: io.BytesIO, tag: str, labels: dict[str, str], buildargs: dict[str, str],
              **options: Any) -> Iterator[dict[str, str]]:  # fmt: skip
        with self.lock:
            self.builds.append(tag)
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
        with tarfile.open(fileobj=fileobj) as tar:
            self.contexts[tag] = {entry.name: tar.extractfile(entry).read() for entry in tar if entry.isfile()}
        self.arguments[tag] = buildargs
        self.from_scratch[tag] = bool(options["nocache"])
        time.sleep(0.02)
        yield from self.says.get(tag, [{"stream": "Step 1/1 : RUN true\n"}])
        self.add(tag, labels)
        with self.lock:
            self.at_once -= 1

    def images(self, filters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        return [] if filters else [{"RepoTags": [reference]} for reference in self.store]

    def remove_image(self, reference: str) -> None:
        if reference in self.in_use:
            raise APIError("conflict", Response(), "a container uses it")
        del self.store[reference]


BASES = ("pipelinelab/debian:bookworm", "pipelinelab/debian:bullseye")


@pytest.fixture(autouse=True)
def no_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images_module.host, "read_pip_config", lambda: "")


def build(engine: FakeEngine, *names: str, **options: Any) -> dict[str, str]:
    options = {"environ": {}, "progress": lambda text: None} | options
    return {one.reference: one.how for one in build_images(engine, choose(names), IMAGES, **options)}


def test_the_first_build_makes_everything_and_the_second_nothing() -> None:
    engine = FakeEngine(*BASES)
    assert set(build(engine).values()) == {"built", "here"}
    assert len(engine.builds) == len(RECIPES)
    assert {state.state for state in image_states(engine, IMAGES)} == {"ready"}
    assert set(build(engine).values()) == {"up to date"}
    assert len(engine.builds) == len(RECIPES)


def test_parents_are_built_first_and_independent_images_at_once() -> None:
    engine = FakeEngine(*BASES)
    build(engine)
    assert engine.builds.index("pipelinelab/base:latest") < engine.builds.index("pipelinelab/node:latest")
    assert engine.builds.index("pipelinelab/node:latest") < engine.builds.index("pipelinelab/node4:latest")
    assert engine.most_at_once > 1


def test_images_of_one_folder_are_built_one_after_the_other_to_share_layers() -> None:
    engine = FakeEngine(*BASES)
    build(engine, "python311")
    assert engine.builds[-2:] == ["pipelinelab/python311:django42", "pipelinelab/python311:django52"]
    assert engine.most_at_once == 1


def test_one_image_is_built_with_what_it_stands_on_and_nothing_else() -> None:
    engine = FakeEngine(*BASES)
    assert set(build(engine, "mysql")) == {"pipelinelab/debian:bookworm", "pipelinelab/mysql"}


def test_an_image_of_an_older_dockerfile_is_outdated_and_built_again() -> None:
    engine = FakeEngine(*BASES)
    build(engine)
    engine.add("pipelinelab/mysql", {RECIPE_LABEL: "of an older file"})
    assert [state.recipe.folder for state in image_states(engine, IMAGES) if state.state == "outdated"] == ["mysql"]
    assert build(engine)["pipelinelab/mysql"] == "built"


def test_an_image_of_another_platform_is_not_the_one_that_is_wanted() -> None:
    engine = FakeEngine(*BASES)
    build(engine)
    assert {state.state for state in image_states(engine, IMAGES, "linux/arm64")} == {"outdated"}
    assert {state.state for state in image_states(engine, IMAGES, "linux/amd64")} == {"ready"}


def test_rebuild_builds_what_is_up_to_date_too() -> None:
    engine = FakeEngine(*BASES)
    build(engine)
    assert build(engine, "mysql", rebuild=True)["pipelinelab/mysql"] == "built"


def test_rebuild_makes_the_layers_that_two_images_share_once() -> None:
    engine = FakeEngine(*BASES)
    build(engine, "python311", rebuild=True)
    assert engine.from_scratch["pipelinelab/python311:django42"]
    assert not engine.from_scratch["pipelinelab/python311:django52"]


def test_an_image_has_its_plain_tags_and_one_with_its_hash() -> None:
    engine = FakeEngine(*BASES)
    build(engine, "python311:django52", "mysql")
    django = recipe_hash(choose(("python311:django52",))[0], IMAGES)
    mysql = recipe_hash(choose(("mysql",))[0], IMAGES)
    tags = {"python311:django52", "python311:latest", f"python311:django52-{django}", "mysql:latest", f"mysql:{mysql}"}
    assert {f"pipelinelab/{tag}" for tag in tags} <= set(engine.store)


def test_the_ca_bundle_and_the_index_go_beside_the_dockerfile_and_the_proxy_into_the_arguments(tmp_path: Path) -> None:
    bundle = tmp_path / "company.pem"
    bundle.write_text("a company's certificate")
    environ = {"SSL_CERT_FILE": str(bundle), "PIP_INDEX_URL": "https://index.example/simple",
               "HTTPS_PROXY": "http://proxy.example:8080"}  # fmt: skip
    engine = FakeEngine(*BASES)
    build(engine, "node", environ=environ)
    context = engine.contexts["pipelinelab/node:latest"]
    assert context["host.crt"] == b"a company's certificate"
    assert b"export PIP_CERT=/tmp/host/host.crt\n" in context["host.env"]
    assert b"export PIP_INDEX_URL=https://index.example/simple\n" in context["host.env"]
    assert engine.arguments["pipelinelab/node:latest"] == {"HTTPS_PROXY": "http://proxy.example:8080"}


def test_a_machine_with_nothing_unusual_adds_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images_module.host, "ca_bundle", lambda environ: None)
    assert host_files({}, "") == {}


@pytest.mark.parametrize("path", sorted(IMAGES.glob("*/Dockerfile")), ids=lambda path: path.parent.name)
def test_what_the_building_machine_adds_stays_out_of_the_image(path: Path) -> None:
    stages = path.read_text("utf-8").split("\nFROM ")
    assert "host." not in stages[-1]


def test_a_context_is_the_same_bytes_whoever_packs_it(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    first = build_context(tmp_path, {})
    (tmp_path / "Dockerfile").touch()
    assert build_context(tmp_path, {}) == first


def test_a_build_that_fails_shows_its_last_lines() -> None:
    engine = FakeEngine(*BASES)
    engine.says["pipelinelab/mysql:latest"] = [
        {"stream": "Step 2/9 : RUN apt-get install mariadb\n"},
        {"stream": "E: Unable to locate package mariadb\n"},
        {"error": "The command returned a non-zero code: 100"},
    ]
    with pytest.raises(EngineError, match=r"pipelinelab/mysql could not be built: .*code: 100") as caught:
        build(engine)
    assert "E: Unable to locate package mariadb" in caught.value.hint


def test_a_full_disk_is_called_a_full_disk() -> None:
    engine = FakeEngine(*BASES)
    engine.says["pipelinelab/base:latest"] = [{"error": "write /usr/bin/git: no space left on device"}]
    with pytest.raises(DiskFull, match="no space is left to build pipelinelab/base"):
        build(engine)


def test_remove_takes_every_tag_of_the_labs_images_and_nothing_else() -> None:
    engine = FakeEngine(*BASES, "pipelinelab/mysql:0123456789ab", "pipelinelab/snapshot:1", "mysql:5.7")
    build(engine, "node")
    engine.in_use.add("pipelinelab/node:latest")
    removed, in_use = remove_images(engine, RECIPES, bases=False)
    assert "pipelinelab/mysql:0123456789ab" in removed
    assert in_use == ["pipelinelab/node:latest"]
    assert set(engine.store) == {*BASES, "pipelinelab/snapshot:1", "mysql:5.7", "pipelinelab/node:latest"}
