"""A cure edits the step that failed, in the folder where it failed, and nothing of another project."""

import pytest
from curing import FILE, cured, cures, step

CHMOD = "chmod"
TWO = """\
image: node:20
pipelines:
  default:
    - step:
        name: Unit
        script:
          - npm ci
          - npm run lint
          - npm test
    - step:
        name: Integration
        script:
          - npm ci
          - npm run db:up
          - npm test
"""
BRANCHES = """\
image: node:20
pipelines:
  default:
    - step:
        name: Any
        script:
          - ./deploy.sh staging
  branches:
    'release/*':
      - step:
          name: Release
          script:
            - ./deploy.sh staging
"""
MARK = {"kind": "insert-before", "line": "here"}


def place(text: str, *commands: str, branch: str = "") -> str:
    """The name of the step that a line is put into."""
    said = f'+ umask 000\n+ GIT_LFS_SKIP_SMUDGE=1 retry 6 git clone --branch="{branch}" https://x\n' if branch else ""
    (cure,) = cures(MARK, *commands, files=text, said=said)
    before = cure.edits[0].after.split("- here")[0]
    return before.rsplit("name: ", 1)[1].split("\n")[0] if cure.edits else ""


def test_the_step_is_the_one_with_most_of_the_logs_commands() -> None:
    assert place(TWO, "npm ci", "npm run db:up", "npm test") == "Integration"
    assert place(TWO, "npm ci", "npm run lint", "npm test") == "Unit"


def test_a_step_that_has_items_which_the_log_lacks_is_less_likely() -> None:
    assert place(TWO.replace("          - npm run db:up\n", ""), "npm ci", "npm test") == "Integration"


def test_of_steps_alike_it_is_that_of_the_cloned_branch_else_the_first() -> None:
    assert place(BRANCHES, "./deploy.sh staging", branch="release/2") == "Release"
    assert place(BRANCHES, "./deploy.sh staging", branch="feature/x") == "Any"
    assert place(BRANCHES, "./deploy.sh staging") == "Any"


def test_a_command_that_a_step_has_twice_is_found_by_what_ran_before_it() -> None:
    text = step("make a", "make b", "make a")
    (cure,) = cures(MARK, "make a", "make b", "make a", files=text)
    assert "make b\n          - here\n          - make a" in cure.edits[0].after


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("python manage.py test $APPS", "python manage.py test shop.cart shop.stock"),
        ("python manage.py test $APPS", "python manage.py test"),
        ("deploy.sh  --to   staging", "deploy.sh --to staging"),
        ("deploy.sh --to staging", "deploy.sh --to 'staging'"),
        ("curl -H ${HEADER} $URL/health", "curl -H x https://example.com/health"),
    ],
)
def test_an_item_is_found_where_blanks_quotes_or_values_of_variables_differ(item: str, said: str) -> None:
    assert cured(MARK, said, files=step(item)) == {FILE: ["- here"]}


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ("$RUN", "rm -rf build"),
        ("npm run $TASK", "npm ci"),
        ("npm run $TASK", "npm run lint && rm -rf build"),
        ("python manage.py test", "python manage.py test shop"),
    ],
)
def test_an_item_that_is_only_like_the_command_is_not_taken_for_it(item: str, said: str) -> None:
    assert cured(MARK, said, files=step(item)) == {}


def test_a_command_that_is_not_in_the_file_is_told_what_to_run_before_it() -> None:
    (cure,) = cures({**MARK, "title": "Do this first"}, "make all", files=step("npm ci"))
    assert (cure.title, cure.diff) == ("Do this first: here", "")


def test_without_files_a_cure_names_its_line_or_its_command() -> None:
    (line,) = cures({**MARK, "title": "Do this first"}, "make all")
    (flag,) = cures({"kind": "append-flag", "to": "npm ci", "flag": "--x", "title": "Say x"}, "npm ci && make")
    assert (line.title, flag.title) == ("Do this first: here", "Say x: npm ci --x && make")


@pytest.mark.parametrize(
    ("script", "path", "line"),
    [
        (("cd android && ./gradlew assemble",), "./gradlew", "chmod +x android/gradlew"),
        (("cd android", "./gradlew assemble"), "./gradlew", "chmod +x ./gradlew"),
        (("cd a", "cd ../b && ./run"), "./run", "chmod +x ../b/run"),
        (("(cd a && make) && ./run",), "./run", "chmod +x ./run"),
        (("cd $BITBUCKET_CLONE_DIR/a && ./run",), "./run", "chmod +x a/run"),
        (("npm run deploy",), "./deploy.sh", "chmod +x ./deploy.sh"),
    ],
)
def test_the_script_is_made_executable_in_the_folder_where_it_runs(
    script: tuple[str, ...], path: str, line: str
) -> None:
    assert cured(CHMOD, *script, files=step(*script), path=path) == {FILE: [f"- {line}"]}


def test_the_first_line_of_an_item_of_many_finds_it_and_its_folder() -> None:
    text = step("|\n            cd backend\n            ./run-tests.sh")
    assert cured(CHMOD, "cd backend", files=text, path="./run-tests.sh") == {FILE: ["- chmod +x backend/run-tests.sh"]}


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("echo x > /etc/hosts", "/etc/hosts"),
        ("echo x >> ./out.sh", "./out.sh"),
        ("bash setup.sh", "/etc/hosts"),
        ('cd "$WHERE" && ./run', "./run"),
    ],
)
def test_a_file_that_cannot_be_written_or_lies_nobody_knows_where_is_not_made_executable(
    command: str, path: str
) -> None:
    assert cures(CHMOD, command, files=step(command), path=path) == ()


SETTINGS = "DATABASES = {'default': {'ENGINE': 'x', 'NAME': 'app', 'HOST': 'localhost'}}\n"


def test_settings_are_cured_though_the_failing_command_is_not_in_the_file() -> None:
    files = {FILE: step("make all"), "shop/settings.py": SETTINGS}
    assert set(cured("database-host", "python manage.py test", files=files)) == {"shop/settings.py"}
