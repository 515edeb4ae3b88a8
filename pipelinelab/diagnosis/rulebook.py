"""YAML text → rules. An error in one file is told with its line, and the other files go on. Pure but for the package's
own rule files, which are read in ``shipped``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

import yaml

from pipelinelab.diagnosis.cures.kinds import KINDS
from pipelinelab.diagnosis.literals import NoLiteral
from pipelinelab.diagnosis.rule import AskedBy, Examples, Otherwise, Required, Rule, pattern
from pipelinelab.diagnosis.rule_cache import kept

_EXAMPLES = re.compile(r"^    examples:\n(?:      .*\n?|[ \t]*\n)*", re.MULTILINE)
_RULES = resources.files(__package__).joinpath("rules")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class RuleProblem:
    """What is wrong with a rule file, and where (line from 1)."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def rule_schema() -> dict[str, Any]:
    """The JSON Schema of a rule file."""
    text = resources.files(__package__).joinpath("rule-schema.json").read_text("utf-8")
    return dict(json.loads(text))


@cache
def shipped(examples: bool = True) -> tuple[Rule, ...]:
    """The rules that come with the package; they are checked by its tests, not again at every start.

    Without their ``examples``, which the package's own files write last in each rule, they are there in a fraction of
    the time: what was read is kept (``rule_cache``)."""
    if examples:
        return _rules(text for _, text in rule_files())
    bare = kept(_RULES, _read_bare)
    return tuple(_rule(entry, family, "pipelinelab", bare["words"]) for family, entry in bare["rules"])


def _read_bare() -> dict[str, Any]:
    """The rules' entries, each with its family, and of every expression the strings that ``pattern`` looks for."""
    entries = list(_entries(_EXAMPLES.sub("", text) for _, text in rule_files()))
    patterns = [one for family, entry in entries for one in _rule(entry, family, "pipelinelab").patterns]
    return {"rules": entries, "words": {one.source: [word.decode() for word in one.words] for one in patterns}}


def _rules(texts: Iterable[str]) -> tuple[Rule, ...]:
    return tuple(_rule(entry, family, "pipelinelab") for family, entry in _entries(texts))


