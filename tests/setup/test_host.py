from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.setup.host import ca_bundle, ca_variables, package_indexes, proxies, shell_exports


def file(path: Path, text: str = "-----BEGIN CERTIFICATE-----") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT"])
def test_the_bundle_is_the_one_that_curl_requests_and_pip_go_by(tmp_path: Path, name: str) -> None:
    bundle = file(tmp_path / "company.pem")
    assert ca_bundle({name: str(bundle)}, root=tmp_path) == bundle


def test_the_labs_own_variable_wins_and_empty_means_none(tmp_path: Path) -> None:
    own, other = file(tmp_path / "own.pem"), file(tmp_path / "other.pem")
    assert ca_bundle({"SSL_CERT_FILE": str(other), "PIPELINELAB_CA_BUNDLE": str(own)}) == own
    assert ca_bundle({"SSL_CERT_FILE": str(other), "PIPELINELAB_CA_BUNDLE": ""}) is None


def test_a_variable_that_names_no_file_is_passed_over(tmp_path: Path) -> None:
    bundle = file(tmp_path / "there.pem")
    assert ca_bundle({"SSL_CERT_FILE": str(tmp_path / "gone.pem"), "PIP_CERT": str(bundle)}) == bundle


def test_the_systems_bundle_counts_only_where_somebody_added_to_it(tmp_path: Path) -> None:
    bundle = file(tmp_path / "etc/ssl/certs/ca-certificates.crt")
    (tmp_path / "usr/local/share/ca-certificates").mkdir(parents=True)
    assert ca_bundle({}, root=tmp_path) is None
    file(tmp_path / "usr/local/share/ca-certificates/company/root.crt")
    assert ca_bundle({}, root=tmp_path) == bundle


def test_a_container_is_told_of_the_bundle_in_every_tools_own_words() -> None:
    told = ca_variables("/ca.pem")
    assert set(told.values()) == {"/ca.pem"}
    assert {"SSL_CERT_FILE", "PIP_CERT", "npm_config_cafile", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO"} <= set(told)


def test_a_proxy_on_this_machine_is_not_passed_on_but_a_companys_is() -> None:
    given = {"HTTP_PROXY": "http://127.0.0.1:3128", "https_proxy": "http://proxy.example:8080",
             "no_proxy": "localhost,.example", "ALL_PROXY": "socks5://localhost:1080"}  # fmt: skip
    assert proxies(given) == {"https_proxy": "http://proxy.example:8080", "no_proxy": "localhost,.example"}


def test_a_package_index_comes_from_pips_configuration_and_the_environment_wins() -> None:
    config = "global.index-url='https://one.example/simple'\nglobal.timeout='60'\ninstall.trusted-host='one.example'\n"
    assert package_indexes({}, config) == {
        "PIP_INDEX_URL": "https://one.example/simple",
        "PIP_TRUSTED_HOST": "one.example",
    }
    found = package_indexes({"PIP_INDEX_URL": "https://two.example/simple"}, config)
    assert found["PIP_INDEX_URL"] == "https://two.example/simple"


def test_an_index_on_this_machines_disk_is_of_no_use_in_a_container() -> None:
    config = "global.extra-index-url='file:///srv/simple\\nhttps://more.example/simple'\n"
    assert package_indexes({}, config) == {"PIP_EXTRA_INDEX_URL": "https://more.example/simple"}
    assert package_indexes({"PIP_EXTRA_INDEX_URL": "file:///srv/simple"}) == {}


@given(st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), max_size=40))
def test_a_shell_reads_every_value_back_as_it_was(value: str) -> None:
    script = shell_exports({"VALUE": value}) + 'printf %s "$VALUE"'
    said = subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout
    assert said.decode() == value
