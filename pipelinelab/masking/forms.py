"""What of a secured value is looked for. Pure.

A value itself, each line of one that has several, and its base64 wherever in a longer base64 text it stands: base64
works in groups of three bytes, so base64("user:KEY") does not hold base64("KEY"), but one of three shifted forms of it,
less the signs that the neighbours have a part in. How JSON, URLs, HTML and shells write all these is read back in what
they are looked for in.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping

from pipelinelab.masking.layers import layers

SHORTEST = 4
_LINES = (48, 57)  # bytes in a line of base64 that is wrapped at 64 or at 76 signs
_SHORTEST_LINE = 12


def too_short(secrets: Mapping[str, str]) -> tuple[str, ...]:
    """Names whose values are too short to be masked: they would tear ordinary output apart."""
    return tuple(sorted(name for name, value in secrets.items() if 0 < len(value.strip()) < SHORTEST))


def patterns(secrets: Mapping[str, str]) -> tuple[tuple[bytes, bytes], ...]:
    """(what to find, what to put) pairs, the longest first."""
    found: dict[bytes, bytes] = {}
    for name, value in sorted(secrets.items()):
        for form in _forms(value):
            if len(form.strip()) >= SHORTEST:
                found.setdefault(form, b"$" + name.encode())
    return tuple(sorted(found.items(), key=lambda pair: (-len(pair[0]), pair)))


def _forms(value: str) -> Iterator[bytes]:
    whole = value.encode("utf-8", "surrogateescape")
    read = [layer.text for layer, _ in layers(whole)]  # a value that holds quoting itself is met with and without it
    parts = [line.strip() for text in read if b"\n" in text for line in text.split(b"\n")]
    for form in (*read, *(text.strip() for text in read), *parts):
        yield form
        yield form.replace(b" ", b"+")  # as a form in a browser sends it
    for raw in (whole, whole.strip(), *parts):
        if len(raw) > SHORTEST:
            yield from _aligned(raw)
    yield from _wrapped(whole)


def _aligned(value: bytes) -> Iterator[bytes]:
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + value)
        first = (shift * 8 + 5) // 6
        last = (shift + len(value)) * 8 // 6
        yield from _alphabets(text[first:last])


def _wrapped(value: bytes) -> Iterator[bytes]:
    """The lines of a value's base64 where there are several, each for itself: the first one alone, all of them behind
    prefixes or joined by blanks."""
    for width in _LINES if len(value) > min(_LINES) else ():
        for at in range(0, len(value), width):
            line = value[at : at + width]
            if len(line) >= _SHORTEST_LINE:
                yield from _alphabets(base64.b64encode(line)[: len(line) * 8 // 6])


def _alphabets(text: bytes) -> Iterator[bytes]:
    yield text
    yield text.replace(b"+", b"-").replace(b"/", b"_")
