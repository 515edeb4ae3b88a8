"""Building, listing and removing the lab's images. Whether one is up to date stands in a label: the recipe's hash."""

from __future__ import annotations

import io
import os
import tarfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelinelab.errors import DiskFull, EngineError
from pipelinelab.setup import catalogue, debian, host
from pipelinelab.setup.catalogue import PREFIX, RECIPE_LABEL, DebianBase, Recipe

if TYPE_CHECKING:
    from docker import APIClient

STAGE_LABEL = "pipelinelab.stage"
WORKERS = 3
Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class ImageState:
    """How one lab image stands: "ready", "outdated" (its recipe changed) or "missing". Size in MiB."""

    recipe: Recipe
    state: str
    id: str = ""
    size_mib: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Built:
    """What became of one image, and in how many seconds: "up to date", "built", "here", "pulled", "bootstrapped"."""

    reference: str
    how: str
    seconds: float


def image_states(client: APIClient, images: Path, platform: str | None = None) -> list[ImageState]:
    """How every image of the catalogue stands, in its order."""
    return [_state(client, recipe, images, platform) for recipe in catalogue.RECIPES]


def build_images(client: APIClient, recipes: tuple[Recipe, ...], images: Path, *, rebuild: bool = False,
                 platform: str | None = None, environ: Mapping[str, str] = os.environ,
                 progress: Progress = print) -> list[Built]:  # fmt: skip
    """Build what is missing or outdated among ``recipes`` and what they stand on, a few at a time, parents first.

    Raises EngineError with the build's last lines, DiskFull, or ImageUnavailable where no Debian base is to be had.
    """
    graph = _needed(client, recipes, images, rebuild, platform)
    built = [
        Built(reference=recipe.reference, how="up to date", seconds=0.0) for recipe in recipes if recipe not in graph
    ]
    if not graph:
        return built
    work = _Work(client, images, rebuild, platform, environ, progress)
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    running: dict[Future[Built], Recipe | DebianBase] = {}
    with ThreadPoolExecutor(WORKERS) as pool:
        try:
            while sorter.is_active():
                running |= {pool.submit(work.provide, image): image for image in sorter.get_ready()}
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    built.append(future.result())
                    sorter.done(running.pop(future))
        except BaseException:
            work.stop.set()
            raise
    _remove_stages(client)
    return built


def remove_images(client: APIClient, recipes: tuple[Recipe, ...], bases: bool) -> tuple[list[str], list[str]]:
    """Remove these images under all their tags, and the Debian bases if asked; returns the tags removed, and those
    that are still in use by a container."""
    from docker.errors import APIError

    names = {PREFIX + recipe.folder for recipe in recipes} | ({f"{PREFIX}debian"} if bases else set())
    tags = sorted(
        tag for image in client.images() for tag in image["RepoTags"] or () if tag.rpartition(":")[0] in names
    )
    removed, in_use = [], []
    for tag in tags:
        try:
            client.remove_image(tag)
            removed.append(tag)
        except APIError as problem:
            if problem.status_code != 409:
                raise EngineError(f"{tag} cannot be removed: {problem.explanation}") from None
            in_use.append(tag)
    _remove_stages(client)
    return removed, in_use


