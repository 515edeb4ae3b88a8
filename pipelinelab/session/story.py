"""Cures proven one after another, until the pipeline is green."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pipelinelab.diagnosis.values import Diagnosis, Edit
from pipelinelab.session.diagnosing import with_proofs
from pipelinelab.session.proving import Bench, Proof, file_errors, prove_best
from pipelinelab.session.run import Run


@dataclass(frozen=True)
class Story:
    """Cures proven one after another. ``green`` tells whether they led there; ``edits`` are all of them together.
    ``first`` is the red run that they began with, None where the file itself was refused."""

    proofs: tuple[Proof, ...]
    green: bool
    edits: tuple[Edit, ...]
    stuck: Diagnosis | None = None
    first: Run | None = None


def until_green(
    bench: Bench, tell: Callable[[Proof], None] = lambda proof: None, most: int = 15, run: Run | None = None
) -> Story:
    """Diagnose, cure, prove, and again, until the pipeline is green or no cure helps. Nothing is written to the
    user's files. ``run`` is a red run of the files as they are; without one it is replayed first."""
    proofs: list[Proof] = []
    found = file_errors(bench)
    if found is None:
        run = run or bench.replay()
        bench = replace(bench, spare=(run.run_id,))
        found = bench.diagnose(run)
    else:
        run = None
    first = run
    while len(proofs) < most and not (run is not None and run.ok):
        proof = prove_best(bench, run, found)
        if proof is None or not proof.good:
            stuck = with_proofs(found, run.recording.proofs) if run is not None else found
            return Story(tuple(proofs), False, bench.edits, stuck, first)
        proofs.append(proof)
        tell(proof)
        bench = bench.with_edits(proof.cure.edits)
        run = proof.after
        found = proof.next or Diagnosis("green")
    return Story(tuple(proofs), run is not None and run.ok, bench.edits, first=first)
