"""Pieces of bytes read as a file."""

from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.recording.stream import Pieces


@given(st.binary(max_size=300), st.lists(st.integers(0, 40), max_size=20))
def test_a_stream_gives_the_same_bytes_however_it_is_cut_and_read(data: bytes, sizes: list[int]):
    stream = Pieces([data[at : at + 7] for at in range(0, len(data), 7)])
    parts = [stream.read(size) for size in sizes]
    assert all(len(part) <= size for part, size in zip(parts, sizes, strict=True))
    assert b"".join([*parts, stream.read()]) == data


def test_what_is_made_for_a_closed_stream_is_made_no_longer():
    over = []

    def made():
        try:
            while True:
                yield b"piece"
        finally:
            over.append(True)

    stream = Pieces(made())
    assert stream.read(3) == b"pie"
    stream.close()
    assert over == [True]
