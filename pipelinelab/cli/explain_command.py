"""``pipelinelab explain``: the whole story of a problem code or a diagnosis rule."""

from __future__ import annotations

import click

from pipelinelab.errors import UsageError
from pipelinelab.reading.codes import CODES
from pipelinelab.reading.stories import page, story
from pipelinelab.reading.suggest import nearest


@click.command("explain")
@click.argument("code", required=False, metavar="[CODE]")
def command(code: str | None) -> int:
    """Tell what a code is, why it is bad, with an example and what to write instead. Without CODE: list them all."""
    if code is None:
        for one in CODES.values():
            click.echo(f"{one.code}  {one.severity:<7}  {one.title}")
        return 0
    told = story(code)
    if told is not None:
        click.echo(page(told), nl=False)
        return 0
    rule = _rule(code)
    if rule is not None:
        click.echo(rule)
        return 0
    near = nearest(code.upper(), CODES)
    raise UsageError(f"there is no code {code}", f"did you mean {near}?" if near else "pipelinelab explain lists them")


def _rule(name: str) -> str | None:
    """The story of a diagnosis rule; None where there is no such rule."""
    from pipelinelab.diagnosis.pages import rule_page

    return rule_page(name)
