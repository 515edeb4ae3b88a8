"""A rule's own page: what it means, an example, and what to do. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from pipelinelab.diagnosis.categories import CATEGORIES
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.rulebook import shipped
from pipelinelab.diagnosis.slots import tell


def rule_page(rule_id: str, rules: Sequence[Rule] | None = None) -> str | None:
    """The page of a rule as text for a terminal; None where no rule has that id."""
    rule = next((one for one in (shipped() if rules is None else rules) if one.id == rule_id), None)
    if rule is None:
        return None
    meaning = f" ({CATEGORIES[rule.category]})" if rule.category in CATEGORIES else ""
    parts = [
        f"{rule.id} – {tell(rule.title, {})}",
        f"{rule.category}{meaning}, {rule.severity}, from {rule.origin}",
        "",
    ]
    parts += _section("Why it happens", tell(rule.cause, {}))
    parts += _section("What to do", tell(rule.cure, {}))
    if rule.cures:
        parts += [
            "Cures that it can write",
            *(f"  - {tell(c.get('title', c['kind']), {})} ({c.get('safety', 'safe')})" for c in rule.cures),
            "",
        ]
    if rule.questions:
        parts += ["What it asks of a live step", *(f"  - {asked.ask}" for asked in rule.questions), ""]
    if rule.alternatives:
        parts += ["What else it could be", *(f"  - {other.what}" for other in rule.alternatives), ""]
    if rule.examples.positive:
        parts += [
            "It looks like this",
            *(f"  | {line}" for line in rule.examples.positive[0].rstrip().splitlines()),
            "",
        ]
    if rule.examples.confusable:
        log, other_id = rule.examples.confusable[0]
        parts += [
            f"Not to be confused with {other_id or 'this, which no rule claims'}",
            *(f"  | {line}" for line in log.rstrip().splitlines()),
            "",
        ]
    if rule.references:
        parts += ["Read on", *(f"  - {reference}" for reference in rule.references), ""]
    return "\n".join(parts).rstrip() + "\n"


def _section(title: str, text: str) -> list[str]:
    return [title, *textwrap.wrap(text, 98, initial_indent="  ", subsequent_indent="  "), ""]
