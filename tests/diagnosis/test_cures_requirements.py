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


PROGRAM = {"kind": "install-requirements", "name": "{program}"}
DEV = {"requirements.txt": "attrs\n", "requirements-dev.txt": "flake8==7.0\npytest\n"}


@pytest.mark.parametrize(
    ("script", "line"),
    [
        (("pip install -r requirements.txt", "flake8"), "pip install -r requirements.txt -r requirements-dev.txt"),
        (
            ("pip install -r requirements.txt black", "flake8"),
            "pip install -r requirements.txt -r requirements-dev.txt black",
        ),
        (
            ("'pip install -q -r requirements.txt'", "flake8"),
            "'pip install -q -r requirements.txt -r requirements-dev.txt'",
        ),
        (("make", "flake8 a.py"), "python -m pip install -r requirements-dev.txt"),
        (("cd src", "flake8 ."), "python -m pip install -r ../requirements-dev.txt"),
    ],
)
def test_the_requirements_that_have_the_missing_program_are_installed_too(script: tuple[str, ...], line: str) -> None:
    files = {FILE: step(*script), **DEV}
    said = tuple(one.strip("'") for one in script)
    assert cured(PROGRAM, *said, files=files, program="flake8") == {FILE: [f"- {line}"]}


def test_a_module_of_requirements_that_are_left_out_is_not_written_into_the_others() -> None:
    script = ("pip install -r requirements.txt", "python -m pytest")
    files = {FILE: step(*script), **DEV}
    entry = {"kind": "install-requirements", "name": "{module}"}
    line = "- pip install -r requirements.txt -r requirements-dev.txt"
    assert cured(entry, *script, files=files, module="pytest") == {FILE: [line]}
    assert cures(ENTRY, *script, files=files, module="pytest") == ()


@pytest.mark.parametrize(
    "more",
    [
        {"requirements.txt": "-r requirements-dev.txt\n"},
        {"requirements.txt": "flake8\n"},
        {"requirements/test.txt": "flake8\n"},
        {"requirements-dev.txt": "flake8-bugbear\n"},
    ],
)
def test_requirements_that_are_installed_or_that_several_files_have_are_left_alone(more: dict[str, str]) -> None:
    script = ("pip install -r requirements.txt", "flake8")
    assert cures(PROGRAM, *script, files={FILE: step(*script), **DEV, **more}, program="flake8") == ()


def test_without_the_projects_files_nothing_is_said_of_requirements_that_there_may_be() -> None:
    assert cures({**PROGRAM, "title": "Install them"}, "curl x", program="curl") == ()
