# ruff: noqa: E501 - logs are lines of their own length
"""Cures are diffs that git applies, and that touch nothing but their own place."""

import subprocess
from pathlib import Path

import pytest
import yaml

from pipelinelab.diagnosis import Cure, ProjectFiles, diagnose
from pipelinelab.recording.bitbucket_log import parse_log

PIPELINES = """\
image: python:3.11  # the house's own

pipelines:
  default:
    - step:
        name: Test
        script:
          # install first
          - pip install -r requirements.txt
          - python3 manage.py migrate
          - python3 manage.py test shop.unit   # fast ones
          - python3 manage.py test shop.all
        services: [redis]

definitions:
  services:
    redis:
      image: redis:7
    db:
      image: mysql:8.0
      variables:
        MYSQL_DATABASE: shop
        MYSQL_RANDOM_ROOT_PASSWORD: yes   # any will do
        MYSQL_USERNAME: shop
"""
SETTINGS = """\
print "python 2 here"
DATABASES = {
    # one database
    "default": {
        "ENGINE": "django.db.backends.mysql",
        "NAME": "shop",
        "HOST": "localhost"  # Zoë's
    }
}
"""
FILES = ProjectFiles({"bitbucket-pipelines.yml": PIPELINES, "shop/settings.py": SETTINGS})
LOGS = {
    "socket": "+ python3 manage.py migrate\nOperationalError: (2002, \"Can't connect to local server through socket '/run/x.sock' (2)\")\n",
    "denied": "+ python3 manage.py test shop.unit\ncreating the test database: (1044, \"Access denied for user 'a'@'%' to database 'test_shop'\")\n",
    "prompt": "+ python3 manage.py test shop.unit\nType 'yes' if you would like to try deleting the test database 'shop', or 'no' to cancel: EOFError: x\n",
    "charset": "+ python3 manage.py test shop.all\nOperationalError: (1366, \"Incorrect string value: '\\xD0' for column 'n' at row 1\")\n",
    "emoji": "+ python3 manage.py test shop.all\nOperationalError: (1366, \"Incorrect string value: '\\xF0\\x9F\\x98' for column 'n' at row 1\")\n",
    "refused": "+ python3 manage.py migrate\nERROR 2003 (HY000): Can't connect to MySQL server on '127.0.0.1:3306' (111)\n",
    "missing": "+ python3 manage.py migrate\nbash: line 1: make: command not found\n",
}


def cures(log: str, files: ProjectFiles = FILES) -> tuple[Cure, ...]:
    return diagnose(parse_log(LOGS.get(log, log).encode()), files=files).findings[0].cures


def after(cure: Cure, path: str) -> str:
    return next(edit.after for edit in cure.edits if edit.path == path)


def added(cure: Cure) -> list[str]:
    return [line[1:].strip() for line in cure.diff.splitlines() if line.startswith("+") and not line.startswith("+++")]


@pytest.mark.parametrize("log", LOGS)
def test_git_applies_every_diff_to_the_files_it_was_made_for(log: str, tmp_path: Path) -> None:
    for cure in cures(log):
        if not cure.diff:
            continue
        for path in FILES:
            (tmp_path / path).parent.mkdir(exist_ok=True)
            (tmp_path / path).write_text(FILES.get(path) or "")
        subprocess.run(["git", "apply", "-"], input=cure.diff.encode(), cwd=tmp_path, check=True)
        for edit in cure.edits:
            assert (tmp_path / edit.path).read_text() == edit.after
        assert yaml.safe_load((tmp_path / "bitbucket-pipelines.yml").read_text())


@pytest.mark.parametrize("log", LOGS)
def test_a_diff_takes_no_comment_away(log: str) -> None:
    for cure in cures(log):
        for edit in cure.edits:
            assert edit.before.count("#") <= edit.after.count("#")


def test_the_host_changes_in_its_own_place_in_a_python_2_file() -> None:
    assert '"HOST": "127.0.0.1"  # Zoë\'s' in after(cures("socket")[0], "shop/settings.py")


def test_the_tests_use_the_services_database_and_keep_it() -> None:
    (first, *rest) = cures("denied")
    assert '"TEST": {"NAME": "shop"},' in after(first, "shop/settings.py")
    assert after(first, "bitbucket-pipelines.yml").count("manage.py test --keepdb") == 2
    assert all(cure.safety == "unsafe" for cure in rest)


WITH_USER = SETTINGS.replace('"NAME": "shop",', '"NAME": "shop", "USER": "shop", "PASSWORD": "its own",')


def test_testing_as_root_gives_the_made_up_password_of_root_the_settings_own_and_says_why_it_is_unsafe() -> None:
    root = cures("denied", ProjectFiles({**FILES.texts, "shop/settings.py": WITH_USER}))[1]
    assert (root.safety, root.why) == ("unsafe", "tests that run as root hide rights that are missing in production")
    assert '"USER": "root", "PASSWORD": "its own",' in after(root, "shop/settings.py")
    assert "MYSQL_ROOT_PASSWORD: its own   # any will do" in after(root, "bitbucket-pipelines.yml")


