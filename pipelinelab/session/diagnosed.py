"""A diagnosis in hand: its findings as a frame, its cures to be tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelinelab.diagnosis.explain import as_html, as_text
from pipelinelab.diagnosis.export import findings_rows
from pipelinelab.diagnosis.values import Cure, Diagnosis, Edit, Finding
from pipelinelab.errors import UsageError
from pipelinelab.recording.frames import frame
from pipelinelab.recording.html import mark
from pipelinelab.recording.summary import first_line
from pipelinelab.session import engine as engines
from pipelinelab.session.again import again, once_more
from pipelinelab.session.asked import Asked
from pipelinelab.session.configured import configured
from pipelinelab.session.diagnosing import diagnose_repository, diagnose_run, rules_of
from pipelinelab.session.proving import Bench, Proof, prove
from pipelinelab.session.run import Run
from pipelinelab.session.shipping import ship
from pipelinelab.session.sources import files_of
from pipelinelab.session.watching import watched

if TYPE_CHECKING:
    import pandas as pd

    from pipelinelab.charts.chart import Chart

NOT_THERE = "not there"


class Diagnosed:
    """Why a run is red. ``run`` is None for a file that Bitbucket would refuse, and for a log; ``bench`` is None where
    there is no repository to try cures in."""

    def __init__(self, bench: Callable[[], Bench] | None, run: Run | None, diagnosis: Diagnosis) -> None:
        self._make, self.run, self.diagnosis = bench, run, diagnosis

    @cached_property
    def _bench(self) -> Bench:
        if self._make is None:
            raise UsageError("a log alone cannot be replayed", "say where its repository is: diagnose_log(log, path)")
        return self._make()

    @property
    def finding(self) -> Finding:
        """The likeliest cause. Raises UsageError where no rule fits."""
        if not self.diagnosis.findings:
            raise UsageError("no rule of the rulebook fits this failure", "see what it says: print the diagnosis")
        return self.diagnosis.findings[0]

    @property
    def findings(self) -> pd.DataFrame:
        """The ``findings`` frame, the likeliest first."""
        return frame("findings", findings_rows(self.diagnosis, self.run.run_id if self.run else ""))

    @property
    def cures(self) -> tuple[Cure, ...]:
        """The cures of the likeliest cause, the best first."""
        return self.finding.cures

    @property
    def probes(self) -> pd.DataFrame:
        """What was asked on the failed step's containers: ``question``, ``about``, ``answer``, ``source``."""
        import pandas as pd

        steps = self.run.recording.steps if self.run else ()
        rows = [
            {"question": probe.question, "about": _words(probe.arguments), "source": probe.source,
             "answer": _words(probe.answer) if isinstance(probe.answer, Mapping) else str(probe.answer)}
            for step in steps for probe in step.probes if probe.ok
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=["question", "about", "answer", "source"], dtype="string")

    def probe(self, question: str) -> Mapping[str, Any]:
        """The last answer to a question, as it was given. Raises UsageError where it was not asked."""
        steps = self.run.recording.steps if self.run else ()
        known = {p.question: p.answer for step in steps for p in step.probes if p.ok}
        if question not in known:
            raise UsageError(f"{question!r} was not asked", f"asked: {', '.join(sorted(known)) or 'nothing'}")
        found: Mapping[str, Any] = known[question]
        return found

    def prove(self, cure: int | str | Cure = 0) -> Proved:
        """Replay a cure (its number from 0, part of its title, or one of your own) in a clone, and say what came."""
        chosen = self._cure(cure)
        with watched(f"proving “{chosen.title}”") as watcher:
            proof = prove(replace(self._bench, listeners=(watcher,)), self.run, self.finding, chosen)
        ship(proof.after)
        return Proved(self._bench, proof)

    def try_edit(self, path: str, old: str, new: str) -> Proved:
        """Replay your own cure: in the file at ``path`` every ``old`` becomes ``new``, in a clone."""
        text = files_of(self._bench.root, self.run.recording if self.run else None, self._bench.edits).get(path)
        if text is None:
            text = (self._bench.root / path).read_text("utf-8") if (self._bench.root / path).is_file() else None
        if text is None or old not in text:
            raise UsageError(f"{path} does not hold {old!r}" if text is not None else f"there is no file {path}")
        edit = Edit(path, text, text.replace(old, new))
        return self.prove(Cure(f"your own change of {path}", "", "unsafe", 9, "", (edit,)))

    def _cure(self, wanted: int | str | Cure) -> Cure:
        if isinstance(wanted, Cure):
            return wanted
        known = self.cures
        if isinstance(wanted, int) and -len(known) <= wanted < len(known):
            return known[wanted]
        hits = [one for one in known if isinstance(wanted, str) and wanted.lower() in one.title.lower()]
        if len(hits) != 1:
            titles = "; ".join(f"{number} {one.title}" for number, one in enumerate(known)) or "none"
            raise UsageError(f"there is no one cure {wanted!r}", f"there are: {titles}")
        return hits[0]

    def __repr__(self) -> str:
        return as_text(self.diagnosis)

    def _repr_html_(self) -> str:
        return as_html(self.diagnosis)


