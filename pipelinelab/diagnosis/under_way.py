"""Which migration was under way when something was said: the runner names it before it begins. Pure."""

from __future__ import annotations

import re

_BEGINS = re.compile(
    rb"^  Applying (?P<django>[\w.]+?)\.\.\.(?! OK)"
    rb"|Running upgrade (?P<alembic>\w* ?-> \w+(?:, [^\n]{1,60})?)"
    rb"|^== +(?P<rails>\d{6,} \w+): migrating ="
    rb"|^\s*(?:Migrating: |)(?P<laravel>\d{4}_\d\d_\d\d_\d{6}_\w+)\b(?! \.+ [\d.,]+ ?m?s DONE)"
    rb"|\+\+ migrating (?P<doctrine>[\w\\]+)",
    re.MULTILINE,
)
_ENDS = re.compile(rb"^== +\d{6,} \w+: migrated |^\s*Migrated: +\d{4}_|\+\+ migrated \(", re.MULTILINE)
_REACH = 16_000  # a traceback with Django's two exceptions takes some 6,000
_OF = frozenset({"database", "django", "mysql", "postgres"})


def migration_before(category: str, data: bytes, at: int) -> str:
    """The migration whose work had begun before ``at`` and not ended, where the finding is of a database; else ""."""
    if category not in _OF:
        return ""
    before = data[max(0, at - _REACH) : at]
    begun = list(_BEGINS.finditer(before))
    if not begun or _ENDS.search(before, begun[-1].end()):
        return ""
    return next(name for name in begun[-1].groups() if name).decode("utf-8", "replace").strip()
