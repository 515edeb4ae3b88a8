"""YAML text as a tree of nodes that know where they stand.

Built from the parser's events, not by its composer: an anchor may be named twice (YAML allows it, PyYAML's composer
does not), a duplicated key stays visible, an alias remembers where it was used, and nothing recurses, so that depth
and size can be bounded while reading.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import yaml

from pipelinelab.model.source import Span

MAX_DEPTH = 60
MAX_NODES = 50_000
MAX_UNFOLDED = 100_000

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOLVER = yaml.resolver.Resolver()
for _first, _rules in yaml.SafeLoader.yaml_implicit_resolvers.items():
    _RESOLVER.yaml_implicit_resolvers[_first] = list(_rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A single value. ``kind`` is what YAML 1.1 makes of it: str, bool, int, float, null, timestamp, merge, binary.
    ``style`` is "" (plain), ', ", | or >; ``tag`` is an explicit one, as ``!`` or ``!secret``."""

    span: Span
    value: str
    kind: str
    style: str = ""
    tag: str = ""
    anchor: str | None = None
    via: tuple[Span, ...] = ()
    size: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """A list."""

    span: Span
    items: tuple[YamlNode, ...]
    flow: bool = False
    anchor: str | None = None
    via: tuple[Span, ...] = ()
    size: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A map, as the pairs stand in the text: duplicates and merge keys are still there."""

    span: Span
    entries: tuple[tuple[YamlNode, YamlNode], ...]
    flow: bool = False
    anchor: str | None = None
    via: tuple[Span, ...] = ()
    size: int = 1


YamlNode = Scalar | Sequence | Mapping


class TreeError(Exception):
    """The text is not one YAML document within bounds. ``kind`` names the reason, ``span`` the place."""

    def __init__(self, kind: str, span: Span, detail: str = "", context: Span | None = None) -> None:
        super().__init__(detail or kind)
        self.kind = kind
        self.span = span
        self.detail = detail
        self.context = context


class Lines:
    """Character offsets to lines and columns of the text as an editor counts them."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.text = text
        self.starts = [0]
        at = text.find("\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = text.find("\n", at + 1)

    def span(self, begin: int, end: int) -> Span:
        """The span between two offsets."""
        first = bisect_right(self.starts, begin)
        last = bisect_right(self.starts, end)
        return Span(self.file, first, begin - self.starts[first - 1] + 1, last, end - self.starts[last - 1] + 1)

    def offset(self, line: int, column: int) -> int:
        """The offset of a place."""
        return min(self.starts[min(line, len(self.starts)) - 1] + column - 1, len(self.text))

    def line(self, number: int) -> str:
        """A line without its end; "" beyond the last."""
        if not 1 <= number <= len(self.starts):
            return ""
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[self.starts[number - 1] : end].rstrip("\r\n")

    def slice(self, span: Span) -> str:
        """What a span holds."""
        begin = self.offset(span.line, span.column)
        return self.text[begin : self.offset(span.end_line, span.end_column)]


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been seen."""

    is_map: bool
    begin: int
    flow: bool
    anchor: str | None
    children: list[YamlNode] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A document. ``repeated`` are anchors that were named before: (name, first place, second place)."""

    root: YamlNode | None
    repeated: tuple[tuple[str, Span, Span], ...]


def kind_of(value: str) -> str:
    """What YAML 1.1 makes of an unquoted word: str, bool, int, float, null, timestamp …"""
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    return tag.rpartition(":")[2]


def grow(text: str, lines: Lines) -> Tree:
    """The tree of a text. Raises TreeError, with the place, for anything that is not one document within bounds."""
    try:
        return _Grower(lines).grow(yaml.parse(text, Loader=_LOADER))
    except yaml.reader.ReaderError as problem:
        at = problem.position if isinstance(problem.position, int) else 0
        raise TreeError("character", lines.span(at, at + 1), str(problem.reason)) from None
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        at = min(mark.index, len(text)) if mark else 0
        context = problem.context_mark
        raise TreeError(
            "depth" if "nesting depth" in str(problem.problem) else "syntax",  # libyaml's own, since 0.2.6
            lines.span(at, at), str(problem.problem or problem.context or "not YAML"),
            lines.span(context.index, context.index) if context else None,
        ) from None  # fmt: skip
    except yaml.YAMLError as problem:
        raise TreeError("syntax", lines.span(0, 0), str(problem)) from None


def _begin(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark else 0


def _end(event: yaml.Event) -> int:
    return event.end_mark.index if event.end_mark else 0


class _Grower:
    """Folds events into one tree. Its only state is the stack of open collections and the anchors seen."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.stack: list[_Open] = []
        self.anchors: dict[str, YamlNode] = {}
        self.repeated: list[tuple[str, Span, Span]] = []
        self.places: dict[str, Span] = {}
        self.root: YamlNode | None = None
        self.count = 0
        self.expanded = 0

    def grow(self, events: Iterator[yaml.Event]) -> Tree:
        documents = 0
        for event in events:
            if isinstance(event, yaml.ScalarEvent):
                self.add(self.scalar(event))
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self.open(event)
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self.close(event)
            elif isinstance(event, yaml.AliasEvent):
                self.add(self.alias(event))
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise TreeError("documents", self.span(event))
        return Tree(root=self.root, repeated=tuple(self.repeated))

    def span(self, event: yaml.Event) -> Span:
        return self.lines.span(_begin(event), _end(event))

    def name(self, anchor: str | None, event: yaml.Event) -> None:
        if anchor is None:
            return
        place = self.lines.span(_begin(event), _begin(event) + len(anchor) + 1)
        if anchor in self.places:
            self.repeated.append((anchor, self.places[anchor], place))
        self.places[anchor] = place

    def scalar(self, event: yaml.ScalarEvent) -> Scalar:
        self.name(event.anchor, event)
        if event.tag and event.tag != "!":
            kind = event.tag.rpartition(":")[2].lstrip("!")
        elif event.implicit[0] and not event.style:
            kind = kind_of(event.value)
        else:
            kind = "str"
        span = self.span(event)
        if event.anchor and not event.style and event.value:
            span = self.past_anchor(event, len(event.anchor), span)
        return Scalar(
            span=span, value=event.value, kind=kind, style=event.style or "", tag=event.tag or "", anchor=event.anchor
        )

    def past_anchor(self, event: yaml.ScalarEvent, anchor: int, span: Span) -> Span:
        begin = self.lines.text.find(event.value[:1], _begin(event) + anchor + 1)
        return self.lines.span(begin, _end(event)) if 0 <= begin < _end(event) else span

    def open(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        self.name(event.anchor, event)
        if len(self.stack) >= MAX_DEPTH:
            raise TreeError("depth", self.span(event), f"more than {MAX_DEPTH} levels deep")
        if event.anchor is not None:
            self.anchors.pop(event.anchor, None)
        is_map = isinstance(event, yaml.MappingStartEvent)
        self.stack.append(_Open(is_map, _begin(event), bool(event.flow_style), event.anchor))

    def close(self, event: yaml.Event) -> None:
        top = self.stack.pop()
        end = _end(event) if top.flow else self.content_end(top, _begin(event))
        span = self.lines.span(top.begin, max(top.begin, end))
        size = 1 + sum(child.size for child in top.children)
        node: YamlNode
        if top.is_map:
            pairs = tuple(zip(top.children[::2], top.children[1::2], strict=True))
            node = Mapping(span=span, entries=pairs, flow=top.flow, anchor=top.anchor, size=size)
        else:
            node = Sequence(span=span, items=tuple(top.children), flow=top.flow, anchor=top.anchor, size=size)
        if size > MAX_UNFOLDED:
            raise TreeError("aliases", span, f"more than {MAX_UNFOLDED:,} values once its aliases are unfolded")
        self.add(node)

    def content_end(self, top: _Open, fallback: int) -> int:
        """A block collection ends where its last child ends, not at the next token."""
        if not top.children:
            return fallback
        last = top.children[-1]
        span = last.via[0] if last.via else last.span
        return self.lines.offset(span.end_line, span.end_column)

    def alias(self, event: yaml.AliasEvent) -> YamlNode:
        place = self.span(event)
        name = event.anchor or ""
        if name not in self.anchors:
            recursive = any(one.anchor == name for one in self.stack)
            raise TreeError("recursion" if recursive else "alias", place, name)
        target = self.anchors[name]
        return replace(target, via=(place, *target.via), anchor=None)

    def add(self, node: YamlNode) -> None:
        if node.anchor is not None and not node.via:
            self.anchors[node.anchor] = node
        self.count += 1
        if self.count > MAX_NODES:
            raise TreeError("values", node.span, f"more than {MAX_NODES:,} values")
        if self.stack:
            self.stack[-1].children.append(node)
        else:
            self.root = node
