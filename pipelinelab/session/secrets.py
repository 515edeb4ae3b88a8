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


def evidently_plain(name: str, value: str) -> bool:
    """Whether a variable of a .env file need not be masked."""
    return bool(_PLAIN_VALUE.match(value) or (_PLAIN_NAME.search(name.upper()) and "@" not in value))


def env_file(path: Path) -> dict[str, str]:
    """The variables of a .env file. Raises UsageError where it cannot be read."""
    from dotenv import dotenv_values

    if not path.is_file():
        raise UsageError(f"there is no file {path}", "a .env file holds NAME=VALUE lines")
    try:
        return {name: value or "" for name, value in dotenv_values(path, interpolate=False).items()}
    except (OSError, UnicodeDecodeError) as problem:
        raise UsageError(f"{path} cannot be read: {problem}") from None
