from __future__ import annotations

import hashlib
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pipelinelab.errors import EngineUnavailable
from pipelinelab.setup.connect import agreed_version, connect
from pipelinelab.setup.endpoint import find_endpoint


def with_context(home: Path, name: str, host: str, *, current: bool = True) -> dict[str, str]:
    key = hashlib.sha256(name.encode()).hexdigest()
    meta = home / ".docker/contexts/meta" / key
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": host}}}))
    if current:
        (home / ".docker/config.json").write_text(json.dumps({"currentContext": name}))
    return {"HOME": str(home)}


def refusal(environ: dict[str, str]) -> EngineUnavailable:
    with pytest.raises(EngineUnavailable) as caught:
        connect(environ)
    assert "\n" not in str(caught.value)
    assert caught.value.hint
    return caught.value


def test_docker_host_wins_over_the_context(tmp_path: Path) -> None:
    environ = with_context(tmp_path, "colima", "unix:///colima.sock") | {"DOCKER_HOST": "tcp://build:2375"}
    assert (find_endpoint(environ).host, find_endpoint(environ).source) == ("tcp://build:2375", "DOCKER_HOST")


def test_the_current_context_is_the_one_in_dockers_configuration(tmp_path: Path) -> None:
    endpoint = find_endpoint(with_context(tmp_path, "desktop-linux", "unix:///desktop.sock"))
    assert (endpoint.host, endpoint.source) == ("unix:///desktop.sock", "context desktop-linux")


def test_docker_context_wins_over_the_configuration(tmp_path: Path) -> None:
    with_context(tmp_path, "one", "unix:///one.sock")
    environ = with_context(tmp_path, "two", "unix:///two.sock", current=False) | {"DOCKER_CONTEXT": "two"}
    assert find_endpoint(environ).host == "unix:///two.sock"


def test_docker_config_says_where_the_contexts_are(tmp_path: Path) -> None:
    with_context(tmp_path, "work", "unix:///work.sock")
    assert find_endpoint({"DOCKER_CONFIG": str(tmp_path / ".docker"), "HOME": "/nowhere"}).host == "unix:///work.sock"


def test_the_default_context_is_the_default_socket(tmp_path: Path) -> None:
    endpoint = find_endpoint({"HOME": str(tmp_path), "DOCKER_CONTEXT": "default"})
    assert (endpoint.host, endpoint.source) == ("unix:///var/run/docker.sock", "default")


def test_a_context_that_is_not_there_is_named() -> None:
    assert "'nowhere' does not exist" in str(refusal({"DOCKER_CONTEXT": "nowhere"}))


def test_tls_files_come_from_the_certificate_folder(tmp_path: Path) -> None:
    environ = {"DOCKER_HOST": "tcp://build:2376", "DOCKER_CERT_PATH": str(tmp_path), "DOCKER_TLS_VERIFY": "1"}
    endpoint = find_endpoint(environ)
    assert (endpoint.tls_dir, endpoint.tls_verify) == (tmp_path, True)
    assert "no TLS connection" in str(refusal(environ))


def test_a_daemon_that_is_down_is_told_from_a_docker_that_is_not_installed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("pipelinelab.setup.endpoint.DEFAULT_SOCKET", str(tmp_path / "docker.sock"))
    assert str(refusal({"HOME": str(tmp_path), "PATH": str(tmp_path)})) == "Docker is not installed"
    client = tmp_path / "docker"
    client.write_text("#!/bin/sh\n")
    client.chmod(0o755)
    assert "daemon is not running" in str(refusal({"HOME": str(tmp_path), "PATH": str(tmp_path)}))


def test_a_socket_that_nobody_listens_at_is_a_daemon_that_is_down(tmp_path: Path) -> None:
    path = tmp_path / "docker.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
    assert "daemon is not running" in str(refusal({"DOCKER_HOST": f"unix://{path}"}))


def test_a_socket_without_permission_says_how_to_get_it(tmp_path: Path, monkeypatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    problem = refusal({"DOCKER_HOST": f"unix://{tmp_path}/docker.sock"})
    assert "no permission" in str(problem)
    assert "usermod -aG docker" in problem.hint


@pytest.mark.parametrize("host", ["gopher://engine", "build:2375:extra", "tcp://"])
def test_a_docker_host_that_is_no_address_shows_what_one_looks_like(host: str) -> None:
    assert "unix:///var/run/docker.sock" in refusal({"DOCKER_HOST": host}).hint


def test_a_host_that_refuses_names_docker_host_as_the_thing_to_correct() -> None:
    problem = refusal({"DOCKER_HOST": "tcp://127.0.0.1:1"})
    assert "tcp://127.0.0.1:1 (DOCKER_HOST)" in str(problem)
    assert "DOCKER_HOST" in problem.hint


def test_a_web_server_is_not_taken_for_an_engine() -> None:
    class Web(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"{}"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Web) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        problem = refusal({"DOCKER_HOST": f"tcp://127.0.0.1:{server.server_address[1]}"})
        server.shutdown()
    assert "not a Docker engine" in str(problem)


@pytest.mark.parametrize(
    ("newest", "oldest", "spoken"),
    [("1.41", "1.12", "1.41"), ("1.44", "1.24", "1.44"), ("1.52", "1.44", "1.45"), ("1.60", "1.50", "1.50")],
)
def test_the_newest_version_that_both_know_is_spoken(newest: str, oldest: str, spoken: str) -> None:
    assert agreed_version({"ApiVersion": newest, "MinAPIVersion": oldest}) == spoken


def test_an_engine_before_20_10_is_too_old() -> None:
    with pytest.raises(EngineUnavailable, match=r"19\.03\.15 .*too old.*20\.10"):
        agreed_version({"Version": "19.03.15", "ApiVersion": "1.40"})
