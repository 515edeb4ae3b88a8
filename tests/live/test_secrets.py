"""A secured value reaches no file and no frame of a run by the ways around a step's output: names, reports."""

from __future__ import annotations

import pytest
from support import pipelines, step

pytestmark = pytest.mark.live

TOKEN = "s3cr3t-&<\"$k'y"
REPORT = """import os, pathlib
from xml.sax.saxutils import quoteattr
token = os.environ["TOKEN"]
pathlib.Path("test-results").mkdir()
pathlib.Path("test-results/a.xml").write_text(
    f"<testsuite name='s'><testcase classname={quoteattr('c' + token)} name={quoteattr('t' + token)}>"
    f"<failure message={quoteattr('m' + token)}/></testcase></testsuite>"
)
"""


def test_a_secret_in_a_test_report_an_artifacts_name_or_a_steps_name_is_told_by_its_name(lab):
    script = [
        "python3 report.py",
        "echo hi > plain-secret-77.txt",
        'declare -p TOKEN; printf "%q\\n" "$TOKEN"',
        "exit 3",
    ]
    artifacts = {"upload": [{"name": "of plain-secret-77", "type": "shared", "paths": ["*.txt"]}]}
    run = lab(
        pipelines(step(script, name="Push with plain-secret-77", artifacts=artifacts), image="pipelinelab/python311"),
        {"report.py": REPORT},
        secrets={"TOKEN": TOKEN, "PLAIN": "plain-secret-77"},
    )
    assert run.steps.name[0] == "Push with $PLAIN"
    assert list(run.tests[["suite", "test", "message"]].iloc[0]) == ["c$TOKEN", "t$TOKEN", "m$TOKEN"]
    files = {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    assert len(files) > 2
    assert [path for path, data in files.items() if b"s3cr3t" in data or b"secret-77" in data] == []
