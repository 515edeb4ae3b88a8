"""``pipelinelab fix``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelinelab.cli.given import given_options


@click.command("fix")
@click.argument("run_id", required=False)
@click.option("-C", "root", type=click.Path(path_type=Path), default=".", help="The repository.")
@click.option("--cure", "number", type=int, default=1, show_default=True, help="Which cure of the likeliest cause.")
@click.option("--until-green", "until", is_flag=True, help="Prove cures one after another until green; write them all.")
@given_options
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--force",
    is_flag=True,
    help="Write a cure that is unsafe and unproven, was seen to do harm or nothing, or is for a changed file.",
)
def command(run_id: str | None, root: Path, number: int, until: bool, yes: bool, force: bool, **options: object) -> int:
    """Write a cure of a red run (the last one, without RUN_ID) to the working tree; shows the diff and asks first."""
    from pipelinelab.cli.prove import as_diff, begin_with, forget, green, story_of
    from pipelinelab.diagnosis.explain import headline
    from pipelinelab.diagnosis.values import Diagnosis
    from pipelinelab.errors import UsageError
    from pipelinelab.session.diagnosing import diagnose_repository, rules_of
    from pipelinelab.session.sources import another_ref, changed_since
    from pipelinelab.session.writing import write
    from pipelinelab.system import git

    top = git.toplevel(root)
    if not until and any(options.values()):
        raise UsageError("only --until-green replays, so options of a replay have no effect", "pipelinelab fix --help")
    if until:
        begun = begin_with(run_id, top)
        if begun is not None and (ref := another_ref(top, begun.recording)):
            raise UsageError(f"the run was of {ref}, and its cures are for the files there", f"git switch {ref}")
        bench, story = story_of(run_id, top, options)
        forget(bench, story)
        if not story.green:
            left = story.proofs[-1].came if story.proofs else headline(story.stuck or Diagnosis("unknown"))
            if not story.edits:
                raise UsageError(f"no cure helps: {left}", "see: pipelinelab diagnose --prove")
            if not force:
                raise UsageError(
                    f"the cures found do not lead to green, so nothing is written; what is left: {left}",
                    f"--force writes the {len(story.proofs)} that helped",
                )
        else:
            click.echo(green(story))
        edits = story.edits
        if not edits:
            return 0
    else:
        run, found = diagnose_repository(top, rules_of(top)[0], run_id)
        if run is not None and (run.ok or run.recording.broken_off):
            click.echo(f"{run}: there is nothing to cure")
            return 0 if run.ok else 1
        if run is not None and run.recording.parent_run and not force:
            raise UsageError(
                f"{run.run_id} replayed your files with another cure in them, so its own need not fit them",
                f"first: pipelinelab fix {run.recording.parent_run}; or all of them: pipelinelab fix --until-green",
            )
        if run is not None and (ref := another_ref(top, run.recording)) and not force:
            raise UsageError(f"the run was of {ref}, and its cures are for the files there", f"git switch {ref}")
        if run is not None and changed_since(top, run.recording) and not force:
            raise UsageError(
                "the pipelines file is not as this run had it (changed since, or not committed)",
                "replay it again first: pipelinelab replay; or --force",
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
        useless = unproven and "no change" in outcomes
        if not force and ("harmful" in outcomes or useless or (cure.safety == "unsafe" and unproven)):
            why = (
                "was seen to do harm" if "harmful" in outcomes
                else "was replayed and changed nothing" if useless
                else "is unsafe, and no replay has proven it"
            )  # fmt: skip
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
