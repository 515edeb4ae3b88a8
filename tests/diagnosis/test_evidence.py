"""The right cause first on every recorded output, and none on green ones; lines as people marked them.

The recordings' own "# …" lines say how they were made and are taken out: a reader of logs must not lean on them."""

import re
from pathlib import Path

import pytest

from pipelinelab.diagnosis import diagnose
from pipelinelab.diagnosis.compare import unseen
from pipelinelab.recording.bitbucket_log import parse_log

EVIDENCE = Path(__file__).parents[2] / "../shared/evidence"
needed = pytest.mark.skipif(not EVIDENCE.exists(), reason="the recorded evidence is not here")

LOGS: dict[str, str | None] = {
    "cat_apt_nopkg": "apt-package",
    "cat_crlf": "crlf",
    "cat_crlf_env": "crlf",
    "cat_curl_refused": "network-refused",
    "cat_detached": "git-detached",
    "cat_dns": "command-not-found",
    "cat_dubious": "git-ownership",
    "cat_gitauth": "git-unreachable",
    "cat_jsonyaml": "json-invalid",
    "cat_locale": None,
    "cat_make_tabs": "make-separator",
    "cat_nocmd": "docker-executable-missing",
    "cat_nodaemon": "docker-daemon-missing",
    "cat_node_heap": "node-heap-option",
    "cat_node_module": "node-module-missing",
    "cat_nodocker": "docker-client-missing",
    "cat_noidentity": "git-identity",
    "cat_notfound127": "command-not-found",
    "cat_npm_ci_mismatch": "npm-ci-lock",
    "cat_npm_engine": "npm-engine",
    "cat_npm_eresolve": "npm-eresolve",
    "cat_npm_missing_script": "npm-missing-script",
    "cat_oom": None,
    "cat_pip_externally": "pip-externally-managed",
    "cat_pip_offline": "dns-failure",
    "cat_piped_false": None,
    "cat_port": "port-in-use",
    "cat_psql_refused": "postgres-refused",
    "cat_pull_noregistry": "dns-failure",
    "cat_python2": "command-not-found",
    "cat_python_mod": "python-module-missing",
    "cat_refused_pg": "network-refused",
    "cat_shallow": "git-shallow",
    "cat_ssh_hostkey": "ssh-host-key",
    "cat_sudo": "command-not-found",
    "cat_yaml_errors": "yaml-syntax",
    "d18_e2_host_localhost": "mysql-socket",
    "d18_e2b_1044": "django-test-database-denied",
    "d18_e3_hang": "django-test-database-hang",
    "d18_e3_keepdb": None,
    "d18_e3_prompt": "django-test-database-prompt",
    "d18_e4_fix": None,
    "d18_e4_leak": "django-test-leak",
    "d18_e5": "mysql-charset",
    "e2_cli_127_refused": "mysql-refused-command-port",
    "e2_cli_localhost": "mysql-socket",
    "e2_mysql97_cli": "mysql-socket",
    "e2_mysqlclient_host_127_wrongport": "mysql-refused",
    "e2_mysqlclient_host_empty": "mysql-socket",
    "e2_mysqlclient_host_localhost": "mysql-socket",
    "e2_pymysql_host_empty": "django-test-database-denied",
    "e2_pymysql_refused": "mysql-refused",
    "e2b_1044_default_testname": "django-test-database-denied",
    "e2b_1044_keepdb": "django-test-database-denied",
    "e3_after_noinput_second_run": None,
    "e3_fix_keepdb": None,
    "e3_fix_noinput": None,
    "e3_hang_dj42": "django-test-database-prompt",
    "e3_prompt_devnull": "django-test-database-prompt",
    "e3_prompt_no": "django-test-database-prompt",
    "e3_prompt_silent_hang": "django-test-database-prompt",
    "e3_yes": None,
    "e4_fix_flush": None,
    "e4_leak": "django-test-leak",
    "e5_TEST_CHARSET_keepdb_ignored": "mysql-charset",
    "e5_TEST_CHARSET_noinput_ok": "mysql-charset",
    "e5_alter_db_too_late": "mysql-charset",
    "e5_before_convert": "mysql-charset",
    "e5_fix_convert_tables": None,
    "e5_fix_utf8mb4": "mysql-charset",
    "e5_fix_utf8mb4_and_options_charset": None,
    "e5_latin1_mysqlclient": "mysql-charset",
    "e5_latin1_pymysql": "mysql-charset",
    "err_1045_badpw": "mysql-access-denied",
    "err_1045_badpw_migrate": "mysql-no-password",
    "mariadb1011_misc_errors": "mysql-key-too-long",
    "mariadb_1071_150": "mysql-foreign-key",
    "my97_mysqldb_mariadbclient_auth": "mysql-charset",
    "my97_pymysql_auth": "mysql-charset",
    "mysql97_1071_3780": "mysql-key-too-long",
    "mysql97_misc_errors": "mysql-key-too-long",
}
BITBUCKET: dict[str, str | None] = {
    "android-licences-16": "android-licences",
    "arm-image-exec-format": "exec-format",
    "artifact-ok-aea": None,
    "artifact-ok-ai-code-buddy": None,
    "artifact-ok-revue": None,
    "artifact-zero-files-variable": "pipelines-artifact-nothing",
    "azure-swa-1314-pipe-output": None,
    "azure-swa-1422-docker-service": None,
    "azure-swa-810-pipe-tail-ok": None,
    "azure-swa-setup-gist": None,
    "buildx-privileged-python-on-whales-438": "pipelines-docker-buildkit",
    "deployer-ssh-agent-2700": "ssh-agent",
    "django-mysql-1366-charset": "mysql-charset",
    "docker-java-1467-es": "pipelines-docker-content-length",
    "docker-run-volume-denied-testcafe": "pipelines-docker-volume",
    "emulator-pipeline-runner": None,
    "firebase-deploy-1609": None,
    "git-push-100mb-aea": "git-push-declined",
    "industrial-ci-882-build-stuck": None,
    "industrial-ci-882-docker-service": None,
    "laravel-mysql-1045": "laravel-default-user",
    "mvn-download-noise": None,
    "node-sass-pr-pastebin": "node-gyp",
    "puppeteer-root-no-sandbox-32": "browser-sandbox",
    "python-venv-ensurepip": "python-venv-missing",
    "sentry-cli-eacces-47": "npm-root-dropped",
    "serverless-5932-enoent": "serverless-package-path",
    "serverless-components-1041": "file-not-found",
    "stata-killed-aea": "killed",
    "testcontainers-java-700": None,
    "ui-messages-not-in-log": "pipelines-memory-build",
}