def test_testing_as_root_takes_the_password_that_the_service_gives_root() -> None:
    text = PIPELINES.replace("MYSQL_RANDOM_ROOT_PASSWORD: yes", "MYSQL_ROOT_PASSWORD: 'roots \"own\"'")
    files = ProjectFiles({"bitbucket-pipelines.yml": text, "shop/settings.py": WITH_USER})
    (edit,) = cures("denied", files)[1].edits
    assert '"USER": "root", "PASSWORD": \'roots "own"\',' in edit.after


def test_testing_as_root_is_not_offered_where_its_password_is_nowhere_written() -> None:
    assert [cure.safety for cure in cures("denied")] == ["safe"]


def test_keepdb_ranks_before_noinput_which_is_unsafe_and_says_why() -> None:
    keep, noinput = cures("prompt")
    assert "--keepdb" in keep.diff and keep.safety == "safe"
    assert "--noinput" in noinput.diff and noinput.safety == "unsafe" and "drops" in noinput.why


def test_the_database_turns_utf8mb4_before_anything_makes_tables() -> None:
    text = after(cures("charset")[0], "bitbucket-pipelines.yml")
    script = yaml.safe_load(text)["pipelines"]["default"][0]["step"]["script"]
    assert "ALTER DATABASE shop CHARACTER SET utf8mb4" in script[1]
    assert script[1].startswith("DJANGO_SETTINGS_MODULE=shop.settings python3 -c")
    assert script[2] == "python3 manage.py migrate"
    assert '"OPTIONS": {"charset": "utf8mb4"},' in after(cures("charset")[0], "shop/settings.py")


def test_where_the_failing_command_is_not_in_the_file_the_first_step_that_makes_tables_turns_utf8mb4() -> None:
    text = PIPELINES.replace("shop.all", "shop.some")
    files = ProjectFiles({"bitbucket-pipelines.yml": text, "shop/settings.py": SETTINGS})
    (cure,) = cures("charset", files)
    assert "ALTER DATABASE shop CHARACTER SET utf8mb4" in after(cure, "bitbucket-pipelines.yml")


def test_a_connection_in_utf8mb4_alone_is_a_cure_for_text_of_four_bytes_only() -> None:
    assert len(cures("charset")) == 1
    assert [edit.path for edit in cures("emoji")[1].edits] == ["shop/settings.py"]


def test_a_defined_service_that_the_step_does_not_list_is_added_to_it() -> None:
    assert "services: [db, redis]" in after(cures("refused")[0], "bitbucket-pipelines.yml")


def test_waiting_for_a_port_goes_before_the_command_that_needs_it() -> None:
    wait = cures("refused")[1]
    assert added(wait)[0].startswith("- for i in $(seq 60); do (echo > /dev/tcp/127.0.0.1/3306)")


def test_a_missing_program_is_installed_first() -> None:
    assert added(cures("missing")[0]) == ["- apt-get update && apt-get install -y make"]


def test_without_the_projects_files_cures_are_advice_without_a_diff() -> None:
    told = cures("prompt", ProjectFiles())
    assert [cure.diff for cure in told] == ["", ""] and told[0].title


def test_where_there_is_nothing_to_change_no_cure_is_offered() -> None:
    done = PIPELINES.replace("manage.py test", "manage.py test --keepdb")
    assert cures("prompt".replace("x", "x"), ProjectFiles({"bitbucket-pipelines.yml": done})) == ()


def test_flush_goes_between_two_runs_of_one_item() -> None:
    item = "python manage.py test --keepdb a && python manage.py test --keepdb b"
    text = f"pipelines:\n  default:\n    - step:\n        script:\n          - {item}\n"
    log = f"+ {item}\nPreserving test database for alias\nUsing existing test database\nAssertionError: 1 != 0\nFAILED (failures=1)\n"
    (cure,) = cures(log, ProjectFiles({"bitbucket-pipelines.yml": text}))
    assert "a && python manage.py flush --noinput && python manage.py test --keepdb b" in cure.diff


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ("DATABASES = {'default': {'NAME': 'a', 'HOST': ''}}\n", "'HOST': '127.0.0.1'"),
        ("DATABASES = {'default': {'NAME': 'a'}}\n", "'NAME': 'a', 'HOST': '127.0.0.1'"),
        ("DATABASES = {'default': {'HOST': os.environ.get('DB', 'localhost')}}\n", "get('DB', '127.0.0.1')"),
        (
            "DATABASES = {\n    'default': {\n        'NAME': 'a',  # x\n    },\n}\n",
            "'NAME': 'a',  # x\n        'HOST': '127.0.0.1',\n",
        ),
    ],
)
def test_host_is_set_however_the_settings_are_written(settings: str, expected: str) -> None:
    files = ProjectFiles({"a/settings.py": settings})
    assert expected in after(cures("socket", files)[0], "a/settings.py")


def test_a_host_from_the_environment_is_exported_in_the_script() -> None:
    files = ProjectFiles(
        {**FILES.texts, "shop/settings.py": "DATABASES = {'default': {'HOST': os.environ['DB_HOST']}}\n"}
    )
    assert "- export DB_HOST=127.0.0.1" in added(cures("socket", files)[0])


def test_an_unquoted_yes_and_a_wrong_name_are_mended_in_place() -> None:
    recording = parse_log(b"", platform="The 'environment' section in your bitbucket-pipelines.yml file must be a map.")
    finding = diagnose(recording, files=FILES).findings[0]
    assert "MYSQL_RANDOM_ROOT_PASSWORD: 'yes'   # any will do" in finding.cures[0].edits[0].after
