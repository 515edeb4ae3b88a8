import pytest

from pipelinelab.recording.bitbucket_log import parse_log
from pipelinelab.recording.closing_line import closes_well

WELL = [
    "Success: no issues found in 2 source files",
    "No known vulnerabilities found",
    "0 errors, 0 warnings, 0 informations",
    "Checked 12 links: 0 broken",
    "database is up to date",
    "No migrations to apply.",
    "goose: no migrations to run. current version: 3",
    "INFO    Environment update completed successfully.",
    "== 20240101000000 CreateErrors: migrated (0.0331s) ============",
    "schema ok",
    "deployed releases/20261130131142-412",
    "done",
]
ELSE = [
    "3 errors, 0 warnings",
    "Rolled back successfully",
    "cleanup of the workspace: ok, but 2 files stay",
    "Waiting for a successful answer",
    "not ok",
    "success: false",
    "0 of 12 passed",
    "nothing to commit, working tree is up to date",
    "System check identified no issues (0 silenced).",
    "All Finished!",
    "Wrote report.xml",
]


@pytest.mark.parametrize("line", WELL)
def test_the_sense_of_a_last_line_tells_that_all_is_well(line: str) -> None:
    assert closes_well(line.encode())
    survived = f"\x1d+ ./run\nERROR seed: duplicate key value violates unique constraint\nDETAIL: x\n{line}\n\n"
    assert parse_log(survived.encode()).result == "passed"


@pytest.mark.parametrize("line", ELSE)
def test_what_only_sounds_well_tells_nothing(line: str) -> None:
    assert not closes_well(line.encode())


@pytest.mark.parametrize(
    "ended",
    [
        'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\nKeyError: 1',
        "FAILED (errors=2)",
        "run.rb:3:in `connect': connection refused (PG::ConnectionBad)",
        "fatal: the remote end hung up unexpectedly\nEverything up-to-date",
    ],
)
def test_standard_output_that_comes_after_what_ended_the_program_does_not_count(ended: str) -> None:
    assert parse_log(f"\x1d+ ./run\n{ended}\nschema ok\n".encode()).result != "passed"
