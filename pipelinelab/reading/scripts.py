"""Readers of scripts, pipes and variables."""

from __future__ import annotations

import re

from pipelinelab.model.pipelines import AgentTask, Command, Pipe
from pipelinelab.model.source import Span
from pipelinelab.reading.complaints import dashes_as_text, empty, placeholder, wrong_kind
from pipelinelab.reading.desk import Desk, Path, quoted
from pipelinelab.reading.fields import fields
from pipelinelab.reading.problems import ERROR, WARNING, Edit, Fix
from pipelinelab.reading.sections import Parts, fitting, read_section
from pipelinelab.reading.suggest import nearest
from pipelinelab.reading.values import text
from pipelinelab.reading.yaml_tree import Mapping, Scalar, Sequence, YamlNode

_COMMENT_ITEM = re.compile(r"(\s*)-\s*(#.*)?$")


def script(desk: Desk, node: YamlNode, at: Path) -> tuple[Command | Pipe, ...] | None:
    """The items of a script. A single string is refused, and read as the one command that it means."""
    if isinstance(node, Sequence):
        if not node.items:
            empty(desk, node, at)
        with desk.through(node):
            items = [item(desk, one, (*at, index), len(node.items)) for index, one in enumerate(node.items)]
        return tuple(one for one in items if one is not None)
    if dashes_as_text(desk, node, at):
        return None
    if isinstance(node, Scalar) and node.kind != "null":
        desk.report(
            "PL113",
            node,
            f"`{at[-1]}` should be a list of commands, and is text",
            at,
            expected="a list of commands",
            found="text",
            suggestion="put `- ` before the command, in a line of its own",
            fix=_listed(desk, node),
            reason="This section should be a list (it is currently defined as a string).",
        )
        return (Command(text=node.value, span=node.span, via=node.via),)
    if isinstance(node, Mapping) and node.entries and not placeholder(desk, node, at):
        wrong_kind(
            desk,
            node,
            at,
            "a list of commands",
            suggestion="put `- ` before each command",
            reason="This section should be a list (it is currently defined as a map).",
        )
        return None
    wrong_kind(desk, node, at, "a list of commands")
    return None


def _listed(desk: Desk, node: Scalar) -> Fix | None:
    line = desk.lines.line(node.span.line)
    before = line[: node.span.column - 1]
    if (
        node.via
        or node.style in ("|", ">")
        or node.span.line != node.span.end_line
        or not before.rstrip().endswith(":")
    ):
        return None
    indent = " " * (len(before) - len(before.lstrip(" -")) + 2)
    blanks = len(before) - len(before.rstrip())
    begin = Span(node.span.file, node.span.line, node.span.column - blanks, node.span.end_line, node.span.end_column)
    return Fix(title="make it a list", edits=(Edit(begin, f"\n{indent}- {desk.source(node)}"),))


def item(desk: Desk, node: YamlNode, at: Path, of: int = 2) -> Command | Pipe | None:
    """One script item: shell text, a pipe or an agent's task."""
    if isinstance(node, Sequence) and node.flow and not node.via:
        written = desk.source(node)
        desk.report(
            "PL112",
            node,
            "a command that begins with [ is a list to YAML",
            at,
            expected=quoted(written),
            found=written,
            suggestion="put the whole command in quotes",
            fix=desk.replace(node, quoted(written), "quote the command") if "\n" not in written else None,
        )
        return None
    if isinstance(node, Sequence):
        desk.report(
            "PL112",
            node.via[0] if node.via else node,
            "a list where one command is wanted",
            at,
            expected="a command",
            found="a list",
            suggestion="an alias of a list puts the whole list in one item: anchor a text block (`&name |`) instead, "
            "or use the alias for the whole script",
        )
        return None
    if isinstance(node, Mapping):
        return _map_item(desk, node, at)
    if node.kind == "null" or (node.kind == "str" and not node.value.strip()):
        if node.span not in desk.explained:
            desk.report(
                "PL111",
                node,
                "an empty command",
                at,
                expected="a command",
                found="nothing",
                suggestion="take the dash away" if of > 1 else "write a command",
                fix=_no_dash(desk, node, of),
                reason="Missing or empty command string.",
            )
        return None
    if node.tag.startswith("!"):
        _tagged(desk, node, at)
        return Command(text=node.value, span=node.span, via=node.via)
    value = text(desk, node, at)
    if value is None:
        return None
    if not node.style and node.span.end_line > node.span.line and " - " in node.value:
        _joined(desk, node, at)
    if node.style in ("", ">") and node.span.end_line > node.span.line and "\\ " in node.value:
        _backslash(desk, node, at)
    return Command(text=node.value, span=node.span, via=node.via)


def _tagged(desk: Desk, node: Scalar, at: Path) -> None:
    written = desk.source(node)
    lost = node.tag == "!"
    desk.report(
        "PL221",
        node,
        "YAML takes the `!` away from this command"
        if lost
        else f"`{node.tag}` is a YAML tag that Bitbucket does not know",
        at,
        severity=WARNING if lost else ERROR,
        expected=quoted(written),
        found=written,
        suggestion="put the whole command in quotes",
        fix=desk.replace(node, quoted(written), "quote the command") if "\n" not in written and not node.via else None,
    )


_QUOTES = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"")


