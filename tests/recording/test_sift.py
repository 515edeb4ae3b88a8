"""What an untrusted step leaves goes on only where it stays inside the clone."""

import io
import os
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelinelab.recording.sift import Sieve, Sifted, leads_out, prefix, printable

Entry = tuple[str, bytes, str]


def tar(*entries: Entry, headers: dict[str, str] | None = None) -> bytes:
    """A tar of (name, type, link) entries; regular files hold their own name."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT, pax_headers=headers or {}) as file:
        for name, kind, link in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, link
            content = name.encode("utf-8", "surrogateescape") if kind == tarfile.REGTYPE else b""
            entry.size = len(content)
            file.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def inner(name: str) -> str | None:
    return name.partition("/")[2] or None


def sifted(data: bytes, folders: bool = False, anywhere: bool = False) -> tuple[bytes, Sifted]:
    """What comes out of a tar whose names begin with one folder, and what is told of it."""
    out = io.BytesIO()
    sieve = Sieve(out, anywhere)
    sieve.take([data], inner, lambda path: True, folders)
    return out.getvalue() if sieve.close() else b"", sieve.found


def listed(data: bytes) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(data)) as file:
        return {entry.name: entry for entry in file}


REG, LINK, HARD, DIR = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE


def test_files_and_links_inside_the_clone_are_taken_under_their_own_path_with_the_folders_that_lead_there():
    out, found = sifted(tar(("build/dist/a", REG, ""), ("build/dist/l", LINK, "a"), ("build/empty", DIR, "")))
    assert list(listed(out)) == ["dist", "dist/a", "dist/l"]
    assert (found.files, found.refused) == (2, [])
    assert list(listed(sifted(tar(("build/empty", DIR, "")), folders=True)[0])) == ["empty"]


def test_what_leaves_the_clone_is_refused_and_told():
    out, found = sifted(
        tar(
            ("build/up", LINK, "../../etc/passwd"),
            ("build/root", LINK, "/etc/passwd"),
            ("build/../x", REG, ""),
            ("build/pipe", tarfile.FIFOTYPE, ""),
            ("build/disk", tarfile.BLKTYPE, ""),
            ("build//etc/passwd", REG, ""),
            ("build/a/./b", REG, ""),
        )
    )
    assert listed(out) == {}
    assert found.told()[1] == "root: the link leads outside the clone, to /etc/passwd"
    assert found.told()[-1] == "and 2 more like these"


def test_nothing_is_written_behind_a_link_and_nothing_twice():
    out, found = sifted(
        tar(("b/l", LINK, "d"), ("b/l/evil", REG, ""), ("b/f", REG, ""), ("b/f/x", REG, ""), ("b/f", LINK, "l"))
    )
    assert list(listed(out)) == ["l", "f"]
    assert found.refused == [
        "l/evil: it lies behind the link l", "f/x: it lies in the file f", "f: it is there twice",
    ]  # fmt: skip


def test_a_hard_link_goes_with_the_file_it_shares_and_is_asked_for_by_itself_without_it():
    out, found = sifted(
        tar(("b/a", REG, ""), ("b/same", HARD, "b/a"), ("b/other", HARD, "b/gone"), ("b/out", HARD, "../../etc/shadow"))
    )
    assert listed(out)["same"].linkname == "a"
    assert found.linked == ["other", "out"]


def test_no_header_of_the_untrusted_tar_goes_on():
    long = "b/" + "x" * 150 + "/" + "ü" * 60
    out, found = sifted(tar((long, REG, ""), headers={"comment": "from the step"}))
    assert list(listed(out)) == ["x" * 150, long.removeprefix("b/")]
    assert b"from the step" not in out
    assert found.files == 1


def test_names_that_are_no_text_are_carried_as_they_are_and_told_on_one_line():
    out, found = sifted(tar(("b/a\nb\udce4", REG, ""), ("b/\x1b[2J\n", LINK, "/")))
    assert list(listed(out)) == ["a\nb\udce4"]
    assert found.refused == ["\\x1b[2J\\n: the link leads outside the clone, to /"]
    assert printable("a\nb\udce4\u202e") == "a\\nb\\udce4\\u202e"


def test_what_is_no_tar_is_an_error_and_not_a_crash():
    import pytest

    for junk in (
        b"\0" * 100 + b"x" * 1000,
        b"x" * 512,
        tar(("b/a", REG, ""))[:600],
        tar(("b/a", REG, "")).replace(b"0000644", b"zzzzzzz"),
    ):
        with pytest.raises(tarfile.TarError):
            sifted(junk)


NAMES = st.lists(st.sampled_from(["a", "b", "c", "..", ".", ""]), min_size=1, max_size=4).map("/".join)
OURS = NAMES.map("top/{}".format)
ENTRIES = st.lists(st.tuples(OURS, st.sampled_from([REG, LINK, LINK, HARD, DIR]), NAMES | OURS), max_size=8)


@settings(max_examples=300)
@given(ENTRIES)
@example([("top/a/b", LINK, ".."), ("top/a/b/c", LINK, "../..")])
@example([("top/a", LINK, "..")])
@example([("top/a/b", LINK, ".."), ("top/c", LINK, "a/b/.."), ("top/a/b/c", REG, "")])
@example([("top/a/b/c", LINK, "../.."), ("top/b", HARD, "top/a/b/c")])
def test_what_comes_out_writes_nothing_outside_of_the_folder_it_is_unpacked_in_and_no_link_leads_there(entries):
    data, _ = sifted(tar(*entries), folders=True)
    with tempfile.TemporaryDirectory() as base:
        clone = Path(base, "one", "two", "clone")
        clone.mkdir(parents=True)
        with tarfile.open(fileobj=io.BytesIO(data)) as file:
            file.extractall(clone, filter="fully_trusted")
        assert list(every(Path(base), clone)) == ["one", "one/two"]
        for path in clone.rglob("*"):
            if path.is_symlink():
                real = os.path.realpath(path)
                assert Path(real).is_relative_to(os.path.realpath(clone)) or loops(path), (path, real)


def every(base: Path, but: Path) -> Iterable[str]:
    """Whatever stands below ``base``, without what is below ``but``."""
    for path in sorted(base.rglob("*")):
        if not path.is_relative_to(but):
            yield str(path.relative_to(base))


def loops(path: Path) -> bool:
    try:
        path.resolve(strict=True)
    except (RuntimeError, OSError):
        return True
    return False


@given(ENTRIES)
def test_what_was_taken_once_is_taken_whole_again(entries):
    data, found = sifted(tar(*entries))
    out = io.BytesIO()
    again = Sieve(out)
    again.take([data], lambda name: name, lambda path: True)
    assert again.close().taken.keys() == found.taken.keys()
    assert again.found.refused == []


@given(st.text("./ab", max_size=12), st.text("./ab", max_size=12))
def test_a_link_that_may_be_taken_leads_inside_even_if_nothing_is_normalised(path: str, target: str):
    import posixpath

    if not leads_out(path, target):
        whole = posixpath.normpath(posixpath.join("/clone", posixpath.dirname(path.strip("/")), target))
        assert whole == "/clone" or whole.startswith("/clone/") or {"..", ".", ""} & set(path.split("/"))


def test_a_link_by_the_clones_own_whole_path_stays_inside():
    assert not leads_out("a/l", "/opt/atlassian/pipelines/agent/build/dist/x")
    assert leads_out("a/l", "/opt/atlassian/pipelines/agent/build/../x")
    assert leads_out("a/l", "/opt/atlassian/pipelines/agent/builder")


def test_a_glob_is_looked_for_below_its_fixed_folder():
    assert prefix("dist/js/**") == "dist/js"
    assert prefix("**/*.jar") == ""
    assert prefix("target/{a,b}/x") == "target"
    assert prefix("out/report.xml") == "out/report.xml"
