"""Output and messages are told apart, however the stream is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.inside.channel import Channel, Message

NONCE = b"0123456789abcdef01234567"
PIECES = st.lists(
    st.one_of(
        st.binary(max_size=30).filter(lambda data: b"\x1e" not in data),
        st.builds(Message, st.sampled_from(["begin", "end"]), st.tuples(st.from_regex(r"[0-9 ]{1,4}", fullmatch=True))),
        st.just(b"+ command p"), st.just(b"\n"), st.just(b"\x1e"), st.just(b"\x1e0123"),
    ),
    max_size=12,
)  # fmt: skip


def sent(pieces: list[bytes | Message]) -> bytes:
    return b"".join(
        one
        if isinstance(one, bytes)
        else b"\x1e" + NONCE + b"\x1f" + "\x1f".join([one.verb, *one.fields]).encode() + b"\x1e"
        for one in pieces
    )


def heard(*chunks: bytes) -> tuple[bytes, list[Message]]:
    channel = Channel(NONCE)
    pieces = [piece for chunk in chunks for piece in channel.feed(chunk)]
    output = b"".join(piece for piece in pieces if isinstance(piece, bytes)) + channel.end()
    return output, [piece for piece in pieces if isinstance(piece, Message)]


@given(PIECES, st.data())
def test_a_stream_cut_anywhere_is_heard_as_the_whole(pieces, data):
    stream = sent(pieces)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    output, messages = heard(*chunks)
    assert messages == [one for one in pieces if isinstance(one, Message)]
    assert heard(stream)[1] == messages
    assert output.rstrip(b"\x1e0123") == b"".join(one for one in pieces if isinstance(one, bytes)).rstrip(b"\x1e0123")


@pytest.mark.parametrize("traced", [b"++ command printf", b"+ printf"], ids=["bash", "busybox"])
def test_the_trace_of_a_marker_is_dropped_with_its_whole_line_and_nothing_else(traced):
    trace = b"+ echo on\non\n" + traced + b" '\\036" + NONCE + b"\\037end' 0\n+ echo off\n"
    assert heard(trace) == (b"+ echo on\non\n+ echo off\n", [])
    assert heard(*[trace[i : i + 1] for i in range(len(trace))]) == (b"+ echo on\non\n+ echo off\n", [])


def test_a_message_that_was_cut_off_is_no_output():
    assert heard(b"on\n\x1e" + NONCE + b"\x1fend\x1f0") == (b"on\n", [])


def test_a_prompt_without_a_newline_is_not_held_back():
    assert list(Channel(NONCE).feed(b"Really? ")) == [b"Really? "]
