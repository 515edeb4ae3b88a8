from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelinelab.errors import PipelinelabError, UsageError
from pipelinelab.setup.catalogue import DEBIAN, RECIPES, choose, parents, recipe_hash, with_parents
from pipelinelab.setup.places import data_dir, images_dir


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return Path(shutil.copytree(images_dir({}), tmp_path / "images"))


def by_name(name: str):
    (recipe,) = choose((name,))
    return recipe


def test_every_dockerfile_is_in_the_catalogue_and_the_other_way_round() -> None:
    there = {path.parent.name for path in images_dir({}).glob("*/Dockerfile")}
    assert there == {recipe.folder for recipe in RECIPES}


def test_no_two_images_have_the_same_tag() -> None:
    tags = [(recipe.folder, tag) for recipe in RECIPES for tag in recipe.tags]
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("name", ["mysql", "pipelinelab/mysql", "mysql:latest", "pipelinelab/mysql:latest"])
def test_an_image_may_be_named_in_short_or_in_full(name: str) -> None:
    assert by_name(name).reference == "pipelinelab/mysql"


def test_a_folder_with_two_images_names_both_and_a_tag_one() -> None:
    assert [recipe.reference for recipe in choose(("python311",))] == [
        "pipelinelab/python311:django42",
        "pipelinelab/python311:django52",
    ]
    assert by_name("python311:latest").arguments == (("DJANGO", "5.2"),)


def test_an_image_that_the_lab_does_not_have_is_refused_with_those_it_has() -> None:
    with pytest.raises(UsageError, match="no image 'postgres'") as caught:
        choose(("postgres",))
    assert "python311:django42" in caught.value.hint


def test_a_dockerfile_names_what_it_stands_on_in_every_stage() -> None:
    text = "FROM pipelinelab/node AS a\nRUN true\nFROM --platform=linux/amd64 pipelinelab/base\nFROM alpine\n"
    assert parents(text) == ("pipelinelab/node", "pipelinelab/base")


def test_parents_come_before_what_stands_on_them() -> None:
    order = list(with_parents(choose(("node4",)), images_dir({})))
    assert [image.reference for image in order] == [
        "pipelinelab/debian:bookworm",
        "pipelinelab/base",
        "pipelinelab/node",
        "pipelinelab/node4",
    ]


def test_every_image_stands_on_a_debian_that_the_lab_can_provide() -> None:
    graph = with_parents(RECIPES, images_dir({}))
    assert {image for image, needed in graph.items() if not needed} == set(DEBIAN)


def test_the_hash_changes_with_a_file_its_mode_an_argument_and_a_parent(images: Path) -> None:
    before = {recipe: recipe_hash(recipe, images) for recipe in RECIPES}
    assert len(set(before.values())) == len(RECIPES)
    assert before == {recipe: recipe_hash(recipe, images) for recipe in RECIPES}
    (images / "mysql/entrypoint.sh").chmod(0o644)
    changed = {recipe.folder for recipe in RECIPES if recipe_hash(recipe, images) != before[recipe]}
    assert changed == {"mysql"}
    with (images / "node/Dockerfile").open("a") as file:
        file.write("RUN true\n")
    changed = {recipe.folder for recipe in RECIPES if recipe_hash(recipe, images) != before[recipe]}
    assert changed == {"mysql", "node", "node4"}


def test_what_the_building_machine_adds_is_not_in_the_hash(images: Path) -> None:
    before = recipe_hash(by_name("node"), images)
    (images / "node/host.crt").write_text("a company's certificate")
    assert recipe_hash(by_name("node"), images) == before


def test_an_installation_without_its_data_says_where_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(PipelinelabError, match="data is not at") as caught:
        data_dir({"PIPELINELAB_DATA": str(tmp_path)})
    assert "pip install -e ." in caught.value.hint
