"""A file that an earlier step made is kept for the step that misses it, where it is certain which step that is."""

import pytest
from curing import FILE, cured, cures

ENTRY = {"kind": "add-artifacts", "title": "Keep it"}
TWO = """\
pipelines:
  default:
    - step:
        name: Build
        script:
{made}
    - step:
        script:
          - cat dist/app.txt
"""


def two(*made: str) -> str:
    return TWO.format(made="\n".join(f"          - {one}" for one in made))


def kept(text: str, command: str = "cat dist/app.txt", path: str = "dist/app.txt") -> list[str]:
    return cured(ENTRY, command, files=text, path=path).get(FILE, [])


@pytest.mark.parametrize(
    "made",
    [
        ("mkdir -p dist", "make"),
        ("echo app > dist/app.txt",),
        ("cd dist && echo app >> app.txt",),
        ("go build -o dist/app.txt .",),
        ("cp build/app.txt dist/",),
        ("cp -r build/x dist/app.txt",),
        ("tee dist/app.txt < a",),
        ("tar -czf dist/app.txt x",),
        ("curl -sS --output=dist/app.txt $URL",),
    ],
)
def test_the_step_that_makes_the_file_keeps_its_folder(made: tuple[str, ...]) -> None:
    assert kept(two(*made)) == ["artifacts:", "- dist/**"]


@pytest.mark.parametrize(
    ("made", "path", "glob"),
    [
        ("zip -r app x", "./app.zip", "app.zip"),
        ("mkdir dist", "dist", "dist/**"),
        ("tar cf app.tar x", "app.tar", "app.tar"),
    ],
)
def test_a_file_of_the_clones_root_is_kept_itself(made: str, path: str, glob: str) -> None:
    text = two(made).replace("cat dist/app.txt", f"cat {path}")
    (cure,) = cures(ENTRY, f"cat {path}", files=text, path=path)
    assert cure.title == f"Keep {glob} as an artifact of the step Build" and f"- {glob}" in cure.diff


def test_artifacts_that_the_step_has_stay() -> None:
    text = two("mkdir dist")
    for old in ("[log/**]", "\n          - log/**", "\n          paths:\n            - log/**"):
        (cure,) = cures(
            ENTRY, "cat dist/app.txt", files=text.replace("name: Build", f"artifacts: {old}"), path="dist/app.txt"
        )
        assert "dist/**" in cure.diff and "log/**" in cure.edits[0].after


@pytest.mark.parametrize("path", ["/tmp/app.txt", "$DIR/app.txt", "../app.txt", "lib/app.txt"])
def test_a_file_that_lies_elsewhere_is_not_kept(path: str) -> None:
    text = two("mkdir dist", f"echo > {path.replace('lib', 'src')}").replace("cat dist/app.txt", f"cat {path}")
    assert kept(text, f"cat {path}", path) == []


@pytest.mark.parametrize("made", ["npm run build", "cat dist/app.txt", "make 2> /dev/null", "rm -r dist", "ls dist"])
def test_a_step_that_may_or_may_not_make_the_file_is_not_trusted(made: str) -> None:
    assert kept(two(made)) == []


def test_where_two_steps_make_it_nobody_knows_which_is_meant() -> None:
    text = two("mkdir dist")
    again = "    - step:\n        script:\n          - mkdir dist\n    - step:\n        script:\n          - cat"
    assert kept(text.replace("    - step:\n        script:\n          - cat", again)) == []


def test_a_step_beside_it_or_after_it_makes_nothing_for_it() -> None:
    step = "        - step:\n            script:\n              - {}\n"
    beside = "pipelines:\n  default:\n    - parallel:\n" + step.format("mkdir dist") + step.format("cat dist/app.txt")
    after = TWO.format(made="          - cat dist/app.txt").replace(
        "- cat dist/app.txt\n    - ", "- cat dist/app.txt\n    - "
    )
    assert kept(beside) == []
    assert kept(after.rpartition("          - cat")[0] + "          - mkdir dist\n") == []


def test_a_file_that_is_an_artifact_already_is_missing_for_another_reason() -> None:
    assert kept(two("mkdir dist").replace("name: Build", "artifacts: [dist/**]")) == []


def test_a_step_of_the_group_before_may_be_the_one() -> None:
    group = """\
pipelines:
  default:
    - parallel:
        - step:
            name: Build
            script:
              - mkdir dist
        - step:
            script: [make]
    - step:
        script:
          - cat dist/app.txt
"""
    assert kept(group) == ["artifacts:", "- dist/**"]
