"""Where a command does its work: in this step, on a host that it logs in to, or in a container of its own. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_ENDS = frozenset({"&&", ";", "|", "&", "\n"})
_ASIDE = frozenset({"cd", "export", "echo", "printf", "set", "eval", "ssh-add", "ssh-keyscan", "mkdir", "chmod"})
_BEFORE = frozenset({"sudo", "exec", "time", "command"})
_SSH_VALUES = frozenset("BbcDEeFIiJLlmOopQRSWw")  # options of ssh that take a value, by its manual
_NO_VALUE = frozenset({"-i", "-t", "-d", "-it", "-ti", "-T", "--rm", "--init", "--privileged", "--interactive", "--tty",
                       "--detach", "--no-deps", "--build", "--read-only", "--quiet-pull", "--no-TTY"})  # fmt: skip
_CONTAINERS = (
    ("docker", "exec"), ("docker", "run"), ("docker", "compose", "exec"), ("docker", "compose", "run"),
    ("docker-compose", "exec"), ("docker-compose", "run"), ("podman", "exec"), ("podman", "run"),
    ("docker", "container", "exec"), ("docker", "container", "run"), ("kubectl", "exec"),
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """``kind`` is host or container; ``name`` as the command writes it, the user taken off: a host, a container, a
    service of Compose, the image of a container that is made for the command."""

    kind: str
    name: str

    def __str__(self) -> str:
        return f"the {self.kind} {self.name}"

    @property
    def there(self) -> str:
        """The place with its preposition."""
        return f"{'on' if self.kind == 'host' else 'in'} {self}"


def place_of(command: str) -> Place | None:
    """Where the only program of ``command`` (``cd``, ``export`` and ``echo`` aside) works, where that is another place;
    None for this step, and where several programs may have spoken."""
    programs = [one for one in _commands(_words(command)) if one[0] not in _ASIDE]
    return _of_program(programs[0]) if len(programs) == 1 else None


def _of_program(words: list[str]) -> Place | None:
    while words and (words[0] in _BEFORE or (words[0].partition("=")[0].isidentifier() and "=" in words[0])):
        words = words[1:]
    if words[:1] == ["sshpass"]:
        words = words[words.index("ssh") :] if "ssh" in words else []
    if words[:1] == ["ssh"]:
        return _host(words[1:])
    for program in _CONTAINERS:
        if tuple(words[: len(program)]) == program:
            name, rest = _named(words[len(program) :], _takes_value)
            return Place("container", name) if name and rest else None
    return None


def _words(command: str) -> list[str]:
    lexer = shlex.shlex(command, posix=True, punctuation_chars=";<>|&\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    try:
        return list(lexer)
    except ValueError:  # a quote that is never closed
        return []


def _commands(words: list[str]) -> list[list[str]]:
    """The commands' words; what stands behind ``<<`` in the lines after it is none, and ``b`` of ``a || b`` neither."""
    for sign, cut in (("<<", "\n"), ("||", "||")):
        if sign in words and cut in words[words.index(sign) :]:
            words = words[: words.index(cut, words.index(sign))]
    found: list[list[str]] = []
    at = 0
    for end in [*(at for at, word in enumerate(words) if word in _ENDS), len(words)]:
        found.append(words[at:end])
        at = end + 1
    return [one for one in found if one]


def _host(words: Sequence[str]) -> Place | None:
    name, rest = _named(words, lambda word: len(word) == 2 and word[1] in _SSH_VALUES)
    host = name.rpartition("@")[2]
    return Place("host", host) if host and rest else None


def _takes_value(word: str) -> bool:
    return word not in _NO_VALUE and "=" not in word and not (word[1] != "-" and len(word) > 2)


def _named(words: Sequence[str], takes_value: Callable[[str], bool]) -> tuple[str, Sequence[str]]:
    """The first word that is no option nor an option's value, and the words after it."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        at += 2 if takes_value(words[at]) else 1
    return ("", ()) if at >= len(words) else (words[at], words[at + 1 :])
