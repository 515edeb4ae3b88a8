"""From a text to a Reading."""

from __future__ import annotations

from pipelinelab.model.pipelines import Pipelines
from pipelinelab.model.source import Span
from pipelinelab.reading.check_meaning import check_meaning
from pipelinelab.reading.check_shell import check_shell
from pipelinelab.reading.decode import conflict, decode, problem
from pipelinelab.reading.desk import Desk, kind_word
from pipelinelab.reading.keywords import SECTIONS
from pipelinelab.reading.look_alikes import look_alikes
from pipelinelab.reading.misplaced import keywords_beside_step, stuck_dashes, walk
from pipelinelab.reading.problems import ERROR, WARNING, Edit, Fix, Problem, Reading, by_importance
from pipelinelab.reading.sections import read_section
from pipelinelab.reading.syntax import explain_syntax
from pipelinelab.reading.yaml_tree import Lines, Mapping, Scalar, Tree, TreeError, YamlNode, grow


def read_text(text: bytes | str, file: str = "bitbucket-pipelines.yml") -> Reading:
    """Read a whole pipelines file.

    ``text`` is what the file holds; ``file`` is what its problems call it. Gives the model as far as it could be made
    out, and every problem, most important first. Never raises for what is in the text; takes bounded time and memory
    whatever it is.
    """
    decoded, problems = decode(text, file)
    if any(one.severity == ERROR for one in problems):
        return _reading(file, decoded, None, problems)
    lines = Lines(decoded, file)
    marker = conflict(lines)
    if marker is not None:
        return _reading(file, decoded, None, [*problems, marker])
    try:
        tree = grow(decoded, lines)
    except TreeError as wrong:
        return _reading(file, decoded, None, [*problems, explain_syntax(wrong, lines)])
    if tree.root is None or (isinstance(tree.root, Scalar) and tree.root.kind == "null"):
        empty = problem(
            "PL005",
            Span(file, 1, 1, 1, 1),
            "the file is empty",
            expected="at least `pipelines:`",
            found="nothing" if not decoded.strip() else "only comments",
        )
        return _reading(file, decoded, None, [*problems, empty])
    pipelines, found = _model(tree, tree.root, lines)
    return _reading(file, decoded, pipelines, [*problems, *found])


def _reading(file: str, text: str, pipelines: Pipelines | None, problems: list[Problem]) -> Reading:
    return Reading(file=file, pipelines=pipelines, problems=by_importance(problems), text=text)


def _model(tree: Tree, root: YamlNode, lines: Lines) -> tuple[Pipelines | None, list[Problem]]:
    desk = Desk(lines, SECTIONS)
    if look_alikes(desk, root) or stuck_dashes(desk, root):
        return None, desk.problems
    empty = {(one.span.line, one.span.column): one for one in walk(root) if isinstance(one, Scalar) and not one.value}
    for name, first, second in tree.repeated:
        void = empty.get((second.line, second.column))
        if void is not None:
            desk.explained.add(void.span)
        desk.report(
            "PL014",
            second,
            f"the anchor &{name} is named a second time, first in line {first.line}",
            (),
            expected=f"&{name} once, and *{name} to use it",
            found=f"&{name} in lines {first.line} and {second.line}",
            suggestion=f"to use what was anchored, write *{name}; to anchor something else, give it another name",
            severity=ERROR if void is not None else WARNING,
            fix=Fix(title=f"write *{name}", edits=(Edit(second, f"*{name}"),)) if void is not None else None,
        )
    if not isinstance(root, Mapping):
        desk.report(
            "PL101",
            root,
            f"the file should be a map, and is {kind_word(root)}",
            (),
            expected="a map",
            found=kind_word(root),
            suggestion="begin with `pipelines:`",
        )
        return None, desk.problems
    keywords_beside_step(desk, root)
    pipelines: Pipelines | None = read_section(desk, root, (), "top")
    if pipelines is not None:
        check_meaning(desk, root, pipelines)
        check_shell(desk, pipelines)
    return pipelines, desk.problems