def _words(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())


class Proved:
    """What came of a cure."""

    def __init__(self, bench: Bench, proof: Proof) -> None:
        self._bench, self.proof = bench, proof

    @property
    def outcome(self) -> str:
        """proven, moved on, no change or harmful."""
        return self.proof.outcome

    @property
    def after(self) -> Run | None:
        """The run with the cure; None where the file is still refused."""
        return self.proof.after

    def next(self) -> Diagnosed:
        """The diagnosis of what failed after this cure, ready to be cured on top of it."""
        if self.proof.next is None:
            raise UsageError("nothing failed after this cure")
        cured = self._bench.with_edits(self.proof.cure.edits)
        return Diagnosed(lambda: cured, self.proof.after, self.proof.next)

    @property
    def comparison(self) -> pd.DataFrame:
        """Every command's result before and after, by its text."""
        import pandas as pd

        parts = {}
        for name, run in (("before", self.proof.before), ("after", self.proof.after)):
            if run is not None:
                parts[name] = run.commands.set_index("command")["result"].groupby(level=0, sort=False).last()
        order = [r.commands["command"] for r in (self.proof.after, self.proof.before) if r is not None]
        index = pd.concat(order).drop_duplicates() if order else pd.Series(dtype="string")
        return pd.DataFrame(parts).reindex(index).fillna(NOT_THERE).rename_axis("command").reset_index()

    def chart(self, exact: bool = False) -> Chart:
        """Before and after as a picture."""
        from pipelinelab.charts.before_after import before_after

        return before_after(self._frame(), exact=exact)

    def _frame(self) -> pd.DataFrame:
        import pandas as pd

        runs = [run for run in (self.proof.before, self.proof.after) if run is not None]
        return pd.concat([run.commands for run in runs], ignore_index=True)

    def __repr__(self) -> str:
        return str(self.proof) + "".join(f"\n  beside: {effect}" for effect in self._beside)

    @property
    def _beside(self) -> list[str]:
        said = str(self.proof)
        return [effect for effect in self.proof.effects if effect not in said]

    def _repr_html_(self) -> str:
        glyph = {"proven": "✔", "moved on": "→", "no change": "·", "harmful": "✘"}[self.outcome]
        beside = "".join(f"<li>{escape(effect)}</li>" for effect in self._beside)
        listed = f"<ul>{beside}</ul>" if beside else ""
        shown = f"<pre>{escape(self.proof.cure.diff)}</pre>" if self.proof.cure.diff else ""
        details = f"<details><summary>the change</summary>{shown}</details>" if shown else ""
        return f"<div><strong>{glyph} {escape(str(self.proof))}</strong>{listed}{details}{self._table()}</div>"

    def _table(self) -> str:
        """Every command before and after, folded; "" where the file was refused before or after."""
        if self.proof.before is None or self.proof.after is None:
            return ""
        none = "<span>– not there</span>"
        rows = "".join(
            f"<tr><td style='text-align:left'><code>{escape(first_line(row['command'], 70))}</code></td>"
            + "".join(
                f"<td style='text-align:left'>{none if row[when] == NOT_THERE else mark(row[when])}</td>"
                for when in ("before", "after")
            )
            + "</tr>"
            for row in self.comparison.to_dict("records")
        )
        head = "".join(f"<th style='text-align:left'>{name}</th>" for name in ("command", "before", "after"))
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return f"<details><summary>before and after, command by command</summary>{table}</details>"


def bench_for(root: Path, run: Run | None = None, now: Asked | None = None) -> Bench:
    """What cures of the repository at ``root`` are tried with: asked for as ``run`` was, or as a push would start it.
    ``now`` is what the user gives, the repository's own among it. Raises UsageError where the run was given a secret
    whose value nobody knows any more."""
    if run is not None and run.asked is not None and now is None:
        asked = once_more(run.asked, run.recording)
    else:
        asked = now or configured(root)
        asked = again(asked, run.recording) if run is not None else asked
    return Bench(root, asked, engines.available(), rules_of(root)[0])


def diagnose(run: Run) -> Diagnosed:
    """Why this run is red; its questions are asked on the kept containers."""
    root = run.folder.parents[2]
    with watched("diagnosing, and asking the failed step"):
        found = diagnose_run(run, files_of(root, run.recording), rules_of(root)[0])
        return Diagnosed(lambda: bench_for(root, run), run, found)


def diagnose_path(root: Path) -> Diagnosed:
    """Why Bitbucket would refuse the pipelines file of the repository at ``root``, or else why its last run is red."""
    run, found = diagnose_repository(root, rules_of(root)[0])
    return Diagnosed(lambda: bench_for(root, run), run, found)
