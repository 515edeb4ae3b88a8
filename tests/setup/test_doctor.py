from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from docker.errors import ImageNotFound

from pipelinelab.cli.doctor_command import command
from pipelinelab.errors import EngineUnavailable
from pipelinelab.setup import doctor, install
from pipelinelab.setup.catalogue import RECIPE_LABEL, RECIPES, recipe_hash
from pipelinelab.setup.doctor import Check, examine, healthy
from pipelinelab.setup.places import images_dir

INFO = {"ServerVersion": "24.0.7", "Driver": "overlay2", "CgroupVersion": "2", "CgroupDriver": "systemd", "NCPU": 8,
        "MemTotal": 16 * 2**30, "MemoryLimit": True, "OSType": "linux", "Architecture": "x86_64",
        "DockerRootDir": "/nowhere"}  # fmt: skip


class Engine:
    api_version = "1.43"

    def __init__(self, images: bool = True, **info: Any) -> None:
        self.facts, self.has_images = INFO | info, images

    def info(self) -> dict[str, Any]:
        return self.facts

    def inspect_image(self, reference: str) -> dict[str, Any]:
        if not self.has_images:
            raise ImageNotFound(reference)
        (recipe,) = [recipe for recipe in RECIPES if recipe.reference == reference]
        labels = {RECIPE_LABEL: recipe_hash(recipe, images_dir({}))}
        return {"Id": "id", "Os": "linux", "Architecture": "amd64", "Config": {"Labels": labels}}

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None: ...


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch):
    def use(**facts: Any) -> dict[str, Check]:
        monkeypatch.setattr(doctor, "connect", lambda environ: Engine(**facts))
        return {check.name: check for check in examine({"DOCKER_HOST": "unix:///engine.sock"})}

    return use


def without_engine(monkeypatch: pytest.MonkeyPatch, message: str = "Docker is not installed") -> None:
    def refuse(environ: object) -> None:
        raise EngineUnavailable(message, "install it")

    for module in (doctor, install):
        monkeypatch.setattr(module, "connect", refuse)


def test_a_machine_with_everything_is_healthy(engine) -> None:
    checks = engine()
    assert healthy(list(checks.values()))
    assert checks["daemon"].said == "Docker 24.0.7, API 1.43, at unix:///engine.sock (DOCKER_HOST)"
    assert checks["cgroups"].said == "version 2, systemd"
    assert checks["containers"].said == "linux/amd64, 8 CPUs, 16.0 GiB"


def test_images_that_are_missing_are_named_with_the_command_that_builds_them(engine) -> None:
    check = engine(images=False)["images"]
    assert (check.ok, check.todo) == (False, "pipelinelab images build")
    assert "pipelinelab/mysql missing" in check.said


def test_a_slow_storage_driver_is_a_note_and_not_a_failure(engine) -> None:
    checks = engine(Driver="vfs")
    assert not checks["storage"].ok
    assert healthy(list(checks.values()))


def test_a_kernel_without_memory_limits_is_said(engine) -> None:
    assert "no memory limits" in engine(MemoryLimit=False)["cgroups"].said


def test_windows_containers_cannot_run_a_pipeline(engine) -> None:
    assert "Linux containers" in engine(OSType="windows")["containers"].todo


def test_without_an_engine_the_rest_is_examined_all_the_same(monkeypatch) -> None:
    without_engine(monkeypatch)
    checks = {check.name: check for check in examine({})}
    assert not checks["daemon"].ok
    assert checks["daemon"].todo
    assert {"git", "CA bundle", "jupyter"} <= set(checks)
    assert not healthy(list(checks.values()))


def test_the_doctor_exits_with_1_where_something_is_missing_and_its_json_says_what(monkeypatch) -> None:
    without_engine(monkeypatch)
    result = CliRunner().invoke(command, ["--json"], standalone_mode=False)
    assert result.return_value == 1
    (daemon,) = [check for check in json.loads(result.stdout) if check["name"] == "daemon"]
    assert daemon["said"] == "Docker is not installed"


