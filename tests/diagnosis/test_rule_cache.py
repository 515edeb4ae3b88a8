"""What was read from the rule files is kept, until one of them changes."""

import os
from pathlib import Path

import pytest

from pipelinelab.diagnosis.rule_cache import kept


class Reader:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> dict[str, int]:
        self.times += 1
        return {"read": self.times}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "a.yml").write_text("family: x\n")
    (tmp_path / "rulebook.py").write_text("")
    return rules


def test_files_that_have_not_changed_are_read_once(folder: Path) -> None:
    read = Reader()
    assert [kept(folder, read) for _ in range(3)] == [{"read": 1}] * 3
    assert [path.name for path in (folder / "__pycache__").iterdir()] == ["rules.json"]


@pytest.mark.parametrize("name", ["a.yml", "b.yml", "deeper/c.yml", "../rulebook.py"])
def test_a_file_that_changes_or_comes_is_seen(folder: Path, name: str) -> None:
    read = Reader()
    kept(folder, read)
    changed = folder / name
    changed.parent.mkdir(exist_ok=True)
    changed.write_text("family: y\n")
    os.utime(changed, ns=(1, 1))
    assert kept(folder, read) == {"read": 2}


@pytest.mark.parametrize("copy", [b"", b"{", b"[]", b"\xff", b'{"stamp": 1}'])
def test_a_broken_copy_is_made_anew(folder: Path, copy: bytes) -> None:
    read = Reader()
    kept(folder, read)
    (folder / "__pycache__/rules.json").write_bytes(copy)
    assert kept(folder, read) == {"read": 2} and kept(folder, read) == {"read": 2}


def test_where_nothing_can_be_written_the_rules_are_read_each_time(folder: Path) -> None:
    (folder / "__pycache__").write_text("a file in its place")
    read = Reader()
    assert [kept(folder, read) for _ in range(2)] == [{"read": 1}, {"read": 2}]
