"""``pipelinelab diagnose --prove``: cures replayed, and what came of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pipelinelab.session.proving import Bench, Proof
    from pipelinelab.session.run import Run
    from pipelinelab.session.story import Story


def prove_run(what: str | None, root: Path, until: bool, options: Mapping[str, Any]) -> int:
    """Prove the cures of a run (of the file, where it is refused); with ``until``, one failure after another.
    ``options`` are those that give a replay its variables."""
    from pipelinelab.diagnosis.explain import as_text
    from pipelinelab.session.diagnosing import diagnose_repository, rules_of
    from pipelinelab.session.proving import prove_best
    from pipelinelab.system import git

    top = git.toplevel(root)
    if until:
        return _until_green(what, top, options)
    run, found = diagnose_repository(top, rules_of(top)[0], what)
    if run is not None and (run.ok or run.recording.broken_off):
        click.echo(f"{run}: there is nothing to cure")
        return 0 if run.ok else 1
    shown = replace(found, findings=tuple(replace(one, proof="see below") for one in found.findings))
    click.echo(as_text(shown, run.run_id if run else git.PIPELINES_FILE), nl=False)
    bench = bench_of(top, run, options)
    click.echo("\nreplaying its cures in a clone …")
    proof = prove_best(bench, run, found)
    if proof is None:
        click.echo("there is no cure that could be replayed")
        return 1
    tell(proof)
    return 0 if proof.good else 1


def bench_of(top: Path, run: Run | None, options: Mapping[str, Any]) -> Bench:
    """What the cures of a run are tried with: asked for as it was, with what the command line gives now."""
    from pipelinelab.cli.given import given
    from pipelinelab.session.configured import configured
    from pipelinelab.session.diagnosed import bench_for

    return bench_for(top, run, given(configured(top), options))


def story_of(what: str | None, top: Path, options: Mapping[str, Any]) -> tuple[Bench, Story]:
    """Cures proven one after another, from the run ``what`` (without it, from the last one that no proof was) where it
    is one of the files as they are, else from a new replay that is asked for as that one was."""
    from pipelinelab.session.proving import fresh
    from pipelinelab.session.story import until_green

    run = begin_with(what, top)
    bench = bench_of(top, run, options)
    use = run if run is not None and fresh(bench, run) else None
    return bench, until_green(bench, tell, run=use)


def begin_with(what: str | None, top: Path) -> Run | None:
    """The run ``what``, or the last one that no proof was; None where there is none."""
    from pipelinelab.recording.folder import find, run_ids
    from pipelinelab.session.homes import Home
    from pipelinelab.session.run import Run

    runs = Home(top).runs
    if what is not None:
        return Run(find(runs, what))
    made = (Run(runs / run_id) for run_id in reversed(run_ids(runs)))
    return next((run for run in made if run.recording.parent_run is None and run.recording.source == "replay"), None)


def _until_green(what: str | None, top: Path, options: Mapping[str, Any]) -> int:
    from pipelinelab.diagnosis.explain import as_text
    from pipelinelab.diagnosis.values import Diagnosis

    click.echo("diagnosing, curing and replaying until all is green; your files stay as they are")
    bench, story = story_of(what, top, options)
    forget(bench, story)
    if not story.green:
        click.echo("\n✘ not green: no cure helps with what is left")
        click.echo(as_text(story.stuck or Diagnosis("unknown")), nl=False)
        return 1
    click.echo(f"\n{green(story)}")
    if story.edits:
        click.echo("All cures together:\n")
        for edit in story.edits:
            click.echo(as_diff(edit.before, edit.after, edit.path), nl=False)
        click.echo("\nwrite them with: pipelinelab fix --until-green")
    return 0


def green(story: Story) -> str:
    """How a story ended that ended green."""
    from pipelinelab.session.judging import all_green

    if not story.proofs:
        return "✔ green without any cure: nothing failed this time (where it did before: pipelinelab flaky --help)"
    return f"✔ green: {all_green(story.proofs[-1].after)}"


def forget(bench: Bench, story: Story) -> None:
    """Remove the containers that proofs kept. Those of the red run that the cures were for stay, to be looked into, but
    where the pipeline is green: then there is no failed step."""
    from pipelinelab.session.homes import Home
    from pipelinelab.session.sweep import sweep

    spare = (story.first.run_id,) if story.first is not None and not story.green else ()
    sweep(bench.engine, Home(bench.root), spare)


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
