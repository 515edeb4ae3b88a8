"""Docker's attach stream, over a real socket pair."""

import socket
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelinelab.engines.frames import close, payloads, raw_socket


def framed(payload: bytes, stream: int = 1) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload


@settings(max_examples=40)
@given(st.lists(st.binary(max_size=50), max_size=8), st.integers(1, 20))
def test_payloads_come_whole_however_the_stream_is_cut(parts, size):
    ours, theirs = socket.socketpair()
    stream = b"".join(framed(part, 1 + len(part) % 2) for part in parts)
    with ours:
        for start in range(0, len(stream), size):
            theirs.sendall(stream[start : start + size])
        theirs.close()
        assert b"".join(chunk.data for chunk in payloads(ours)) == b"".join(parts)


def test_silence_is_told_and_every_chunk_has_its_time():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        began = time.monotonic()
        heard = payloads(ours, tick=0.02)
        assert next(heard).data == b""
        theirs.sendall(framed(b"late"))
        chunk = next(one for one in heard if one.data)
        assert began + 0.02 <= chunk.at <= time.monotonic()


def test_a_deadline_is_kept_while_nobody_says_anything():
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TimeoutError):
        list(payloads(ours, deadline=time.monotonic() + 0.05))


def test_closing_ends_whoever_is_reading():
    ours, theirs = socket.socketpair()
    reader = threading.Thread(target=lambda: list(payloads(ours)))
    reader.start()
    time.sleep(0.05)
    close(ours)
    reader.join(5)
    theirs.close()
    assert not reader.is_alive()
    close(None)


def test_what_docker_wraps_is_taken_out():
    ours, theirs = socket.socketpair()
    with theirs:
        wrapped = type("Wrapped", (), {"_sock": ours})()
        assert raw_socket(wrapped) is ours
        assert raw_socket(ours) is ours
        ours.close()
