"""Whatever the bytes are: one clear error, soon, and never a traceback."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelinelab.errors import UsageError
from pipelinelab.reading.read import read_text
from pipelinelab.system.files import load_pipelines_bytes

FINE = b"pipelines:\n  default:\n    - step:\n        script:\n          - echo hi\n"
BOMB = b"a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (i, i, b",".join([b"*a%d" % (i - 1)] * 9)) for i in range(1, 12)
)
REFUSED = {
    "empty": (b"", "PL005"),
    "only comments": (b"# nothing\n\n", "PL005"),
    "only blanks": (b" " * 100_000, "PL005"),
    "NUL": (FINE + b"\0", "PL002"),
    "escape": (FINE + b"# \x1b[31m\n", "PL002"),
    "UTF-16": (FINE.decode().encode("utf-16"), "PL001"),
    "UTF-16 without a mark": (FINE.decode().encode("utf-16-be"), "PL001"),
    "Latin-1": (FINE + "# é\n".encode("latin-1"), "PL001"),
    "ten megabytes": (b"a: b\n" * 2_100_000, "PL003"),
    "a thousand lists deep": (b"[" * 1000 + b"]" * 1000, "PL003"),
    "a thousand maps deep": (b"".join(b" " * i + b"a:\n" for i in range(1000)), "PL003"),
    "a million open brackets": (b"[" * 900_000, "PL003"),
    "dashes without end": (b"- " * 400_000, "PL003"),
    "very many values": (b"k: 1\n" * 150_000, "PL003"),
    "an alias bomb": (BOMB, "PL004"),
    "an alias in itself": (b"a: &a [*a]\n", "PL004"),
    "a merge conflict": (b"<<<<<<< HEAD\na: b\n=======\na: c\n>>>>>>> topic\n", "PL006"),
    "two documents": (FINE + b"---\n" + FINE, "PL008"),
    "a list": (b"- step\n", "PL101"),
    "a word": (b"hello\n", "PL101"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_gives_one_clear_error_within_two_seconds(name: str) -> None:
    data, code = REFUSED[name]
    begin = time.process_time()
    reading = read_text(data, "file.yml")
    assert time.process_time() - begin < 2
    assert [problem.code for problem in reading.errors] == [code], str(reading)
    assert reading.errors[0].span.file == "file.yml"


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + FINE, FINE.replace(b"\n", b"\r\n"), FINE.rstrip()])
def test_marks_line_ends_and_a_missing_last_newline_do_no_harm(data: bytes) -> None:
    reading = read_text(data)
    assert not reading.errors
    assert reading.pipelines == read_text(FINE).pipelines


def test_an_encoding_error_names_its_line_and_byte() -> None:
    problem = read_text("a: b\nc: dé\n".encode("latin-1"), "f.yml").errors[0]
    assert str(problem.span) == "f.yml:2:5"
    assert "0xE9" in problem.message and "'é'" in problem.message


@pytest.mark.parametrize("number", ["9" * 500_000, "1:" * 100_000 + "1", "2020-13-45", "1e999", "0b" + "1" * 5000])
def test_a_number_that_no_machine_holds_is_told_and_not_made(number: str) -> None:
    reading = read_text(f"image: {number}\n".encode() + FINE)
    assert len(str(reading)) < 5000
    assert reading.pipelines is not None


def test_a_folder_a_pipe_a_device_and_a_loop_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for name, word in (("", "folder"), ("pipe", "named pipe"), ("loop", "loop"), ("none", "no such file")):
        with pytest.raises(UsageError, match=word):
            load_pipelines_bytes(tmp_path / name)
    with pytest.raises(UsageError, match="device"):
        load_pipelines_bytes("/dev/zero")


@pytest.mark.parametrize("name", ["ten megabytes", "an alias bomb", "a million open brackets", "very many values"])
def test_bad_input_stays_within_three_hundred_megabytes(name: str, tmp_path: Path) -> None:
    (tmp_path / "f.yml").write_bytes(REFUSED[name][0])
    program = (
        "import re, sys\n"
        "from pipelinelab.reading.api import read\n"
        "from pathlib import Path\n"
        "read(Path(sys.argv[1]))\n"
        # Not ru_maxrss: that keeps the size of the process that forked this one.
        "print(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "f.yml")], capture_output=True, check=True)
    assert int(done.stdout) < 300 * 1024
