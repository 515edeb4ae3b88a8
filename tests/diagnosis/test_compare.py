from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.diagnosis.compare import normalised, unseen, unseen_lines

GREEN = b"""[INFO] Scanning for projects...
Downloading: http://repo/a-1.0.jar
2024-01-02T03:04:05.678Z Tests run: 12, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.12 s
Finished with id 3f2a9c1d77 in 12.3 s
"""
RED = b"""[INFO] Scanning for projects...
Downloading: http://repo/b-2.0.jar
2024-02-03T04:05:06.789Z Tests run: 12, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 4.56 s
[ERROR] /ws/src/A.java:[7,12] cannot find symbol
  symbol:   method gone()
[INFO] BUILD FAILURE
Finished with id 99aa88bb77 in 45.6 s
"""


def test_only_what_the_green_run_lacks_and_what_tells_is_left() -> None:
    assert [one.line for one in unseen(RED, GREEN)] == [4, 5]


def test_the_most_telling_line_comes_first() -> None:
    assert unseen_lines(RED, GREEN)[0] == (4, "[ERROR] /ws/src/A.java:[7,12] cannot find symbol")


def test_a_run_compared_with_itself_has_nothing_new() -> None:
    assert unseen(RED, RED) == []


def test_lone_carriage_returns_count_as_line_ends() -> None:
    assert [one.line for one in unseen(b"1%\r2%\rerror: it failed\n", b"1%\r2%\rall is well\n")] == [3]


@given(st.text(max_size=200))
def test_making_lines_alike_twice_is_the_same_as_once(line: str) -> None:
    assert normalised(normalised(line)) == normalised(line)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.uuids(), st.uuids())
def test_numbers_times_and_ids_do_not_tell_lines_apart(a: int, b: int, one: object, two: object) -> None:
    text = "took {} ms, run {}, at 2024-01-0{}T10:11:12Z"
    assert normalised(text.format(a, one, 1)) == normalised(text.format(b, two, 2))


def test_travis_writes_a_colour_code_between_a_carriage_return_and_the_line_end() -> None:
    log = b"fold\r\x1b[0K\n$ ./build\nerror: it failed\n"
    assert [one.line for one in unseen(log, log.replace(b"error: it failed", b"done"))] == [4]


def test_what_stands_between_two_telling_lines_of_one_block_belongs_to_it() -> None:
    block = b"ValueError: bad\nsource one\nsource two\nsource three\nsource four\nAnotherError: worse\n"
    assert [one.line for one in unseen(b"start\n" + block, b"start\nfine\n")] == [2, 3, 4, 5, 6, 7]
    known = b"start\nsource two\nfine\n"
    assert [one.line for one in unseen(b"start\n" + block, known)] == [2, 7]
