"""A module that Python does not find is added to what the step installs, where its distribution is well known."""

import pytest
from curing import FILE, cured, cures, step

ENTRY = {"kind": "add-requirement", "module": "{module}"}
SCRIPT = ("pip install -r requirements.txt", "python manage.py test")


@pytest.mark.parametrize(
    ("module", "line"),
    [("environ", "django-environ"), ("rest_framework.views", "djangorestframework"), ("requests", "requests")],
)
def test_its_distribution_is_added_to_the_file_that_the_step_installs(module: str, line: str) -> None:
    files = {FILE: step(*SCRIPT), "requirements.txt": "django==4.2\n"}
    assert cured(ENTRY, *SCRIPT, files=files, module=module) == {"requirements.txt": [line]}


def test_the_file_is_the_one_of_the_folder_that_the_script_is_in() -> None:
    script = ("cd backend && pip install -r requirements/test.txt", "python manage.py test")
    files = {FILE: step(*script), "requirements/test.txt": "django\n", "backend/requirements/test.txt": "django"}
    (cure,) = cures(ENTRY, *script, files=files, module="environ")
    assert [edit.path for edit in cure.edits] == ["backend/requirements/test.txt"]
    assert cure.edits[0].after == "django\ndjango-environ\n"
    assert cure.title == "Add django-environ, which has environ, to backend/requirements/test.txt"


@pytest.mark.parametrize("text", ["Django-Environ>=0.9\n", "psycopg2==2.9\n", "django_environ\n"])
def test_nothing_is_added_that_the_file_names_already(text: str) -> None:
    module = "psycopg2" if "psycopg2" in text else "environ"
    files = {FILE: step(*SCRIPT), "requirements.txt": text}
    assert cures(ENTRY, *SCRIPT, files=files, module=module) == ()


def test_a_module_of_an_unknown_distribution_is_not_guessed() -> None:
    files = {FILE: step(*SCRIPT), "requirements.txt": "django\n"}
    assert cures(ENTRY, *SCRIPT, files=files, module="acme_billing") == ()


def test_without_the_projects_files_it_is_advice() -> None:
    (cure,) = cures(ENTRY, *SCRIPT, module="yaml")
    assert cure.title == "Add PyYAML to what the step installs: python -m pip install PyYAML" and not cure.diff
