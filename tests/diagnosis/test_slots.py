from pipelinelab.diagnosis.slots import headed, tell


def test_a_title_without_a_slot_is_told_with_the_name_that_was_caught() -> None:
    title = "The package manager does not know that package"
    assert headed(title, {}, {"package": "libvips-toolz"}) == f"{title}: libvips-toolz"
    assert headed(title, {}, {"what": "no such thing.", "package": ""}) == f"{title}: no such thing"
    assert headed(title, {}, {}) == headed(title, {}, {"line": "x"}) == title


def test_two_versions_are_told_together() -> None:
    assert headed("Another Node.js is wanted", {}, {"found": "18", "wanted": ">=20"}).endswith(
        "(found 18, wanted >=20)"
    )


def test_a_title_with_a_slot_is_left_as_it_is() -> None:
    assert headed("{host|a host} is unknown", {"host": "db"}, {"host": "db", "name": "x"}) == "db is unknown"


def test_a_name_that_is_long_or_there_already_or_of_several_lines_is_not_told_whole() -> None:
    assert headed("A", {}, {"what": "x" * 300}) == f"A: {'x' * 100}…"
    assert headed("No file a.py", {}, {"file": "a.py"}) == "No file a.py"
    assert headed("A", {}, {"what": "one\ntwo"}) == "A"
    assert tell("{a|} b", {}) == "b"
