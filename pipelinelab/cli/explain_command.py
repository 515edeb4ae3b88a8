"""``pipelinelab explain``: the whole story of a problem code or a diagnosis rule."""

from __future__ import annotations

from pathlib import Path

import click

from pipelinelab.errors import UsageError
from pipelinelab.reading.codes import CODES
from pipelinelab.reading.stories import page, story
from pipelinelab.reading.suggest import nearest


@click.command("explain")
@click.argument("code", required=False, metavar="[CODE]")
@click.option("-C", "root", type=click.Path(path_type=Path, file_okay=False, exists=True), default=".", help="The repository, with the team's own rules in .pipelinelab/rules/.")  # fmt: skip  # noqa: E501
def command(code: str | None, root: Path) -> int:
    """Tell what a code or a diagnosis rule is, why it is bad, with an example and what to do instead. Without CODE:
    list the codes of the file's problems (`pipelinelab rules` lists the rules)."""
    if code is None:
        for one in CODES.values():
            click.echo(f"{one.code}  {one.severity:<7}  {one.title}")
        return 0
    told = story(code)
    if told is not None:
        click.echo(page(told), nl=False)
        return 0
    rule = _rule(code, root)
    if rule is not None:
        click.echo(rule)
        return 0
    near = nearest(code.upper(), CODES)
    raise UsageError(f"there is no code {code}", f"did you mean {near}?" if near else "pipelinelab explain lists them")


def _rule(name: str, root: Path) -> str | None:
    """The story of a diagnosis rule, the team's own first; None where there is no such rule."""
    from pipelinelab.diagnosis.pages import rule_page
    from pipelinelab.diagnosis.rulebook import read_rules, rulebook
    from pipelinelab.system.project_files import project_top, rule_files

    return rule_page(name, rulebook(read_rules(rule_files(project_top(root) or root))[0]))
