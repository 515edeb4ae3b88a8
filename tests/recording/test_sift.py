"""What an untrusted step leaves goes on only where it stays inside the clone."""

import io
import tarfile

from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.recording.sift import Stream, prefix, refusal, sift


def tar(*entries: tuple[str, bytes, str]) -> bytes:
    """A tar of (name, type, link) entries; regular files hold their own name."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as file:
        for name, kind, link in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, link
            content = name.encode() if kind == tarfile.REGTYPE else b""
            entry.size = len(content)
            file.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def sifted(data: bytes, largest: int = 1 << 30) -> tuple[dict[str, bytes], list[str]]:
    out = io.BytesIO()
    found = sift([data], out, lambda name: name.partition("/")[2] or None, lambda path: True, largest)
    out.seek(0)
    with tarfile.open(fileobj=out) as file:
        taken = {e.name: (file.extractfile(e) or io.BytesIO()).read() if e.isreg() else b"" for e in file}
    return taken, found.refused


def test_files_and_links_inside_the_clone_are_taken_under_their_own_path():
    taken, refused = sifted(tar(("build/dist/a", tarfile.REGTYPE, ""), ("build/dist/l", tarfile.SYMTYPE, "a")))
    assert taken == {"dist/a": b"build/dist/a", "dist/l": b""}
    assert refused == []


def test_what_leaves_the_clone_is_refused_and_told():
    taken, refused = sifted(
        tar(
            ("build/up", tarfile.SYMTYPE, "../../etc/passwd"),
            ("build/root", tarfile.SYMTYPE, "/etc/passwd"),
            ("build/../x", tarfile.REGTYPE, ""),
            ("build/hard", tarfile.LNKTYPE, "build/dist/a"),
            ("build/pipe", tarfile.FIFOTYPE, ""),
            ("build/disk", tarfile.BLKTYPE, ""),
        )
    )
    assert taken == {}
    assert len(refused) == 6


def test_what_is_over_the_limit_is_refused_and_the_rest_goes_on():
    taken, refused = sifted(tar(("build/" + "a" * 90, tarfile.REGTYPE, ""), ("build/b", tarfile.REGTYPE, "")), 50)
    assert list(taken) == ["b"]
    assert len(refused) == 1


@given(st.binary(max_size=300), st.lists(st.integers(1, 40), max_size=20))
def test_a_stream_gives_the_same_bytes_however_it_is_cut_and_read(data: bytes, sizes: list[int]):
    stream = Stream([data[at : at + 7] for at in range(0, len(data), 7)])
    assert b"".join([stream.read(size) for size in sizes] + [stream.read()]) == data


@given(st.text("./ab", max_size=12), st.text("./ab", max_size=12))
def test_no_link_that_is_taken_leads_outside(path: str, target: str):
    entry = tarfile.TarInfo(path)
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    if not refusal(entry, path):
        import posixpath

        whole = posixpath.normpath(posixpath.join("/clone", posixpath.dirname(path), target))
        assert whole == "/clone" or whole.startswith("/clone/")


def test_a_glob_is_looked_for_below_its_fixed_folder():
    assert prefix("dist/js/**") == "dist/js"
    assert prefix("**/*.jar") == ""
    assert prefix("target/{a,b}/x") == "target"
    assert prefix("report.xml") == ""
