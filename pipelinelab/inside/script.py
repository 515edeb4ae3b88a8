"""A step's script as one file, with a message to the lab around each item. Pure text.

One file and one shell, never an eval or an exec an item: so ``cd``, functions, traps and an ``if`` split over items
work as on Bitbucket. The message after an item also resets ``$?``, as Bitbucket's own echo does.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from importlib import resources

from pipelinelab.planning.plan import Item

BASHRC = 'if [ -n "${HOME-}" ] && [ -f "$HOME/.bashrc" ]; then . "$HOME/.bashrc"; fi'
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# Setting one of these is an error that ends a shell, before the script's first line.
READONLY = frozenset({"UID", "EUID", "PPID", "GROUPS", "BASHOPTS", "SHELLOPTS", "BASH_VERSINFO"})
# A script may use any one-digit descriptor itself. bash takes larger ones too, dash does not.
BASH_DESCRIPTOR = 253


def driver() -> str:
    """The text of the driver that is a build container's first process."""
    return resources.files("pipelinelab.inside").joinpath("driver.sh").read_text("utf-8")


def script_text(items: Sequence[Item], nonce: str, shell: str) -> str:
    """The script file for ``shell`` (a path). ``nonce`` keeps the lab's messages apart from the script's own output."""
    bash = shell.endswith("bash")
    statuses = "${PIPESTATUS[*]}" if bash else ""
    back = BASH_DESCRIPTOR if bash else 8
    lines = [f"exec {back}>&8 8>&-", BASHRC, "set -e"] if bash else ["set -e"]
    for item in items:
        begin = f"{nonce}\\037begin\\037{item.index}"
        end = f"{nonce}\\037end\\037{item.index}"
        lines.append(f"command printf '\\036{begin}\\036' >&{back} || :")
        lines.append(item.text if item.pipe is None else _pipe(item, nonce, back))
        lines.append(f'command printf \'\\036{end}\\037%s\\037%s\\036\' "$?" "{statuses}" >&{back} || :')
    return "\n".join(lines)


def _pipe(item: Item, nonce: str, back: int) -> str:
    """Ask the lab to run the pipe, and end with the exit code that it answers."""
    asked = f"{nonce}\\037pipe\\037{item.index}"
    return (
        f"command printf '\\036{asked}\\036' >&{back}; IFS= read -r lab_code </tmp/.pipelinelab/reply;"
        ' (exit "${lab_code:-125}")'
    )


def environment_text(variables: Mapping[str, str]) -> str:
    """Shell text that exports these; names that no shell can hold, or lets nobody set, are left out."""
    return "\n".join(
        f"export {name}={shlex.quote(value)}"
        for name, value in variables.items()
        if NAME.match(name) and name not in READONLY
    )


def message(verb: str, text: str, name: str = "") -> bytes:
    """A control-channel message that carries ``text``: verb, number of lines, name; then the lines."""
    lines = text.split("\n")
    return f"{verb} {len(lines)} {name}".rstrip().encode() + b"\n" + text.encode("utf-8", "surrogateescape") + b"\n"


def program(script: str, after: str, variables: Mapping[str, str], silent: bool) -> bytes:
    """All that the driver needs before it starts the script, ``go`` included."""
    parts = [message("env", environment_text(variables)), message("file", script, "script")]
    if after:
        parts.append(message("file", after, "after"))
    if silent:
        parts.append(b"silent\n")
    return b"".join([*parts, b"go\n"])


def enter() -> str:
    """Shell text that takes the step's variables from the kept container's first process, then runs its arguments."""
    return resources.files("pipelinelab.inside").joinpath("enter.sh").read_text("utf-8")
