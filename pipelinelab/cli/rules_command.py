"""``pipelinelab rules``: the rulebook, and the tests that its examples are."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("rules")
@click.option("-C", "root", type=click.Path(path_type=Path, file_okay=False, exists=True), default=".", help="The repository, with the team's own rules in .pipelinelab/rules/.")  # fmt: skip  # noqa: E501
@click.option("--test", is_flag=True, help="Run the examples of every rule; 1 where one comes out otherwise.")
@click.option("--own", is_flag=True, help="Only the team's own rules.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(root: Path, test: bool, own: bool, form: str) -> int:
    """List the diagnosis rules, or test them by their own examples.

    An error in a team's rule file is told with its line; the other rules go on. Exit codes: 0 all is well, 1 a rule
    file has errors or an example failed.
    """
    from pipelinelab.diagnosis.examples import run_examples
    from pipelinelab.diagnosis.rulebook import read_rules, rulebook
    from pipelinelab.diagnosis.slots import tell
    from pipelinelab.system.project_files import rule_files

    team, problems = read_rules(rule_files(root))
    rules = rulebook(team)
    chosen = team if own else rules
    for problem in problems:
        click.echo(f"error: {problem}", err=True)
    if not test:
        if form == "json":
            rows = [
                {
                    "id": r.id,
                    "title": tell(r.title, {}),
                    "category": r.category,
                    "severity": r.severity,
                    "origin": r.origin,
                }
                for r in chosen
            ]
            click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        else:
            width = max((len(rule.id) for rule in chosen), default=0)
            for rule in sorted(chosen, key=lambda r: (r.category, r.id)):
                click.echo(f"{rule.category:<12} {rule.id:<{width}}  {tell(rule.title, {})}")
        return 1 if problems else 0
    results = [result for rule in chosen for result in run_examples(rule, rules)]
    failed = [result for result in results if not result.passed]
    if form == "json":
        from dataclasses import asdict

        told = [{**asdict(result), "passed": result.passed} for result in results]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        for result in failed:
            click.echo(
                f"{result.rule}: a {result.kind} example gives {result.got or 'nothing'}, "
                f"not {result.expected or 'nothing'}"
            )
            click.echo("".join(f"  | {line}\n" for line in result.log.splitlines()[:6]), nl=False)
        click.echo(f"{len(chosen)} rules, {len(results)} examples, {len(failed)} failed")
    return 1 if problems or failed else 0
