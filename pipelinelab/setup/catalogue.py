"""The lab's images: which there are, what each is built from, and the hash that says whether one is up to date."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from pipelinelab.errors import UsageError

PREFIX = "pipelinelab/"
RECIPE_LABEL = "pipelinelab.recipe"
HOST_FILES = ("host.env", "host.crt")


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One image: the folder under data/images, the tags beside its hash, and the build arguments."""

    folder: str
    tags: tuple[str, ...] = ("latest",)
    arguments: tuple[tuple[str, str], ...] = ()
    about: str = ""

    @property
    def reference(self) -> str:
        """What a pipeline or pipelinelab.toml would call it; the tag ``latest`` goes without saying."""
        return PREFIX + self.folder + ("" if self.tags[0] == "latest" else f":{self.tags[0]}")


@dataclass(frozen=True, kw_only=True)
class DebianBase:
    """A Debian that is pulled as ``pulled``, or bootstrapped from the package mirror where no registry answers."""

    suite: str

    @property
    def reference(self) -> str:
        return f"{PREFIX}debian:{self.suite}"

    @property
    def pulled(self) -> str:
        return f"debian:{self.suite}-slim"


DEBIAN = (DebianBase(suite="bookworm"), DebianBase(suite="bullseye"))

RECIPES = (
    Recipe(folder="base", about="Debian 12 with git, curl and procps"),
    Recipe(folder="python27", about="Python 2.7, Django 1.8.19, mysqlclient 1.4.6"),
    Recipe(folder="python311", tags=("django42",), arguments=(("DJANGO", "4.2"),), about="Python 3.11, Django 4.2"),
    Recipe(folder="python311", tags=("django52", "latest"), arguments=(("DJANGO", "5.2"),),
           about="Python 3.11, Django 5.2"),
    Recipe(folder="mysql", about="MariaDB 10.11 as the official mysql image behaves, latin1_swedish_ci"),
    Recipe(folder="node", about="Node.js 22 with npm"),
    Recipe(folder="node4", about="Node.js 4.6.0 with npm 2.15.9"),
)  # fmt: skip


def choose(names: tuple[str, ...]) -> tuple[Recipe, ...]:
    """The recipes that ``names`` mean ("mysql", "python311:django42", with or without "pipelinelab/"); all for none.

    Raises UsageError for a name that no image has.
    """
    chosen: list[Recipe] = []
    for name in names:
        bare, _, tag = name.removeprefix(PREFIX).partition(":")
        found = [recipe for recipe in RECIPES if recipe.folder == bare and (not tag or tag in recipe.tags)]
        if not found:
            known = ", ".join(recipe.reference.removeprefix(PREFIX) for recipe in RECIPES)
            raise UsageError(f"the lab has no image {name!r}", f"it has {known}")
        chosen += [recipe for recipe in found if recipe not in chosen]
    return tuple(chosen) if names else RECIPES


def parents(dockerfile: str) -> tuple[str, ...]:
    """The lab's own images that a Dockerfile is FROM, each once, in order."""
    named = re.findall(rf"^FROM\s+(?:--\S+\s+)*({PREFIX}\S+)", dockerfile, re.MULTILINE | re.IGNORECASE)
    return tuple(dict.fromkeys(named))


def parent_recipe(reference: str) -> Recipe | DebianBase:
    """Who makes ``reference``, as it stands behind a FROM. Raises UsageError where nobody does."""
    for base in DEBIAN:
        if base.reference == reference:
            return base
    folder, _, tag = reference.removeprefix(PREFIX).partition(":")
    for recipe in RECIPES:
        if recipe.folder == folder and (tag or "latest") in recipe.tags:
            return recipe
    raise UsageError(f"a Dockerfile is FROM {reference}, which is no image of the lab")


def with_parents(
    recipes: tuple[Recipe, ...], images: Path
) -> dict[Recipe | DebianBase, tuple[Recipe | DebianBase, ...]]:
    """Every image that is needed for ``recipes``, each with those it is built from; parents come first."""
    graph: dict[Recipe | DebianBase, tuple[Recipe | DebianBase, ...]] = {}

    def add(image: Recipe | DebianBase) -> None:
        if image in graph:
            return
        needed: tuple[Recipe | DebianBase, ...] = ()
        if isinstance(image, Recipe):
            text = (images / image.folder / "Dockerfile").read_text("utf-8")
            needed = tuple(parent_recipe(reference) for reference in parents(text))
        for parent in needed:
            add(parent)
        graph[image] = needed

    for recipe in recipes:
        add(recipe)
    return graph


def recipe_hash(recipe: Recipe, images: Path) -> str:
    """Twelve hex digits over the files, the arguments and the parents' own hashes: what the image is made of.

    What the building machine adds (its CA bundle, its package index) is not in it.
    """
    digest = hashlib.sha256()
    folder = images / recipe.folder
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in HOST_FILES):
        executable = bool(path.stat().st_mode & 0o100)
        digest.update(f"{path.relative_to(folder).as_posix()}\0{executable:d}\0".encode() + path.read_bytes() + b"\0")
    digest.update(repr(recipe.arguments).encode())
    for reference in parents((folder / "Dockerfile").read_text("utf-8")):
        parent = parent_recipe(reference)
        digest.update((recipe_hash(parent, images) if isinstance(parent, Recipe) else reference).encode())
    return digest.hexdigest()[:12]