def _backslash(desk: Desk, node: Scalar, at: Path) -> None:
    """Report backslashes at the ends of lines that YAML folds into one: the shell sees a backslash and a blank, which
    is a blank inside a word."""
    if not re.search(r"(?<!\\)\\ ", _QUOTES.sub("", node.value)):
        return
    ends = [
        (line, len(text[:-1].rstrip()), len(text))
        for line in range(node.span.line, node.span.end_line)
        if (text := desk.lines.line(line).rstrip()).endswith("\\") and desk.lines.line(line + 1).strip()
    ]
    if not ends:
        return
    line, _, sign = ends[0]
    edits = tuple(Edit(Span(node.span.file, one, begin + 1, one, end + 1), "") for one, begin, end in ends)
    desk.report(
        "PL222",
        Span(node.span.file, line, sign, line, sign + 1),
        "this backslash does not end the line for the shell: YAML has joined the lines already",
        at,
        expected="the lines without backslashes, or a block (`- |`)",
        found="a backslash before a blank, which the shell takes for a part of the next word",
        suggestion="take the backslashes away: YAML puts a blank between the lines",
        fix=Fix(title="take the backslashes away", edits=edits),
        via=node.via,
    )


def _joined(desk: Desk, node: Scalar, at: Path) -> None:
    """Report a line that begins with a dash and is a part of the command above, being indented too far."""
    for line in range(node.span.line + 1, node.span.end_line + 1):
        written = desk.lines.line(line)
        if not written.strip().startswith("- "):
            continue
        column = len(written) - len(written.lstrip()) + 1
        desk.report(
            "PL220",
            Span(node.span.file, line, column, line, len(written.rstrip()) + 1),
            "this line is a part of the command above, dash and all",
            at,
            expected=f"the dash in column {max(1, node.span.column - 2)}, as the one above",
            found=f"a dash in column {column}",
            suggestion="line the dashes up",
            via=node.via,
        )
        return


def _no_dash(desk: Desk, node: Scalar, of: int) -> Fix | None:
    line = desk.lines.line(node.span.line)
    found = _COMMENT_ITEM.match(line)
    if found is None or of < 2 or node.via or node.style:
        return None
    indent, comment = found[1], found[2] or ""
    whole = Span(node.span.file, node.span.line, 1, node.span.line, len(line) + 1)
    return Fix(title="take the dash away", edits=(Edit(whole, indent + comment if comment else ""),))


def _map_item(desk: Desk, node: Mapping, at: Path) -> Command | Pipe | None:
    names = [one.name for one in fields(desk, node, at)] if any(_merges(key) for key, _ in node.entries) else [
        key.value for key, _ in node.entries if isinstance(key, Scalar)
    ]  # fmt: skip
    if "pipe" in names or (nearest(names[0] if names else "", ["pipe"]) and " " not in names[0]):
        pipe: Pipe | None = read_section(desk, node, at, "pipe")
        return pipe
    if "agent" in names:
        task: AgentTask | None = read_section(desk, node, at, "agent-task")
        return task
    if placeholder(desk, node, at):
        return None
    if names == ["variables"]:
        desk.report(
            "PL105",
            node,
            "`variables:` has a dash of its own, and belongs to the pipe above",
            at,
            severity=ERROR,
            expected="`variables:` in the column of `pipe:`",
            found="`- variables:`",
            suggestion="take the dash away, and line it up with `pipe:`",
            reason="Missing or empty command string.",
        )
        return None
    if names and names[0] in desk.sections["step"].keywords and names[0] != "name":
        desk.report(
            "PL105",
            node.entries[0][0],
            f"`{names[0]}:` is a keyword of the step, and stands among its commands",
            at,
            severity=ERROR,
            expected=f"`{names[0]}:` in the column of `script:`",
            found=f"`- {names[0]}:`",
            suggestion="take the dash away, and line it up with `script:`",
            reason="Missing or empty command string.",
        )
        return None
    written = desk.source(node)
    one_line = "\n" not in written
    command = bool(names) and (" " in names[0] or (one_line and not node.flow))
    sure = one_line and command and not node.via and bool(names) and " " in names[0]
    desk.report(
        "PL110",
        node,
        "the colon makes this command a map",
        at,
        expected="a command, or a map with `pipe:`",
        found=f"a map with the key {names[0] if names else ''!r}",
        suggestion="put the whole command in single quotes, or write it as a block (`- |`)",
        fix=desk.replace(node, quoted(written), "quote the command", safe=sure) if one_line and command else None,
        reason="Missing or empty command string.",
    )
    return Command(text=written, span=node.span, via=node.via) if one_line else None


def _merges(key: YamlNode) -> bool:
    return isinstance(key, Scalar) and key.value == "<<"


def build_pipe(desk: Desk, parts: Parts) -> Pipe:
    """A pipe; one without a version is told, for it may change under the reader's feet."""
    pipe = Pipe(**parts.values, **parts.origin())
    name = pipe.pipe.removeprefix("docker://")
    if ":" not in name.rsplit("/", 1)[-1] and "@" not in name and "$" not in name:
        desk.report(
            "PL216",
            parts.fields["pipe"].value if "pipe" in parts.fields else parts.node,
            f"the pipe {pipe.pipe} has no version",
            parts.at,
            expected=f"{pipe.pipe}:1.2.3",
            found=pipe.pipe,
            suggestion="name the version that you tested",
        )
    return pipe


def build_agent_task(_: Desk, parts: Parts) -> AgentTask:
    """An agent's task."""
    values = fitting(AgentTask, parts.values)
    return AgentTask(**{"pipe": f"agent:{values['agent']}"} | values, **parts.origin())
