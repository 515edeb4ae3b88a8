"""A file with a limit: whole below it, gzipped above it, refused where even that is too much."""

import gzip
import os
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.system.bounded import Bounded, TooLarge


@given(st.lists(st.binary(max_size=400), max_size=30))
def test_what_is_kept_is_what_was_written_plain_or_gzipped(tmp_path_factory, parts: list[bytes]):
    path = tmp_path_factory.mktemp("bounded") / "file"
    whole = b"".join(parts)
    try:
        with closing(Bounded(path, largest=1000)) as out:
            for part in parts:
                out.write(part)
    except TooLarge:
        assert len(gzip.compress(whole, 1)) > 900
        return
    kept = path.read_bytes()
    assert (kept if len(whole) <= 1000 else gzip.decompress(kept)) == whole


def test_what_compresses_well_is_kept_and_what_does_not_is_refused_once(tmp_path: Path):
    with closing(Bounded(tmp_path / "zeros", largest=10_000)) as out:
        for _ in range(100):
            out.write(bytes(10_000))
    assert (tmp_path / "zeros").stat().st_size < 10_000
    with closing(Bounded(tmp_path / "noise", largest=10_000)) as out:
        with pytest.raises(TooLarge, match="when compressed"):
            for _ in range(100):
                out.write(os.urandom(10_000))
        out.write(b"dropped without a word: whoever writes a tar still ends it")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["noise", "zeros"]


def test_nobody_waits_for_what_is_endless(tmp_path: Path):
    with (
        closing(Bounded(tmp_path / "file", largest=1000, read_at_most=5000)) as out,
        pytest.raises(TooLarge, match="before compression"),
    ):
        for _ in range(100):
            out.write(bytes(1000))