def output(path: Path) -> tuple[bytes, int | None]:
    """What the command printed, and its exit code where the recording tells it."""
    raw = path.read_bytes()
    code = re.search(rb"(?m)# exit=(\d+)", raw)
    return re.sub(rb"(?m)# (?:image|exit|killed)[^\n]*\n?", b"", raw), int(code.group(1)) if code else None


def first(data: bytes) -> str | None:
    findings = diagnose(parse_log(data)).findings
    return findings[0].rule if findings else None


@needed
@pytest.mark.parametrize("name", sorted(LOGS))
def test_a_recorded_output_gets_its_right_cause_first(name: str) -> None:
    data, _ = output(EVIDENCE / "logs" / f"{name}.log")
    assert first(data) == LOGS[name]


@needed
@pytest.mark.parametrize("name", sorted(LOGS))
def test_with_the_exit_code_known_it_is_the_same_and_green_is_silent(name: str) -> None:
    data, code = output(EVIDENCE / "logs" / f"{name}.log")
    if code is None or name == "e3_hang_dj42":  # its code is the lab's own
        pytest.skip("the recording tells no exit code")
    findings = diagnose(parse_log(data, exit_code=code)).findings
    wanted = "container-memory-option" if name == "cat_oom" else LOGS[name]
    assert (findings[0].rule if findings else None) == wanted


@needed
@pytest.mark.parametrize("name", sorted(BITBUCKET))
def test_a_log_pasted_from_bitbucket_gets_its_right_cause_first(name: str) -> None:
    assert first((EVIDENCE / "bitbucket-logs" / f"{name}.log").read_bytes()) == BITBUCKET[name]


@needed
def test_every_recorded_output_is_in_a_table() -> None:
    assert {p.stem for p in (EVIDENCE / "logs").glob("*.log")} == set(LOGS)
    assert {p.stem for p in (EVIDENCE / "bitbucket-logs").glob("*.log")} == set(BITBUCKET)


def marked(path: Path) -> set[int]:
    spans = re.findall(r"(?m)^E (\d+)(?:-(\d+))?\s*$", path.read_text())
    return {line for begin, end in spans for line in range(int(begin), int(end or begin) + 1)}


@needed
def test_lines_unseen_in_green_runs_reach_the_annotators_f1() -> None:
    scores, hits, chosen, wanted = [], 0, 0, 0
    for folder in sorted((EVIDENCE / "pairs").iterdir()):
        truth = marked(folder / "groundtruth")
        told = {one.line for one in unseen((folder / "fail.log").read_bytes(), (folder / "pass.log").read_bytes())}
        scores.append(2 * len(truth & told) / (len(truth) + len(told)))
        hits, chosen, wanted = hits + len(truth & told), chosen + len(told), wanted + len(truth)
    assert sum(scores) / len(scores) >= 0.76
    assert 2 * hits / (chosen + wanted) >= 0.76
