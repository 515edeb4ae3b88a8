"""Bytes to text, and what can be said of a text before it is taken for YAML."""

from __future__ import annotations

import re
from typing import Any

from pipelinelab.model.source import Span
from pipelinelab.reading.codes import CODES
from pipelinelab.reading.problems import Problem
from pipelinelab.reading.yaml_tree import Lines

MAX_BYTES = 1_000_000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_CONFLICT = re.compile(r"^(<{7}|>{7})(?: .*)?\r?$", re.MULTILINE)
_UTF16 = {b"\xff\xfe": "UTF-16 (little-endian)", b"\xfe\xff": "UTF-16 (big-endian)"}


def problem(code: str, span: Span, message: str, **more: Any) -> Problem:
    """A problem of the text itself, with the usual severity of its code."""
    return Problem(code=code, severity=more.pop("severity", CODES[code].severity), span=span, message=message, **more)


def decode(data: bytes | str, file: str) -> tuple[str, list[Problem]]:
    """The text of a file, line ends as they are, a byte order mark taken away; and what was wrong with it. After an
    error the text is only good for showing."""
    start = Span(file, 1, 1, 1, 1)
    if len(data) > MAX_BYTES:
        size = f"{len(data) / 1e6:.1f} MB"
        return "", [
            problem(
                "PL003",
                start,
                f"the file is too big: {size}",
                expected="at most 1 MB",
                found=size,
                suggestion="is this a bitbucket-pipelines.yml? move long scripts to files of their own",
            )
        ]
    problems = []
    if isinstance(data, bytes):
        encoding = _UTF16.get(data[:2], "")
        for mark, zeros in ((b"\xff\xfe", data[1:6:2]), (b"\xfe\xff", data[0:6:2])):
            if not encoding and zeros == b"\0\0\0":
                encoding, data = _UTF16[mark], mark + data
        if encoding:
            text = data.decode("utf-16", "replace")
            return text, [
                problem(
                    "PL001",
                    start,
                    f"the file is {encoding}, not UTF-8",
                    expected="UTF-8",
                    found=encoding,
                    suggestion="save it as UTF-8",
                )
            ]
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as wrong:
            return _not_utf8(data, wrong, file)
    else:
        text = data
    if text.startswith("\ufeff"):
        text = text[1:]
        problems.append(
            problem(
                "PL018",
                start,
                "the file begins with a byte order mark",
                expected="plain UTF-8",
                found="U+FEFF",
                suggestion="save it as UTF-8 without BOM",
            )
        )
    control = _CONTROL.search(text)
    if control:
        at = Lines(text, file).span(control.start(), control.end())
        name = "a NUL byte" if control[0] == "\0" else f"the control character U+{ord(control[0]):04X}"
        problems.append(
            problem(
                "PL002",
                at,
                f"{name} in the file",
                expected="text",
                found=name,
                suggestion="take it away; was the file damaged?",
            )
        )
    return text, problems


def _not_utf8(data: bytes, wrong: UnicodeDecodeError, file: str) -> tuple[str, list[Problem]]:
    text = data.decode("utf-8", "replace")
    before = data[: wrong.start].decode("utf-8")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    sign = data[wrong.start : wrong.start + 1]
    latin = sign.decode("latin-1")
    seems = f"; in Latin-1 it would be {latin!r}" if latin.isprintable() else ""
    found = problem(
        "PL001",
        Span(file, line, column, line, column + 1),
        f"the byte 0x{sign.hex().upper()} is not UTF-8{seems}",
        expected="UTF-8",
        found=f"0x{sign.hex().upper()}",
        suggestion="save the file as UTF-8",
    )
    return text, [found]


def conflict(lines: Lines) -> Problem | None:
    """The first merge conflict marker at the start of a line, where no YAML of this format could have one."""
    found = _CONFLICT.search(lines.text)
    if found is None:
        return None
    return problem(
        "PL006",
        lines.span(found.start(), found.end(1)),
        "a merge conflict was left in the file",
        expected="one version or the other",
        found=found[0].strip(),
        suggestion="choose, and take the marker lines away",
    )