def os_release(root: Path, text: str) -> Path:
    (root / "etc").mkdir()
    (root / "etc/os-release").write_text(text)
    return root


@pytest.mark.parametrize("text", ['ID=debian\nVERSION_ID="12"', 'ID=linuxmint\nID_LIKE="ubuntu debian"'])
def test_debian_and_its_children_are_told_by_os_release(tmp_path: Path, monkeypatch, text: str) -> None:
    monkeypatch.setattr(install.shutil, "which", lambda name: f"/usr/bin/{name}")
    assert install.is_debian(os_release(tmp_path, text))


def test_root_on_debian_may_install_and_an_ordinary_user_is_told_to_use_sudo(tmp_path: Path, monkeypatch) -> None:
    root = os_release(tmp_path, "ID=debian")
    monkeypatch.setattr(install.platform, "system", lambda: "Linux")
    monkeypatch.setattr(install.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(install.os, "geteuid", lambda: 0)
    assert install.can_install({}, root) == ""
    monkeypatch.setattr(install.os, "geteuid", lambda: 1000)
    assert "sudo pipelinelab doctor --fix" in install.can_install({}, root)


@pytest.mark.parametrize(("system", "says"), [("Darwin", "Docker Desktop"), ("Windows", "Docker Desktop")])
def test_where_docker_desktop_is_the_way_it_is_named(monkeypatch, system: str, says: str) -> None:
    monkeypatch.setattr(install.platform, "system", lambda: system)
    assert says in install.can_install({})


def test_fix_never_installs_beside_an_engine_that_docker_host_names(monkeypatch) -> None:
    without_engine(monkeypatch, "no Docker engine at tcp://build:2375")
    monkeypatch.setattr(install.subprocess, "run", lambda *_, **__: pytest.fail("nothing may be run"))
    with pytest.raises(EngineUnavailable, match="tcp://build:2375") as caught:
        install.provide_engine({"DOCKER_HOST": "tcp://build:2375"}, print)
    assert "DOCKER_HOST" in caught.value.hint


def test_a_pid_file_of_another_program_does_not_keep_the_daemon_from_starting(tmp_path: Path, monkeypatch) -> None:
    pid_file = tmp_path / "docker.pid"
    pid_file.write_text("1")
    monkeypatch.setattr(install, "PID_FILE", pid_file)
    assert not install._daemon_is_starting()
    assert not pid_file.exists()


def test_a_killed_daemon_that_nobody_has_reaped_is_not_taken_for_one_that_is_starting(tmp_path, monkeypatch) -> None:
    program = tmp_path / "dockerd"
    program.symlink_to(shutil.which("sleep") or "/bin/sleep")
    daemon = subprocess.Popen([program, "60"])
    try:
        pid_file = tmp_path / "docker.pid"
        pid_file.write_text(str(daemon.pid))
        monkeypatch.setattr(install, "PID_FILE", pid_file)
        assert install._daemon_is_starting()
        daemon.kill()
        os.waitid(os.P_PID, daemon.pid, os.WEXITED | os.WNOWAIT)  # dead, and left a zombie
        assert Path(f"/proc/{daemon.pid}").exists()
        assert not install._daemon_is_starting()
        assert not pid_file.exists()
    finally:
        daemon.kill()
        daemon.wait()


def test_a_daemon_that_ends_at_once_is_quoted(tmp_path: Path, monkeypatch) -> None:
    without_engine(monkeypatch)
    program = tmp_path / "dockerd"
    program.write_text('#!/bin/sh\necho "failed to start daemon: no such device" >&2\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(install, "LOG", tmp_path / "dockerd.log")
    monkeypatch.setattr(install, "PID_FILE", tmp_path / "docker.pid")
    monkeypatch.setattr(install, "_mount_cgroups", lambda: None)
    monkeypatch.setattr(install, "has_systemd", lambda: False)
    with pytest.raises(EngineUnavailable, match="the Docker daemon ended: failed to start daemon: no such device"):
        install.start({}, lambda text: None)
