"""What ssh or a container of its own said is told as theirs, and cures nothing in the step."""

from pipelinelab.diagnosis import Finding, ProjectFiles, diagnose
from pipelinelab.recording.bitbucket_log import parse_log

NO_READ = "fatal: Could not read from remote repository."
PIPELINE = """\
image: node:20
pipelines:
  default:
    - step:
        script:
          - {command}
"""


def first(command: str, said: str) -> Finding:
    files = ProjectFiles({"bitbucket-pipelines.yml": PIPELINE.format(command=command)})
    return diagnose(parse_log(f"+ {command}\n{said}\n".encode(), exit_code=1), files=files).findings[0]


def test_a_program_that_a_host_lacks_is_not_installed_in_the_step() -> None:
    found = first('ssh deploy@web1 "npm ci"', "bash: npm: command not found")
    assert found.title.startswith("The host web1 has no command npm")
    assert "not installed on the host web1" in found.cause
    assert not found.cures
    assert first("npm ci", "bash: npm: command not found").cures


def test_a_program_that_a_container_lacks_is_not_installed_in_the_step() -> None:
    found = first("docker exec app bash -c 'npm ci'", "bash: npm: command not found")
    assert found.title.startswith("The container app has no command npm")
    assert not any("install" in cure.diff for cure in found.cures)


def test_what_ssh_says_itself_is_of_the_step() -> None:
    found = first("ssh deploy@web1 ls", "deploy@web1: Permission denied (publickey).")
    assert "web1" not in found.title
    refused = first("ssh deploy@web1 ls", "ssh: connect to host web1 port 22: Connection refused")
    assert "on the host" not in refused.title


def test_a_key_that_a_host_lacks_for_another_is_the_hosts() -> None:
    found = first("ssh deploy@web1 'git pull'", "git@bitbucket.org: Permission denied (publickey).\n" + NO_READ)
    assert found.title.endswith("(on the host web1)")
    assert "the host web1 holds" in found.cause


def test_what_deployer_runs_on_a_host_is_said_there() -> None:
    run = "[prod] run /usr/bin/git clone --mirror git@bitbucket.org:acme/shop.git\n[prod] "
    found = first("dep deploy", f"{run}git@bitbucket.org: Permission denied (publickey).\n[prod] {NO_READ}")
    assert found.title.endswith("(on the host prod)")
    arrow = "➤ Executing task deploy:update_code\n↳ on [production]\n  [RuntimeException]\n"
    found = first("dep deploy", f"{arrow}  Host key verification failed.\n  {NO_READ}")
    assert found.title.endswith("(on the host production)")
