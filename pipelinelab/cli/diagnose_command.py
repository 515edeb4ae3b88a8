"""``pipelinelab diagnose``: from a log, or a recorded run, to the cause and the cure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipelinelab.cli.given import given_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipelinelab.diagnosis.rule import Rule
    from pipelinelab.diagnosis.values import Diagnosis
    from pipelinelab.recording.records import Recording


_LOG = "name a log, or - for standard input, or a run: pipelinelab runs"


@click.command("diagnose")
@click.argument("what", required=False, metavar="[LOG|RUN-ID|-]")
@click.option("-C", "root", type=click.Path(path_type=Path, file_okay=False, exists=True), default=".", help="The repository: its files are what cures are diffs against.")  # fmt: skip  # noqa: E501
@click.option("--file", "pipelines", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="FILE", help="The bitbucket-pipelines.yml that the log came from.")  # fmt: skip  # noqa: E501
@click.option("--green", type=click.Path(path_type=Path, dir_okay=False, exists=True), metavar="LOG", help="The log of a green run of the same commands, to compare with.")  # fmt: skip  # noqa: E501
@click.option("--service", "services", multiple=True, metavar="NAME=LOG", help="A service's own log; may be given several times.")  # fmt: skip  # noqa: E501
@click.option("--exit-code", type=click.IntRange(0, 255), metavar="CODE", help="What the step ended with, where the log does not tell it: 1 where you only know that it is red.")  # fmt: skip  # noqa: E501
@click.option("--prove", "proving", is_flag=True, help="Replay each cure in a clone, until one helps, and say what came. Needs Docker.")  # fmt: skip  # noqa: E501
@click.option("--until-green", "until", is_flag=True, help="With --prove: go on with the next failure until all is green. Writes nothing.")  # fmt: skip  # noqa: E501
@given_options
@click.option("--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", show_default=True)
def command(
    what: str | None,
    root: Path,
    pipelines: Path | None,
    green: Path | None,
    services: tuple[str, ...],
    exit_code: int | None,
    proving: bool,
    until: bool,
    form: str,
    **options: object,
) -> int:
    """Tell why a pipeline is red, from a downloaded or pasted log, standard input (-), or a recorded run.

    Without an argument: the last recorded run, or the pipelines file where Bitbucket would refuse it. What a run's
    failed step can still tell is asked of its containers. Cures are replayed as the run was: the same pipeline, ref and
    variables; secrets, which no recording keeps, are given again. Exit codes: 0 the cause was found, or the log is
    green; 1 no cause was found (with --prove: no cure helped); 2 usage.
    """
    is_log = _is_log(what)
    of_log = {"--service": services, "--file": pipelines, "--exit-code": exit_code is not None}
    others = {"a log": is_log, "--green": green, **of_log, f"--format {form}": form != "text"}
    _refuse("replaying cures", proving or until, others)
    if proving or until:
        from pipelinelab.cli.prove import prove_run

        return prove_run(what, root, until, options)
    _refuse("diagnosing without --prove replays nothing, so it", True, {"options of a replay": any(options.values())})
    from pipelinelab.diagnosis.reasoning import diagnose
    from pipelinelab.diagnosis.values import ProjectFiles
    from pipelinelab.system.log_input import read_log
    from pipelinelab.system.project_files import project_files, project_top

    _refuse("a recorded run has all that belongs to it, so it", not is_log, of_log)
    if not is_log:
        return _live(what, root, green, form)
    recording = _recording(str(what), services, exit_code)
    folder = pipelines.resolve().parent if pipelines is not None and root == Path() else root
    top = project_top(folder) or (folder if folder != Path() else None)
    rules = _rules(top or folder)
    files = project_files(top, pipelines) if top is not None else ProjectFiles()
    other = _parse(read_log(green).data, "green") if green is not None else None
    diagnosis = diagnose(recording, rules, files, other)
    source = "standard input" if what == "-" else str(what)
    return _print(diagnosis, source, rules, form)


def _refuse(doing: str, asked: bool, others: Mapping[str, object]) -> None:
    """Options that would be left without effect are a mistake of the user's, not a thing to be silent about."""
    from pipelinelab.errors import UsageError

    given = [name for name, value in others.items() if value]
    if asked and given:
        raise UsageError(f"{doing} does not go with {given[0]}", "pipelinelab diagnose --help")


def _recording(what: str, services: tuple[str, ...], exit_code: int | None) -> Recording:
    from pipelinelab.errors import UsageError
    from pipelinelab.system.log_input import read_log, read_stdin

    logs: list[tuple[str, bytes]] = []
    for entry in services:
        name, found, path = entry.partition("=")
        if not found:
            raise UsageError(f"--service {entry}: no name", "write it as --service mysql=mysql.log")
        logs.append((name, read_log(Path(path)).data))
    read = read_stdin() if what == "-" else read_log(Path(what))
    return _parse(read.data, "stdin" if what == "-" else Path(what).name, read.note, tuple(logs), exit_code)


def _parse(
    data: bytes,
    name: str,
    note: str = "",
    services: tuple[tuple[str, bytes], ...] = (),
    exit_code: int | None = None,
) -> Recording:
    from dataclasses import replace

    from pipelinelab.events.types import Note
    from pipelinelab.recording.bitbucket_log import parse_log

    recording = parse_log(data, run_id=name, services=services, exit_code=exit_code)
    left_out = (Note(at=0.0, kind="log-left-out", text=note),) if note else ()
    return replace(recording, notes=recording.notes + left_out)


def _is_log(what: str | None) -> bool:
    return what is not None and (
        what == "-" or Path(what).exists() or "/" in what or Path(what).suffix in (".log", ".txt")
    )


def _live(what: str | None, root: Path, green: Path | None, form: str) -> int:
    """A recorded run, its questions asked on the kept containers; or the file, where Bitbucket would refuse it."""
    from pipelinelab.errors import UsageError
    from pipelinelab.session.diagnosing import diagnose_repository
    from pipelinelab.system import git
    from pipelinelab.system.log_input import read_log

    try:
        top = git.toplevel(root)
    except UsageError:
        if what is None:
            raise
        raise UsageError(
            f"{what} is no file, and {root.resolve()} is in no repository with recorded runs", _LOG
        ) from None
    rules = _rules(top)
    other = _parse(read_log(green).data, "green") if green is not None else None
    run, found = diagnose_repository(top, rules, what, other)
    return _print(found, run.run_id if run else git.PIPELINES_FILE, rules, form)


def _print(diagnosis: Diagnosis, source: str, rules: Sequence[Rule], form: str) -> int:
    from pipelinelab import __version__
    from pipelinelab.diagnosis.explain import as_text
    from pipelinelab.diagnosis.export import as_json, as_sarif

    if form == "json":
        click.echo(json.dumps(as_json(diagnosis, source), indent=2, ensure_ascii=False))
    elif form == "sarif":
        click.echo(json.dumps(as_sarif(diagnosis, source, rules, __version__), indent=2, ensure_ascii=False))
    else:
        click.echo(as_text(diagnosis, source), nl=False)
    return 0 if diagnosis.told else 1


def _rules(root: Path) -> tuple[Rule, ...]:
    from pipelinelab.diagnosis.rulebook import read_rules, rulebook
    from pipelinelab.system.project_files import rule_files

    own, problems = read_rules(rule_files(root))
    for problem in problems:
        click.echo(f"warning: {problem}", err=True)
    return rulebook(own, examples=False)
