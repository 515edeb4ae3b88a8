"""Characters that look like others."""

from __future__ import annotations

from dataclasses import replace

from pipelinelab.model.source import Span
from pipelinelab.reading.desk import Desk
from pipelinelab.reading.misplaced import walk
from pipelinelab.reading.problems import ERROR, Edit, Fix
from pipelinelab.reading.syntax_indent import _BLANKS, _LEAD
from pipelinelab.reading.yaml_tree import Mapping, Scalar, YamlNode


def look_alikes(desk: Desk, root: YamlNode) -> bool:
    """Report characters that look like others and are not: blanks that are none, quotes of a word processor. True
    where such a blank is a part of a keyword, so that the structure is another than it seems."""
    text = desk.lines.text
    if text.isascii():
        return False
    for node in walk(root):
        for key, _ in node.entries if isinstance(node, Mapping) else ():
            if isinstance(key, Scalar) and key.value[:1] and key.value[0] in _BLANKS:
                sign = f"U+{ord(key.value[0]):04X}"
                at = replace(key.span, end_line=key.span.line, end_column=key.span.column + 1)
                desk.report(
                    "PL017",
                    at,
                    f"the invisible character {sign} stands where a blank should indent the line",
                    (),
                    severity=ERROR,
                    expected="a blank",
                    found=sign,
                    suggestion="it came with a copy from a web page: type the blanks anew",
                    fix=Fix(title="make it a blank", edits=(Edit(at, " "),)),
                )
                return True
    for number in range(1, len(desk.lines.starts) + 1):
        found = _LEAD.match(desk.lines.line(number))
        if found:
            at = Span(desk.lines.file, number, found.start(1) + 1, number, found.end(1) + 1)
            sign = f"U+{ord(found[1]):04X}"
            desk.report(
                "PL017",
                at,
                f"the invisible character {sign} at the start of this line",
                (),
                expected="a blank",
                found=sign,
                suggestion="it came with a copy from a web page: type the blanks anew",
                fix=Fix(title="make it a blank", edits=(Edit(at, " "),), safe=False),
            )
    for node in walk(root):
        if isinstance(node, Scalar) and not node.style and node.value[:1] in "“”‘’„«" and node.value:
            desk.report(
                "PL017",
                node,
                f"{node.value[0]} is not a quote to YAML, but a part of the text",
                (),
                expected="straight quotes: ' or \"",
                found=node.value[:40],
                suggestion="type the quotes anew",
            )
    return False