def build_context(folder: Path, extra: Mapping[str, bytes]) -> bytes:
    """The folder as a tar for the engine's builder, with ``extra`` files beside the Dockerfile."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            if path.name not in catalogue.HOST_FILES:
                tar.add(path, path.relative_to(folder).as_posix(), recursive=False, filter=_as_root)
        for name, data in extra.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def host_files(environ: Mapping[str, str], pip_config: str) -> dict[str, bytes]:
    """What a build needs of this machine to reach a package index over TLS; empty where nothing is out of the usual."""
    bundle = host.ca_bundle(environ)
    variables = host.package_indexes(environ, pip_config)
    if bundle:
        variables |= host.ca_variables("/tmp/host/host.crt")
    files = {"host.env": host.shell_exports(variables).encode()} if variables else {}
    return files | ({"host.crt": bundle.read_bytes()} if bundle else {})


def _as_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = "root"
    return entry


def _state(client: APIClient, recipe: Recipe, images: Path, platform: str | None) -> ImageState:
    found = debian.inspect(client, recipe.reference)
    if found is None:
        return ImageState(recipe=recipe, state="missing")
    labels = (found.get("Config") or {}).get("Labels") or {}
    fresh = labels.get(RECIPE_LABEL) == catalogue.recipe_hash(recipe, images)
    right = debian.matches(found["Os"], found["Architecture"], platform)
    state = "ready" if fresh and right else "outdated"
    return ImageState(recipe=recipe, state=state, id=found["Id"], size_mib=found.get("Size", 0) / 2**20)


def _needed(client: APIClient, recipes: tuple[Recipe, ...], images: Path, rebuild: bool,
            platform: str | None) -> dict[Recipe | DebianBase, set[Recipe | DebianBase]]:  # fmt: skip
    """What has to be made, each with what has to be made before it."""
    ready = {state.recipe for state in image_states(client, images, platform) if state.state == "ready"}
    wanted = tuple(recipe for recipe in recipes if rebuild or recipe not in ready)
    everything = catalogue.with_parents(wanted, images)
    missing = {image for image in everything if image in wanted or image not in ready}
    graph = {image: {parent for parent in everything[image] if parent in missing} for image in missing}
    # Images of one folder share their layers, if one comes after the other.
    for earlier, later in zip(catalogue.RECIPES, catalogue.RECIPES[1:], strict=False):
        if earlier.folder == later.folder and {earlier, later} <= missing:
            graph[later].add(earlier)
    return graph


def _remove_stages(client: APIClient) -> None:
    """Remove the compilers and headers that the builds leave behind; what a container still uses stays.

    Every folder's label has its own value: two builds at once would else make two like layers, and the cache find the
    one that has no children."""
    from docker.errors import APIError

    for label in (STAGE_LABEL, RECIPE_LABEL):  # the second: what a rebuild replaced
        for image in client.images(filters={"label": label, "dangling": True}):
            try:
                client.remove_image(image["Id"])
            except APIError:
                continue


class _Work:
    """The making of one image, in a thread of its own."""

    def __init__(self, client: APIClient, images: Path, rebuild: bool, platform: str | None,
                 environ: Mapping[str, str], progress: Progress) -> None:  # fmt: skip
        self.client, self.images, self.rebuild, self.platform = client, images, rebuild, platform
        self.progress, self.stop = progress, threading.Event()
        self.fresh: set[str] = set()  # folders whose layers were made in this very run, so may be shared
        self.files = host_files(environ, host.read_pip_config())
        self.proxies = host.proxies(environ)

    def provide(self, image: Recipe | DebianBase) -> Built:
        began = time.monotonic()
        if isinstance(image, DebianBase):
            how = debian.provide(self.client, image, self.platform, lambda said: self.say(image.reference, said))
        else:
            how = "built"
            self.say(image.reference, f"building: {image.about}")
            self.build(image)
        seconds = time.monotonic() - began
        self.say(image.reference, f"{how} in {seconds:.1f} s")
        return Built(reference=image.reference, how=how, seconds=seconds)

    def say(self, reference: str, text: str) -> None:
        if not self.stop.is_set():
            self.progress(f"{reference}: {text}")

    def build(self, recipe: Recipe) -> None:
        from docker.errors import APIError

        name, digest = PREFIX + recipe.folder, catalogue.recipe_hash(recipe, self.images)
        context = io.BytesIO(build_context(self.images / recipe.folder, self.files))
        said: list[str] = []
        try:
            messages = self.client.build(
                fileobj=context, custom_context=True, tag=f"{name}:{recipe.tags[0]}", labels={RECIPE_LABEL: digest},
                buildargs={**self.proxies, **dict(recipe.arguments)}, use_config_proxy=True, platform=self.platform,
                nocache=self.rebuild and recipe.folder not in self.fresh, rm=True, forcerm=True, decode=True,
            )  # fmt: skip
            for message in messages:
                self.hear(recipe, message, said)
                if self.stop.is_set():
                    raise EngineError(f"the build of {recipe.reference} was stopped")
            self.fresh.add(recipe.folder)
            own = digest if recipe.tags[0] == "latest" else f"{recipe.tags[0]}-{digest}"
            for tag in (*recipe.tags[1:], own):
                self.client.tag(f"{name}:{recipe.tags[0]}", name, tag)
        except APIError as problem:
            raise failure(recipe, str(problem.explanation or problem), said) from None

    def hear(self, recipe: Recipe, message: Mapping[str, Any], said: list[str]) -> None:
        text = str(message.get("stream", "")).strip()
        said += text.splitlines()
        if text.startswith("Step ") and " RUN " in text:
            shown = " ".join(text.removeprefix("Step ").replace(" : ", " ", 1).split())
            self.say(recipe.reference, shown[:97] + "…" if len(shown) > 98 else shown)
        if "error" in message:
            raise failure(recipe, str(message["error"]), said)


def failure(recipe: Recipe, problem: str, said: list[str]) -> EngineError:
    """The error for a build that failed: its last lines are the hint."""
    last = "\n    ".join(said[-12:])
    if "no space left on device" in (problem + last).lower():
        return DiskFull(f"no space is left to build {recipe.reference}", "`docker system df` shows what could go")
    step = problem if len(problem) < 300 else problem[:100] + " … " + problem[-150:]
    return EngineError(f"{recipe.reference} could not be built: {step}", f"the build's last lines:\n    {last}")
