"""Which variables are secret, and the files that hold them."""

from __future__ import annotations

import re
from pathlib import Path

from pipelinelab.errors import UsageError

# In a .env file everything is a secret but what evidently is none: by its name, or as a value too common to hide.
_PLAIN_NAME = re.compile(
    r"(?:^|_)(?:HOST|PORT|DEBUG|ENV|ENVIRONMENT|REGION|ZONE|LEVEL|MODE|LANG|TZ|PATH|DIR|VERSION|BRANCH|STAGE|TIMEOUT)$"
)
_PLAIN_VALUE = re.compile(r"(?:true|false|yes|no|on|off|none|null|localhost|[\d.:]+|.{0,3})\Z", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_]\w*\Z", re.ASCII)


def evidently_plain(name: str, value: str) -> bool:
    """Whether a variable of a .env file need not be masked."""
    return bool(_PLAIN_VALUE.match(value) or (_PLAIN_NAME.search(name.upper()) and "@" not in value))


def env_file(path: Path) -> dict[str, str]:
    """The variables of a .env file. Raises UsageError where it cannot be read, and for the first line that is none."""
    from dotenv.parser import parse_stream

    if not path.is_file():
        raise UsageError(f"there is no file {path}", "a .env file holds NAME=VALUE lines")
    try:
        with path.open(encoding="utf-8-sig") as file:
            lines = list(parse_stream(file))
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{path} cannot be read: {problem}") from None
    found: dict[str, str] = {}
    for line in lines:
        where = f"{path}:{line.original.line}"
        if line.error:
            raise UsageError(f"{where}: this is not NAME=VALUE", "a quote that is opened is closed")
        if line.key is None:
            continue  # blank, or a comment
        if not _NAME.match(line.key):
            raise UsageError(f"{where}: {line.key!r} is no name of a variable", "it has letters, digits and _")
        if line.value is None:
            raise UsageError(f"{where}: {line.key} has no value", f"write {line.key}= for an empty one")
        found[line.key] = line.value
    return found
