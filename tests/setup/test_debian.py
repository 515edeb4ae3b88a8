from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from docker.errors import APIError, ImageNotFound

from pipelinelab.errors import ImageUnavailable
from pipelinelab.setup import debian
from pipelinelab.setup.catalogue import DEBIAN, DebianBase

BOOKWORM = DEBIAN[0]


class Engine:
    """Images by name, and a registry that may answer."""

    def __init__(self, *there: str, registry: bool = False) -> None:
        self.there = {name: {"Id": name, "Os": "linux", "Architecture": "amd64"} for name in there}
        self.registry = registry
        self.imported: dict[str, bytes] = {}

    def inspect_image(self, reference: str) -> dict[str, Any]:
        if reference not in self.there:
            raise ImageNotFound(reference)
        return self.there[reference]

    def pull(self, repository: str, tag: str, platform: str | None = None) -> None:
        if not self.registry:
            raise APIError("no route", explanation="dial tcp: no such host")
        self.there[f"{repository}:{tag}"] = {"Id": "pulled", "Os": "linux", "Architecture": "amd64"}

    def tag(self, image: str, repository: str, tag: str) -> None:
        self.there[f"{repository}:{tag}"] = self.there[image]

    def import_image_from_file(self, file: str, repository: str, tag: str, changes: list[str]) -> None:
        self.imported[f"{repository}:{tag}"] = Path(file).read_bytes()


@pytest.fixture
def mmdebstrap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An mmdebstrap on PATH that knows one mirror, and writes down how it was called."""
    program = tmp_path / "mmdebstrap"
    program.write_text(
        '#!/bin/sh\nprintf "%s\\n" "$@" >> "$0.log"\n'
        'case "$*" in *good.example*) ;; *) echo "E: no Release file" >&2; exit 25 ;; esac\n'
        'for last; do tar=$before; before=$last; done\nprintf root > "$tar"\n'
    )
    program.chmod(0o755)
    for name, said in (("apt-config", ""), ("apt-get", ""), ("dpkg", "amd64")):
        (tmp_path / name).write_text(f'#!/bin/sh\nprintf "{said}"\n')
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin:/bin")
    return program


def provide(engine: Engine, base: DebianBase = BOOKWORM, platform: str | None = None) -> tuple[str, list[str]]:
    said: list[str] = []
    return debian.provide(engine, base, platform, said.append), said


def test_a_debian_that_is_here_is_used_whatever_its_name() -> None:
    assert provide(Engine(BOOKWORM.reference))[0] == "here"
    engine = Engine("debian:bookworm-slim")
    assert provide(engine)[0] == "here"
    assert BOOKWORM.reference in engine.there


def test_where_a_registry_answers_debian_is_pulled() -> None:
    engine = Engine(registry=True)
    assert provide(engine)[0] == "pulled"
    assert engine.there[BOOKWORM.reference]["Id"] == "pulled"


def test_where_none_does_debian_is_bootstrapped_and_the_reason_said(mmdebstrap: Path, monkeypatch) -> None:
    monkeypatch.setattr(debian, "MIRRORS", ("http://bad.example/debian", "http://good.example/debian"))
    engine = Engine()
    how, said = provide(engine)
    assert how == "bootstrapped"
    assert engine.imported == {BOOKWORM.reference: b"root"}
    assert "no such host" in said[0]
    assert said[1] == "http://bad.example/debian does not give Debian bookworm: E: no Release file"


def test_where_nothing_gives_it_the_error_names_the_suite_and_the_reason(mmdebstrap: Path, monkeypatch) -> None:
    monkeypatch.setattr(debian, "MIRRORS", ("http://bad.example/debian",))
    with pytest.raises(ImageUnavailable, match="Debian bookworm could not be bootstrapped: E: no Release file"):
        provide(Engine())


def test_without_registry_and_mmdebstrap_the_error_says_what_would_help(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ImageUnavailable, match="debian:bookworm-slim cannot be pulled") as caught:
        provide(Engine())
    assert "doctor --fix" in caught.value.hint


def test_another_machines_platform_is_never_bootstrapped(mmdebstrap: Path) -> None:
    with pytest.raises(ImageUnavailable, match="linux/arm64 cannot be bootstrapped"):
        provide(Engine(), platform="linux/arm64")


def test_this_machines_mirror_is_the_one_that_apt_uses_for_debian() -> None:
    targets = (
        "https://packages.example/node nodistro main\n"
        "http://mirror.example/debian/ bookworm main\n"
        "http://mirror.example/debian/ bookworm-updates main\n"
        "http://mirror.example/debian-security/ bookworm-security main\n"
        "http://ubuntu.example/ubuntu/ noble main\n"
    )
    assert debian.debian_mirrors(targets) == ("http://mirror.example/debian",)


def test_what_apt_here_needs_to_reach_the_mirror_is_taken_over_and_nothing_else() -> None:
    dump = (
        'Acquire::Check-Valid-Until "false";\nAcquire::http::Proxy "http://proxy.example:3142";\n'
        'Acquire::Languages "none";\nAPT::Architecture "amd64";\n'
    )
    options = debian.apt_options(dump)
    assert options == {"Acquire::Check-Valid-Until": "false", "Acquire::http::Proxy": "http://proxy.example:3142"}
    argv = debian.command("bookworm", "http://mirror.example/debian", "/tmp/root.tar", options)
    assert '--aptopt=Acquire::Check-Valid-Until "false"' in argv
    assert argv[-3:] == ["bookworm", "/tmp/root.tar", "deb http://mirror.example/debian bookworm main"]


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [(None, True), ("linux/arm64", True), ("linux/arm64/v8", True), ("linux/amd64", False), ("windows/arm64", False)],
)
def test_a_platform_is_the_system_and_the_architecture(wanted: str | None, matches: bool) -> None:
    assert debian.matches("linux", "arm64", wanted) is matches
