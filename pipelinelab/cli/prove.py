"""``pipelinelab diagnose --prove``: cures replayed, and what came of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pipelinelab.session.proving import Bench, Proof


def prove_run(what: str | None, root: Path, until: bool) -> int:
    """Prove the cures of a run (of the file, where it is refused); with ``until``, one failure after another."""
    from pipelinelab.diagnosis.explain import as_text
    from pipelinelab.diagnosis.values import Diagnosis
    from pipelinelab.session.diagnosed import bench_for
    from pipelinelab.session.diagnosing import diagnose_repository
    from pipelinelab.session.proving import prove_best, until_green
    from pipelinelab.system import git

    top = git.toplevel(root)
    bench = bench_for(top)
    if until:
        click.echo("diagnosing, curing and replaying until all is green; your files stay as they are")
        story = until_green(bench, tell)
        if story.green:
            forget(bench)
            click.echo("\n✔ green. All cures together:\n")
            for edit in story.edits:
                click.echo(as_diff(edit.before, edit.after, edit.path), nl=False)
            click.echo("\nwrite them with: pipelinelab fix --until-green")
            return 0
        click.echo("\n✘ not green: no cure helps with what is left")
        click.echo(as_text(story.stuck or Diagnosis("unknown")), nl=False)
        return 1
    run, found = diagnose_repository(top, bench.rules, what)
    if run is not None and run.ok:
        click.echo(f"{run}: there is nothing to cure")
        return 0
    click.echo(as_text(found, run.run_id if run else git.PIPELINES_FILE), nl=False)
    click.echo("\nreplaying its cures in a clone …")
    proof = prove_best(bench, run, found)
    if proof is None:
        click.echo("there is no cure that could be replayed")
        return 1
    tell(proof)
    return 0 if proof.good else 1


def forget(bench: Bench) -> None:
    """Remove the containers that proofs kept: the pipeline is green, so there is no failed step to look into."""
    from pipelinelab.session.homes import Home
    from pipelinelab.session.sweep import sweep

    sweep(bench.engine, Home(bench.root))


def tell(proof: Proof) -> None:
    """One proof, as it comes."""
    glyph = {"proven": "✔", "moved on": "→", "no change": "·", "harmful": "✘"}[proof.outcome]
    click.echo(f"{glyph} {proof.finding.title}\n    {proof}")
    for effect in proof.effects:
        click.echo(f"    beside: {effect}")


def as_diff(before: str, after: str, path: str) -> str:
    """A unified diff of one file."""
    from pipelinelab.reading.edits import diff

    return diff(before, after, path)
