"""Rules by the plain strings that they look for, so that a text is asked for each string once, and only rules of which
one is there are tried. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pipelinelab.diagnosis.rule import Rule
from pipelinelab.diagnosis.scan import Words


@dataclass(frozen=True)
class Index:
    """``words``: every string that the rules look for; ``required``: those that they may ask of a whole step.
    ``by_word`` and ``by_consequence``: the places of the rules in their order, by the strings of which a match needs
    one, and by what they explain; ``wordless``: the rules that look at no text."""

    rules: tuple[Rule, ...]
    words: Words
    required: Words
    by_word: Mapping[bytes, tuple[int, ...]]
    by_consequence: Mapping[str, tuple[int, ...]]
    wordless: tuple[Rule, ...]

    def candidates(self, found: Iterable[bytes]) -> list[Rule]:
        """The rules that may match a text which holds these strings, in their order."""
        places = {at for word in found for at in self.by_word.get(word, ())}
        return [self.rules[at] for at in sorted(places)]

    def causes(self, consequences: Iterable[str]) -> list[Rule]:
        """The rules that explain one of these, in their order."""
        places = {at for name in consequences for at in self.by_consequence.get(name, ())}
        return [self.rules[at] for at in sorted(places)]


@lru_cache(maxsize=32)
def index_of(rules: tuple[Rule, ...]) -> Index:
    """The index of these rules; the same rules are indexed once."""
    by_word: dict[bytes, list[int]] = defaultdict(list)
    by_consequence: dict[str, list[int]] = defaultdict(list)
    for at, rule in enumerate(rules):
        for word in {word for one in rule.any for word in one.words}:
            by_word[word].append(at)
        for name in rule.explains:
            by_consequence[name].append(at)
    return Index(
        rules,
        Words.of(word for rule in rules for word in rule.words),
        Words.of(word for rule in rules for one in rule.requires for word in one.pattern.words),
        {word: tuple(places) for word, places in by_word.items()},
        {name: tuple(places) for name, places in by_consequence.items()},
        tuple(rule for rule in rules if not rule.any),
    )
