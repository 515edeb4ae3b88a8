"""A map's pairs as fields: merge keys followed, duplicates told."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pipelinelab.reading.complaints import placeholder
from pipelinelab.reading.desk import Desk, Path, kind_word, quoted
from pipelinelab.reading.problems import ERROR, HINT
from pipelinelab.reading.yaml_tree import Mapping, Scalar, Sequence, YamlNode


@dataclass(frozen=True, slots=True)
class Field:
    """One ``name: value``; ``merged`` True where it came through ``<<``."""

    name: str
    key: Scalar
    value: YamlNode
    merged: bool = False


def fields(desk: Desk, node: Mapping, at: Path) -> list[Field]:
    """The fields of a map in the order they stand, each name once. As YAML 1.1 has it, the last of two duplicates
    counts, and what is written counts more than what is merged."""
    found: dict[str, Field] = {}
    merges: list[YamlNode] = []
    first_merge: Scalar | None = None
    for key, value in node.entries:
        if isinstance(key, Scalar) and key.value == "<<" and key.kind in ("merge", "str") and not key.style:
            if first_merge is not None:
                again(desk, "<<", first_merge, key, at, severity=HINT)
            first_merge = key
            merges.append(value)
        elif not isinstance(key, Scalar):
            if not placeholder(desk, node, at):
                desk.report(
                    "PL101",
                    key,
                    f"a keyword should be a word, and is {kind_word(key)}",
                    at,
                    expected="a keyword",
                    found=kind_word(key),
                    suggestion="put it in quotes",
                    fix=desk.replace(key, quoted(desk.source(key)), "quote it"),
                )
        elif key.value in ("<", "<<<", ">>") and isinstance(value, Mapping) and value.via:
            desk.report(
                "PL103",
                key,
                f"`{key.value}:` merges nothing; did you mean `<<:`?",
                at,
                severity=ERROR,
                expected="`<<:`",
                found=f"`{key.value}:`",
                suggestion="write `<<:`",
                fix=desk.replace(key, "<<", "write <<:"),
            )
            merges.append(value)
        else:
            if key.value in found:
                again(desk, key.value, found[key.value].key, key, at)
            found[key.value] = Field(key.value, key, value)
            if not isinstance(value, Scalar) and not value.via:
                desk.names[value.span] = key.span
    for value in merges:
        for one in merged(desk, value, at):
            found.setdefault(one.name, one)
    return list(found.values())


def again(desk: Desk, name: str, first: Scalar, second: Scalar, at: Path, **more: str) -> None:
    """Report a keyword that stands twice in one map."""
    advice = {"<<": "write <<: [*one, *other]"} | dict.fromkeys(
        ("step", "stage", "parallel"), "the last one wins silently: put `- ` before the second"
    )
    desk.report(
        "PL015",
        second,
        f"`{name}:` stands twice here, first in line {first.span.line}",
        at,
        expected="each keyword once",
        found=f"`{name}:` in lines {first.span.line} and {second.span.line}",
        suggestion=advice.get(name, "the last one wins silently: join the two, or give one another name"),
        **more,
    )


def merged(desk: Desk, value: YamlNode, at: Path) -> list[Field]:
    """The fields that a merge key brings in; of several maps, the first that has a name gives it."""
    sources = list(value.items) if isinstance(value, Sequence) else [value]
    found: dict[str, Field] = {}
    for source in sources:
        if not isinstance(source, Mapping):
            if source.span not in desk.explained:
                desk.report(
                    "PL016",
                    source.via[0] if source.via else source,
                    f"`<<` can only merge maps, and this is {kind_word(source)}",
                    at,
                    expected="a map",
                    found=kind_word(source),
                )
            continue
        for one in fields(desk, source, at):
            through = one.value if one.value.via else replace(one.value, via=source.via or value.via)
            found.setdefault(one.name, Field(one.name, one.key, through, merged=True))
    return list(found.values())
