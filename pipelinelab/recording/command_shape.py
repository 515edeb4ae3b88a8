"""What a command's own text tells of how it may end, and of whose words its output is. Pure."""

from __future__ import annotations

import re

_FORGIVES = re.compile(
    r"\|\| *(?:true|:|exit 0|(?:echo|printf) [^;|&]*) *$|[ ](?:--exit-zero|--soft-fail|--exit-code[= ]0)\b[^;|&]*$"
)
_PIPED = re.compile(r"[^|]\| *(?:tail|head|tee|cat)\b[^;|&]*$")
_SAID_AFTER = re.compile(r"&& *(?:echo|printf) +[\"']?(?P<words>[^\"'\n;|&$\\]{2,}?)[\"']? *$")
_SHOWS = re.compile(r"(?P<program>cat|tail|head|ls|grep|zcat|less|find)\b[^;&|]*$")


def forgives(command: str) -> bool:
    """Whether it ends with 0 whatever its programs say."""
    return _FORGIVES.search(command) is not None


def hides_in_a_pipe(command: str) -> bool:
    """Whether, without pipefail, its exit code is that of a program that only passes text on."""
    return _PIPED.search(command) is not None


def says_success(command: str, last: bytes) -> bool:
    """Whether ``last``, its last line, is what it says only after all went well: ``… && echo done``."""
    said = _SAID_AFTER.search(command)
    return said is not None and last.strip() == said["words"].strip().encode()


def only_shows(command: str, line: bytes) -> bool:
    """Whether the line is not the command's own but of a file or list that it shows: ``tail build.log``."""
    shows = _SHOWS.match(command)
    return shows is not None and shows["program"].encode() + b": " not in line
