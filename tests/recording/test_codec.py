"""Events go to a line and come back as they were."""

import dataclasses
import json
from typing import Any, get_type_hints

from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.events import types
from pipelinelab.recording.codec import KINDS, decode, decode_all, encode

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
REAL = st.floats(0, 1e6).map(lambda value: round(value, 6))
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "float": REAL, "int": st.integers(0, 2**40), "str": TEXT, "bool": st.booleans(),
    "tuple[int, ...]": st.lists(st.integers(0, 99999), max_size=4).map(tuple),
    "tuple[str, ...]": st.lists(TEXT, max_size=4).map(tuple),
    "Mapping[str, str]": st.dictionaries(TEXT, TEXT, max_size=3),
    "Mapping[str, Any]": st.dictionaries(TEXT, st.one_of(TEXT, st.integers(), st.booleans()), max_size=3),
    "Any": st.one_of(st.none(), TEXT, st.integers()),
    "tuple[tuple[str, int, str, int | None], ...]": st.lists(
        st.tuples(TEXT, st.integers(0, 99), TEXT, st.none() | st.integers(1, 99)), max_size=3
    ).map(tuple),
}  # fmt: skip


@st.composite
def events(draw: st.DrawFn) -> types.Event:
    kind = draw(st.sampled_from(sorted(KINDS.values(), key=lambda one: one.__name__)))
    fields = {}
    for one in dataclasses.fields(kind):
        name = str(one.type)
        plain = name.removesuffix(" | None")
        value = VALUES[plain]
        fields[one.name] = draw(st.none() | value if plain != name else value)
    return kind(**fields)


@given(events())
def test_an_event_comes_back_as_it_was(event):
    line = encode(event)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == event


@given(st.lists(events(), max_size=5), st.data())
def test_a_file_cut_off_anywhere_gives_every_whole_event(listed, data):
    lines = [encode(event) for event in listed]
    whole = b"".join(lines)
    cut = data.draw(st.integers(0, len(whole)))
    found = list(decode_all(whole[:cut]))
    assert found == listed[: len(found)]
    complete = sum(len(b"".join(lines[: n + 1])) <= cut for n in range(len(lines)))
    assert complete <= len(found) <= complete + 1


@given(st.binary(max_size=60))
def test_no_bytes_make_it_fail(data):
    list(decode_all(data))


def test_what_a_later_version_adds_is_passed_over():
    assert decode(b'{"event":"of_the_future","at":1}') is None
    line = json.dumps({"event": "run_ended", "at": 1.0, "result": "passed", "exit_code": 0, "new": 1}).encode()
    assert decode(line) == types.RunEnded(at=1.0, result="passed", exit_code=0)


def test_every_event_type_has_a_stable_name():
    assert KINDS["command_ended"] is types.CommandEnded
    assert all(get_type_hints(kind)["at"] is float for kind in KINDS.values())
