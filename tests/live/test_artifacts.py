"""What a step leaves for the steps after it."""

import pytest
from support import pipelines, said, step

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

LIST = "find . -path ./.git -prune -o ! -name bitbucket-pipelines.yml ! -type d -print | sort | xargs"


def has(run, number: int) -> str:
    """The files that the step found beside its pipelines file, as its first item printed them."""
    found = run.recording.steps[number]
    assert found.result == "passed", found.text
    return said(found, 0).replace("./", "").strip()


def rows(run, *columns: str, **where: object) -> list[tuple[object, ...]]:
    frame = run.artifacts
    for column, value in where.items():
        frame = frame[frame[column] == value]
    return [tuple(row) for row in frame[list(columns)].itertuples(index=False)]


def notes(run) -> list[str]:
    return [one.text for found in run.recording.steps for one in found.notes if one.kind == "artifact"]


def test_every_glob_of_the_short_form_is_an_artifact_by_itself_and_all_go_on(lab):
    run = lab(
        pipelines(
            step(
                ["mkdir -p dist/js out && touch dist/a dist/js/b out/c d.log"],
                artifacts=["dist/**", "*.log", "dust/**"],
            ),
            step([LIST]),
            step([LIST], artifacts={"paths": ["x"], "download": False}),
            step([LIST], artifacts={"download": ["*.log", "no such"]}),
        )
    )
    assert [has(run, number) for number in (1, 2, 3)] == ["d.log dist/a dist/js/b", "", "d.log"]
    assert rows(run, "name", "files", action="captured") == [("dist/**", 2), ("*.log", 1)]
    assert rows(run, "step", "name", "why", action="nothing") == [
        (1, "dust/**", "no file matches"),
        (3, "x", "no file matches (for a folder write x/**)"),
        (4, "no such", "no earlier step left it; what there is: *.log, dist/**"),
    ]


def test_an_upload_has_a_name_a_type_a_depth_and_what_it_leaves_out(lab):
    shared = {"name": "app", "paths": ["*.txt", "**/*.txt"], "ignore-paths": ["**/secret*"], "depth": 2}
    scoped = {"name": "logs", "type": "scoped", "paths": ["*.log"]}
    run = lab(
        pipelines(
            step(
                ["mkdir -p a/b && touch top.txt a/in.txt a/secret.txt a/b/deep.txt x.log"],
                artifacts={"upload": [shared, scoped]},
            ),
            step([LIST], artifacts={"download": ["app", "logs"]}),
        )
    )
    assert has(run, 1) == "a/in.txt top.txt"
    assert rows(run, "name", "files", action="captured") == [("app", 2), ("logs", 1)]
    assert rows(run, "name", action="nothing") == [("logs",)]


@pytest.mark.parametrize(
    ("last", "captured"), [("true", ["green", "any", "plain"]), ("false", ["red", "any", "plain"])]
)
def test_capture_on_says_of_which_end_an_artifact_is(lab, last, captured):
    upload = [{"name": name, "paths": ["f"], "capture-on": on} for name, on in
              (("green", "success"), ("red", "failed"), ("any", "always"))]  # fmt: skip
    run = lab(pipelines(step(["touch f", last], artifacts={"upload": [*upload, {"name": "plain", "paths": ["f"]}]})))
    assert [name for (name,) in rows(run, "name", action="captured")] == captured


@pytest.mark.parametrize("jobs", [1, 8])
def test_no_step_of_a_parallel_group_gets_what_another_one_leaves(lab, jobs):
    group = [step([LIST, f"touch {name}.out", *wait], artifacts=["*.out"]) for name, wait in
             (("one", []), ("two", ["sleep 1"]), ("three", []))]  # fmt: skip
    run = lab(pipelines({"parallel": group}, step([LIST])), jobs=jobs)
    assert [has(run, number) for number in (0, 1, 2)] == ["", "", ""]
    assert has(run, 3) == "one.out three.out two.out"


def test_the_later_of_two_steps_that_leave_one_file_wins_and_a_note_tells_it(lab):
    run = lab(
        pipelines(
            step(["echo one > f; echo same > g"], name="First", artifacts=["f", "g"]),
            step(["echo three > f"], name="Second", artifacts=["f", "g"]),
            step(["cat f g"]),
        )
    )
    assert has(run, 2) == "three\nsame"
    assert notes(run) == ["step 1 'First' and step 2 'Second' both leave f: the later one wins."]
    beside = {"parallel": [step(["echo 1 > f"], artifacts=["f"]), step(["echo 22 > f"], artifacts=["f"])]}
    assert "may change" in notes(lab(pipelines(beside)))[0]


def test_modes_times_links_and_names_of_any_kind_go_on_as_they_are(lab):
    make = [
        "mkdir -p d/sub/open d/empty && chmod 755 d && chmod 1777 d/sub/open",
        "printf '#!/bin/sh\\necho ran\\n' > d/run && chmod 750 d/run && touch -d @1000000000 d/run",
        "ln -s sub d/link && ln -s ../run d/sub/up && ln -s $BITBUCKET_CLONE_DIR/d/run d/whole",
        "touch 'd/späte Wörter.txt' d/$(printf 'a%.0s' $(seq 200)) \"d/sub/open/tab\tand\nline\" d/-rf",
        "echo linked > d/h1 && ln d/h1 d/h2 && echo out > elsewhere && ln elsewhere d/h3",
    ]
    look = [
        "stat -c '%a %Y' d/run && stat -c %a d/sub/open d",
        "d/run; d/sub/up; d/whole; readlink d/link",
        "cat d/h1 d/h2 d/h3; test ! -e elsewhere",
        "ls d | grep -c aaaa; ls -b d d/sub/open; test ! -e d/empty",
    ]
    run = lab(pipelines(step(make, artifacts=["d/**"]), step(look)))
    found = run.recording.steps[1]
    assert found.result == "passed", found.text
    assert said(found, 0) == "750 1000000000\n1777\n755\n"
    assert said(found, 1) == "ran\nran\nran\nsub\n"
    assert said(found, 2) == "linked\nlinked\nout\n"
    assert "tab\\tand\\nline" in said(found, 3)
    assert "späte\\ Wörter.txt" in said(found, 3) or "Wörter" in said(found, 3)
    assert not rows(run, "why", action="refused")


@pytest.mark.full
@pytest.mark.timeout(600)
def test_an_artifact_over_bitbuckets_limit_is_told_and_not_kept_and_one_that_compresses_is(lab):
    run = lab(
        pipelines(
            step(
                ["head -c 1100M /dev/urandom > noise; truncate -s 1500M zeros"], artifacts=["noise", "zeros"], size="2x"
            ),
            step(["ls; stat -c %s zeros"]),
        )
    )
    assert rows(run, "name", "why", action="refused") == [
        ("noise", "it is over 1 GiB when compressed, so Bitbucket keeps none of it")
    ]
    assert said(run.recording.steps[1], 0) == "bitbucket-pipelines.yml\nzeros\n1572864000\n"
