"""A script read as simple commands: in which folder each runs, and with which exported variables. Pure.

Read leniently, for edits only: a folder that cannot be told (``cd "$DIR"``) is None."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

CLONE = "/opt/atlassian/pipelines/agent/build"
_ROOT = re.compile(r"^(?:\$\{?BITBUCKET_CLONE_DIR\}?|" + re.escape(CLONE) + r")(?:/|$)")
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_LEADING = ("env", "sudo", "time", "exec", "nohup", "then", "do", "else", "!", "{")


@dataclass(frozen=True)
class Simple:
    """A simple command: its text, the folder it runs in (from the clone's root, "" there, None where nobody knows),
    the variables that the script gave it, and which item it is of (from 0)."""

    text: str
    folder: str | None
    item: int
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """Its words without quotes; assignments before it, and words like ``env`` and ``time``, are left out."""
        found = words(self.text)
        while found and (found[0] in _LEADING or _ASSIGNED.fullmatch(found[0])):
            found = found[1:]
        return found


@dataclass(frozen=True)
class Script:
    """The items of a script up to the failing one, as simple commands. ``start`` is the folder that the last item
    begins in."""

    commands: tuple[Simple, ...] = ()
    start: str | None = ""
    last: int = 0

    @property
    def here(self) -> list[Simple]:
        """The simple commands of the last item."""
        return [one for one in self.commands if one.item == self.last]


def read_script(items: Sequence[str]) -> Script:
    """The script that these items make, one after another in one shell."""
    found: list[Simple] = []
    folder: str | None = ""
    start: str | None = ""
    variables: dict[str, str] = {}
    for number, item in enumerate(items):
        start = folder
        outer: list[str | None] = []
        for part in parts(item):
            if part == "(":
                outer.append(folder)
            elif part == ")":
                folder = outer.pop() if outer else folder
            else:
                given = _assignments(part)
                found.append(Simple(part, folder, number, {**variables, **given}))
                if re.match(r"(?:export|declare -x)\s", part):
                    variables.update(given)
                folder = _moved(folder, part)
        folder = outer[0] if outer else folder
    return Script(tuple(found), start, max(len(items) - 1, 0))


def parts(command: str) -> Iterator[str]:
    """The simple commands of a shell text, and the parentheses around them; what is within ``$( )`` stays together."""
    text, quote, inner, at = "", "", 0, 0
    while at < len(command):
        char, two = command[at], command[at : at + 2]
        if char == "\\" and quote != "'":
            text += " " if two == "\\\n" else two
            at += 2
            continue
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif two == "$(" or (inner and char in "()"):
            inner += -1 if char == ")" else 1
            text += two if two == "$(" else char
            at += 2 if two == "$(" else 1
            continue
        elif char == "#" and (not text or text[-1].isspace()):
            end = command.find("\n", at)
            at = end if end >= 0 else len(command)
            continue
        elif not inner and _ends(command, at):
            if text.strip():
                yield text.strip()
            if char in "()":
                yield char
            text, at = "", at + (2 if two in ("&&", "||") else 1)
            continue
        text += char
        at += 1
    if text.strip():
        yield text.strip()


def _ends(command: str, at: int) -> bool:
    """Whether an operator stands here; the & of ``2>&1`` and ``&>`` is none."""
    char = command[at]
    return char in ";|\n()" or (char == "&" and command[at - 1 : at] != ">" and command[at + 1 : at + 2] != ">")


def words(text: str) -> list[str]:
    """The words of a simple command without their quotes."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def joined(folder: str, path: str) -> str | None:
    """A path from the clone's root, None where it lies elsewhere or is not known."""
    if found := _ROOT.match(path):
        folder, path = "", path[found.end() :]
    if not path or "$" in path or "`" in path or path[0] in "~/":
        return folder if path == "" else None
    whole = posixpath.normpath(posixpath.join(folder, path))
    return None if whole.startswith("..") else "" if whole == "." else whole


def between(start: str, path: str) -> str:
    """A path from the clone's root as it is called in the folder ``start``; a file of the folder itself with ./"""
    found = posixpath.relpath(path, start or ".")
    return found if "/" in found else f"./{found}"


def _assignments(text: str) -> dict[str, str]:
    given: dict[str, str] = {}
    for word in words(text):
        found = _ASSIGNED.fullmatch(word)
        if found:
            given[found[1]] = found[2]
        elif word not in (*_LEADING, "export", "declare", "-x"):
            break
    return given


def _moved(folder: str | None, text: str) -> str | None:
    moved = words(text)
    if not moved or moved[0] not in ("cd", "pushd", "popd"):
        return folder
    rest = [word for word in moved[1:] if word != "--"]
    if moved[0] == "popd" or len(rest) != 1 or rest[0] == "-":
        return None
    if _ROOT.match(rest[0]):
        return joined("", rest[0])
    return None if folder is None else joined(folder, rest[0])
