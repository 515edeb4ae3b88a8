"""The house keeps its shape: who may import whom, what is public, how long a file is."""

import ast
from pathlib import Path

import pytest

import pipelinelab

ROOT = Path(pipelinelab.__file__).parent
PURE = {"model", "events", "reading", "planning", "masking", "reports", "recording", "diagnosis", "flaky", "charts"}
HANDS = {"engines", "inside", "system", "setup"}
FACES = {"notebook", "cli"}
# Hands inside pure rooms, each one file: the run folder, the public call that opens a file, the copy of what was read.
OPENERS = {
    "recording/folder.py": {"recording"},
    "reading/api.py": {"reading", "system"},
    "diagnosis/rule_cache.py": {"diagnosis"},
}
BASE = {"errors", ""}
WORLD = {"subprocess", "socket", "docker", "requests", "shutil", "tempfile", "time", "signal", "threading"}


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Rooms of pipelinelab, and top-level names of other packages, that a module imports at any depth."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{name.name}" for name in node.names}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


def rooms(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imported(path) if name.startswith("pipelinelab.")} & (
        PURE | HANDS | FACES | {"session"}
    )


def room_of(path: Path) -> str:
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else ""


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_room_may(path: Path):
    room, name = room_of(path), str(path.relative_to(ROOT))
    others = rooms(path) - {room}
    if name in OPENERS:
        assert others <= PURE | OPENERS[name]
    elif room in PURE:
        assert others <= PURE, f"the pure room {room} imports {others - PURE}"
    elif room in HANDS:
        assert others <= PURE | HANDS, f"the hand {room} imports {others - PURE - HANDS}"
    elif room == "session":
        assert others <= PURE | HANDS, f"session imports {others - PURE - HANDS}"


@pytest.mark.parametrize("path", [p for p in modules() if room_of(p) in PURE], ids=lambda p: str(p.relative_to(ROOT)))
def test_a_pure_room_touches_no_file_clock_network_or_process(path: Path):
    if str(path.relative_to(ROOT)) in OPENERS:
        return
    assert not {name.split(".")[0] for name in imported(path)} & WORLD


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_one_room_of_about_250_lines(path: Path):
    assert len(path.read_text().splitlines()) <= 300


def test_the_public_names_are_sorted_and_all_there():
    names = pipelinelab.__all__[1:]
    assert names == sorted(names)
    assert all(getattr(pipelinelab, name) is not None for name in names)


def test_heavy_libraries_are_not_imported_before_they_are_used():
    import subprocess
    import sys

    heavy = {"pandas", "matplotlib", "docker", "scipy", "yaml"}
    code = f"import sys, pipelinelab.cli; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