def _entries(texts: Iterable[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for text in texts:
        data = yaml.load(text, Loader=_Loader)
        yield from ((data["family"], entry) for entry in data["rules"])


def rule_files() -> Iterator[tuple[str, str]]:
    """(path, text) of the package's own rule files, a folder for each field: databases/mysql-login.yml."""
    yield from _below(_RULES, "")


def _below(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            yield from _below(entry, f"{path}{entry.name}/")
        elif entry.name.endswith(".yml"):
            yield f"{path}{entry.name}", entry.read_text("utf-8")


def read_rules(files: Iterable[tuple[str, str]]) -> tuple[tuple[Rule, ...], tuple[RuleProblem, ...]]:
    """The rules of (path, text) pairs, and every problem; a rule with a problem is left out, its neighbours stay."""
    rules: list[Rule] = []
    problems: list[RuleProblem] = []
    for path, text in files:
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
            data = yaml.load(text, Loader=_Loader)
        except yaml.YAMLError as problem:
            mark = getattr(problem, "problem_mark", None)
            what = getattr(problem, "problem", None) or str(problem).splitlines()[0]
            problems.append(RuleProblem(path, mark.line + 1 if mark else 1, f"not YAML: {what}"))
            continue
        except (ValueError, RecursionError) as problem:
            problems.append(RuleProblem(path, 1, f"not YAML: {problem}"))
            continue
        bad = _against_schema(path, data, node)
        problems += [problem for _, problem in bad]
        broken = {at for at, _ in bad}
        if None in broken or not isinstance(data, Mapping):
            continue
        for number, entry in enumerate(data["rules"]):
            if number in broken:
                continue
            try:
                rules.append(_checked(entry, data["family"], path))
            except (NoLiteral, ValueError) as problem:
                problems.append(RuleProblem(path, _line(node, ["rules", number]), str(problem)))
    return tuple(rules), tuple(problems)


def rulebook(extra: Sequence[Rule] = (), examples: bool = True) -> tuple[Rule, ...]:
    """The shipped rules and a team's own; a team's rule replaces a shipped one of the same id."""
    own = {rule.id for rule in extra}
    return (*(rule for rule in shipped(examples) if rule.id not in own), *extra)


def loose_ends(own: Sequence[Rule], rules: Sequence[Rule]) -> tuple[RuleProblem, ...]:
    """What a team's rules name that is not there: the ids of rules that they explain."""
    known = {rule.id for rule in rules}
    return tuple(
        RuleProblem(rule.origin, 1, f"rule {rule.id} explains {name}, and no rule has that id")
        for rule in own
        for name in rule.explains
        if name not in known
    )


def _checked(entry: Mapping[str, Any], family: str, path: str) -> Rule:
    import regex  # type: ignore[import-untyped]

    rule = _rule(entry, family, path)
    for source in [*(one.source for one in rule.patterns), rule.command]:
        try:
            regex.compile(source)
        except regex.error as problem:
            raise ValueError(f"rule {rule.id}: {source!r} is no regular expression: {problem}") from None
    for cure in rule.cures:
        if cure["kind"] not in KINDS:
            raise ValueError(f"rule {rule.id}: no cure is of the kind {cure['kind']!r}; there are: {', '.join(KINDS)}")
    if not rule.any and not rule.exit_codes and not rule.results:
        raise ValueError(f"rule {rule.id} has nothing to match: give any, exit_codes or results")
    return rule


def _against_schema(path: str, data: object, node: yaml.Node | None) -> list[tuple[int | None, RuleProblem]]:
    import jsonschema

    found: list[tuple[int | None, RuleProblem]] = []
    for error in jsonschema.Draft202012Validator(rule_schema()).iter_errors(data):
        place = list(error.absolute_path)
        number = place[1] if len(place) > 1 and place[0] == "rules" and isinstance(place[1], int) else None
        where = ".".join(str(part) for part in place) or "the file"
        found.append((number, RuleProblem(path, _line(node, place), f"{where}: {error.message[:200]}")))
    return found


def _line(node: yaml.Node | None, place: Sequence[str | int]) -> int:
    line = node.start_mark.line + 1 if node is not None else 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == part), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


def _rule(
    entry: Mapping[str, Any], family: str, origin: str, words: Mapping[str, Sequence[str]] = MappingProxyType({})
) -> Rule:
    examples = entry.get("examples", {})
    simple = {
        key: entry[key]
        for key in ("severity", "command", "priority", "confidence", "at_end", "even_green", "refusal")
        if key in entry
    }
    return Rule(
        id=entry["id"],
        title=entry["title"],
        category=entry.get("category", family),
        any=tuple(pattern(source, words) for source in entry.get("any", ())),
        requires=tuple(
            Required(pattern(one, words))
            if isinstance(one, str)
            else Required(pattern(one["text"], words), one.get("at_least", 1))
            for one in entry.get("requires", ())
        ),
        excludes=tuple(pattern(source, words) for source in entry.get("excludes", ())),
        exit_codes=frozenset(entry.get("exit_codes", ())),
        results=frozenset(entry.get("results", ())),
        places=tuple(entry.get("in", ("command", "step"))),
        explains=tuple(entry.get("explains", ())),
        cause=entry["cause"].strip(),
        cure=entry["cure"].strip(),
        cures=tuple(dict(cure) for cure in entry.get("cures", ())),
        questions=tuple(
            AskedBy(q["ask"], q.get("with", {}), q.get("supports", {}), q.get("refutes", {}))
            for q in entry.get("questions", ())
        ),
        alternatives=tuple(
            Otherwise(o["what"], o.get("ask", ""), o.get("ruled_out_by", {})) for o in entry.get("alternatives", ())
        ),
        references=tuple(entry.get("references", ())),
        examples=Examples(
            tuple(examples.get("positive", ())),
            tuple((one["log"], one.get("rule")) for one in examples.get("confusable", ())),
            tuple(examples.get("green", ())),
        ),
        origin=origin,
        **simple,
    )
