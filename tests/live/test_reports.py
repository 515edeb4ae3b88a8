"""Test reports that a step leaves: found where Bitbucket looks for them, and where an artifact says they are."""

import pytest
from support import pipelines, step

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>'
    '<testsuite><testcase name="&c;"/></testsuite>'
)


def report(folder: str, *tests: str) -> str:
    """A command that writes a JUnit report with these tests; one that ends with ! is red."""
    cases = "".join(
        f'<testcase classname="c" name="{one.rstrip("!")}">{"<failure/>" if one.endswith("!") else ""}</testcase>'
        for one in tests
    )
    return f"mkdir -p '{folder}' && echo '<testsuite name=\"s\">{cases}</testsuite>' > '{folder}/r.xml'"


def seen(run) -> dict[str, str]:
    return dict(zip(run.tests.test, run.tests.outcome, strict=True))


def notes(run) -> str:
    return "\n".join(one.text for found in run.recording.steps for one in found.notes if one.kind == "report")


def test_reports_are_found_in_folders_of_bitbuckets_names_three_deep_and_nowhere_else(lab):
    run = lab(
        pipelines(
            step([report("surefire-reports", "one", "two!"), report("a/failsafe-reports/deeper/still", "three"),
                  report("a/b/test-results", "four"), report("test-reports", "five"), report("ä b/TestResults", "six"),
                  report("a/b/c/test-reports", "too deep"), report("reports", "elsewhere")])
        )
    )  # fmt: skip
    assert seen(run) == {
        "one": "passed",
        "two": "failed",
        "three": "passed",
        "four": "passed",
        "five": "passed",
        "six": "passed",
    }
    assert set(run.tests.suite) == {"c"}


def test_reports_of_a_red_step_are_read_too(lab):
    run = lab(pipelines(step([report("test-results", "one!"), "false"])))
    assert not run.ok
    assert seen(run) == {"one": "failed"}


def test_an_artifact_of_test_reports_is_read_wherever_it_stands_once_and_stays_with_its_step(lab):
    upload = [{"name": "mine", "type": "test-reports", "paths": ["out/**/*.xml", "test-results/**"]}]
    run = lab(
        pipelines(
            step(
                [report("out/unit", "one", "two!"), report("test-results", "three"), "false"],
                artifacts={"upload": upload},
            ),
        )
    )
    assert sorted(run.tests.test) == ["one", "three", "two"]
    again = lab(pipelines(step([report("out", "one")], artifacts={"upload": upload}), step(["test ! -e out"])))
    assert again.ok
    assert seen(again) == {"one": "passed"}


def test_what_is_no_report_is_told_and_the_others_are_read(lab):
    bad = [
        "mkdir -p test-results && echo '<testsuite><testcase' > test-results/cut.xml",
        "head -c 200 /dev/urandom > test-results/noise.xml && echo '<html/>' > test-results/page.xml",
        "touch test-results/empty.xml test-results/x.txt",
        f"echo '{BOMB}' > test-results/bomb.xml",
    ]
    links = ["ln -s /etc/passwd test-results/passwd.xml", "mkfifo test-results/pipe.xml", "ln -s / TestResults"]
    run = lab(pipelines(step([*bad, *links, report("surefire-reports", "fine")])))
    assert run.ok
    assert seen(run)["fine"] == "passed"
    assert "the test report test-results/cut.xml cannot be read" in notes(run)
    assert "root:" not in str(run.tests.to_dict()) + notes(run)
