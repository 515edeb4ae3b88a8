"""``pipelinelab rules``: the rulebook, and the tests that its examples are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipelinelab.diagnosis.rule import Rule


TEMPLATE = """\
# Rules of this team. `pipelinelab rules --own --test` runs their examples; a shipped rule to look at:
# `pipelinelab explain command-not-found`.
family: own
rules:
  - id: acme-vpn-down                 # letters, digits, hyphens; none of the shipped ones
    title: "The build cannot reach {host|our network}: the VPN is down"   # {group|what stands there without one}
    category: network                 # any word
    priority: 80                      # higher comes first; the shipped ones have 20 to 90
    any:                              # expressions of Python; each needs four plain characters in a row
      - 'cannot reach (?P<host>[\\w.-]+\\.acme\\.internal)'
    # requires: ['acme']              # each must be somewhere in the step's output
    # excludes: ['maintenance']       # none may be there
    # explains: [network-refused]     # rules that name what follows from this
    cause: The tunnel of the runner is down, and {host|its network} is behind it.
    cure: Start the tunnel again (wiki, page VPN), then run the step once more.
    # cures: [{kind: insert-before, line: ./vpn-up.sh, title: Start the tunnel first}]
    examples:                         # each is a log, and a test
      positive: ["error: cannot reach git.acme.internal"]
      confusable: [{log: "curl: (6) Could not resolve host: example.com", rule: dns-failure}]
      green: ["all hosts of acme.internal were reached\\nOK"]
"""


@click.command("rules")
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("-C", "root", type=click.Path(path_type=Path, file_okay=False, exists=True), default=".", help="The repository, with the team's own rules in .pipelinelab/rules/.")  # fmt: skip  # noqa: E501
@click.option("--test", is_flag=True, help="Run the examples of these rules; 1 where one comes out otherwise.")
@click.option("--own", is_flag=True, help="Only the team's own rules.")
@click.option("--template", is_flag=True, help="Print a rule file to begin with: > .pipelinelab/rules/own.yml")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(words: tuple[str, ...], root: Path, test: bool, own: bool, template: bool, form: str) -> int:
    """List the diagnosis rules, or test them by their own examples.

    A team's own rules are YAML files in .pipelinelab/rules/; --template prints one that is commented and whole.

    With WORDs, only the rules that have all of them in their id, category or title; `pipelinelab explain ID` shows one
    whole. An error in a team's rule file is told with its line; the other rules go on. Exit codes: 0 all is well, 1 a
    rule file has errors, an example failed, or no rule has these words.
    """
    from pipelinelab.diagnosis.rulebook import loose_ends, read_rules, rulebook
    from pipelinelab.system.project_files import project_top, rule_files

    if template:
        click.echo(TEMPLATE, nl=False)
        return 0
    team, problems = read_rules(rule_files(project_top(root) or root))
    rules = rulebook(team)
    problems += loose_ends(team, rules)
    for problem in problems:
        click.echo(f"error: {problem}", err=True)
    chosen = [rule for rule in (team if own else rules) if _fits(rule, words)]
    if words and not chosen:
        click.echo(f"error: no rule has {' and '.join(words)} in its id, category or title", err=True)
        return 1
    sound = _test(chosen, rules, form) if test else _list(chosen, form)
    return 0 if sound and not problems else 1


def _title(rule: Rule) -> str:
    from pipelinelab.diagnosis.slots import tell

    return tell(rule.title, {})


def _fits(rule: Rule, words: Sequence[str]) -> bool:
    text = f"{rule.id} {rule.category} {_title(rule)}".lower()
    return all(word.lower() in text for word in words)


def _list(rules: Sequence[Rule], form: str) -> bool:
    if form == "json":
        rows = [
            {"id": r.id, "title": _title(r), "category": r.category, "severity": r.severity, "origin": r.origin}
            for r in rules
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return True
    width = max((len(rule.id) for rule in rules), default=0)
    for rule in sorted(rules, key=lambda r: (r.category, r.id)):
        click.echo(f"{rule.category:<12} {rule.id:<{width}}  {_title(rule)}")
    return True


def _test(rules: Sequence[Rule], all_rules: Sequence[Rule], form: str) -> bool:
    """Whether every example comes out as it says, each against all rules."""
    from pipelinelab.diagnosis.examples import run_examples

    results = [result for rule in rules for result in run_examples(rule, all_rules)]
    failed = [result for result in results if not result.passed]
    if form == "json":
        told = [{**asdict(result), "passed": result.passed} for result in results]
        click.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return not failed
    for result in failed:
        got, wanted = result.got or "nothing", result.expected or "nothing"
        click.echo(f"{result.rule}: a {result.kind} example gives {got}, not {wanted}")
        click.echo("".join(f"  | {line}\n" for line in result.log.splitlines()[:6]), nl=False)
    click.echo(f"{len(rules)} rules, {len(results)} examples, {len(failed)} failed")
    return not failed
