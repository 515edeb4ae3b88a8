"""``pipelinelab fix``."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command("fix")
@click.argument("run_id", required=False)
@click.option("-C", "root", type=click.Path(path_type=Path), default=".", help="The repository.")
@click.option("--cure", "number", type=int, default=1, show_default=True, help="Which cure of the likeliest cause.")
@click.option("--until-green", "until", is_flag=True, help="Prove cures one after another until green; write them all.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Write a cure that is unsafe and unproven, or was seen to do harm.")
def command(run_id: str | None, root: Path, number: int, until: bool, yes: bool, force: bool) -> int:
    """Write a cure of a red run (the last one, without RUN_ID) to the working tree; shows the diff and asks first."""
    from pipelinelab.cli.prove import as_diff, forget, tell
    from pipelinelab.errors import UsageError
    from pipelinelab.session.diagnosed import bench_for
    from pipelinelab.session.diagnosing import diagnose_repository
    from pipelinelab.session.proving import until_green, write
    from pipelinelab.system import git

    top = git.toplevel(root)
    bench = bench_for(top)
    if until:
        story = until_green(bench, tell)
        if not story.green and not force:
            raise UsageError("the cures found do not lead to green, so nothing is written", "--force writes them")
        if story.green:
            forget(bench)
        edits = story.edits
    else:
        run, found = diagnose_repository(top, bench.rules, run_id)
        if run is not None and run.ok:
            click.echo(f"{run}: there is nothing to cure")
            return 0
        if run is not None and run.recording.parent_run and not force:
            raise UsageError(
                f"{run.run_id} replayed your files with another cure in them, so its own need not fit them",
                f"first: pipelinelab fix {run.recording.parent_run}; or all of them: pipelinelab fix --until-green",
            )
        cures = [cure for finding in found.findings[:1] for cure in finding.cures if cure.edits]
        if not cures:
            click.echo("there is no cure that could be written; see: pipelinelab diagnose", err=True)
            return 1
        if not 1 <= number <= len(cures):
            raise UsageError(f"there is no cure {number}", f"there are {len(cures)}")
        cure = cures[number - 1]
        outcomes = [proof.outcome for proof in (run.recording.proofs if run else ()) if proof.cure == cure.title]
        unproven = {"proven", "moved on"}.isdisjoint(outcomes)
        if not force and ("harmful" in outcomes or (cure.safety == "unsafe" and unproven)):
            why = "was seen to do harm" if "harmful" in outcomes else "is unsafe, and no replay has proven it"
            raise UsageError(
                f"the cure {cure.title!r} {why}", "prove it with: pipelinelab diagnose --prove; or --force"
            )
        click.echo(f"{cure.title} ({cure.safety}{', ' + outcomes[-1] if outcomes else ', unproven'})")
        edits = cure.edits
    for edit in edits:
        click.echo(as_diff(edit.before, edit.after, edit.path), nl=False)
    if not yes and not _agreed():
        click.echo("nothing was written")
        return 1
    for path in write(top, edits):
        click.echo(f"written: {path}")
    return 0


def _agreed() -> bool:
    from pipelinelab.errors import UsageError

    try:
        return click.confirm("write this?")
    except click.Abort:
        if sys.stdin.isatty():
            raise
        click.echo()
        raise UsageError("nobody is there to be asked, so nothing is written", "--yes writes without asking") from None
