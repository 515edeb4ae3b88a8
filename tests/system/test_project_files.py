"""Which files of a project cures may be diffs against: few, and those that a failing step may have read."""

from pathlib import Path

import pytest

from pipelinelab.system.project_files import project_files

PIPELINES = "pipelines:\n  default:\n    - step:\n        script:\n          - cd tools && python load.py --all\n"


@pytest.mark.parametrize(
    ("path", "text", "known"),
    [
        ("tools/load.py", "print(1)\n", True),
        ("tools/other.py", "print(1)\n", False),
        ("shop/settings/ci.py", "from .base import *\n", True),
        ("shop/settings/names.py", "A = 1\n", False),
        ("shop/settings.py", "DATABASES = {}\n", True),
        ("app.ini", "[db]\nhost = localhost\n", True),
        ("conf/app.toml", '[db]\ndb_host = "db"\n', True),
        ("app.toml", "[project]\nname = 'x'\n", False),
        ("pytest.ini", "[pytest]\nDJANGO_SETTINGS_MODULE = shop.ci\n", True),
        ("requirements-dev.txt", "flake8\n", True),
        ("node_modules/a/app.ini", "host = a\n", False),
    ],
)
def test_a_file_is_read_where_a_cure_may_change_it(tmp_path: Path, path: str, text: str, known: bool) -> None:
    for name, content in {"bitbucket-pipelines.yml": PIPELINES, path: text}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    assert (path in project_files(tmp_path).texts) is known


def test_the_programs_are_those_of_the_pipelines_file_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "load.py").write_text("print(1)\n")
    (tmp_path / "other.yml").write_text(PIPELINES)
    assert "load.py" in project_files(tmp_path, tmp_path / "other.yml").texts
    assert "load.py" not in project_files(tmp_path).texts
