"""mocha and jest as they are: what they once printed, and, where npm finds them, what they print today."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipelinelab.flaky.campaign import Run
from pipelinelab.reports import kind_of, read
from pipelinelab.session.test_process import Task, run_tests

RECORDED = Path(__file__).parent / "recorded"
TESTS = """
let tries = 0;
RETRY
describe("cart", function () {
  it("adds", () => { console.log("noise { in the report"); });
  it("sums", () => { throw new Error("1 is not 2"); });
  it.skip("later", () => {});
  it("third time", () => { if (++tries < 3) throw new Error("not yet"); });
  it("счёт 測試 \\"q\\"", () => {});
  describe("inner", () => { it("adds", (done) => { setTimeout(done, 20); }); });
});
describe("down", () => { BEFORE(() => { throw new Error("no service"); }); it("never", () => {}); });
"""
SUITES = {
    "mocha": ("cart.spec.js", TESTS.replace("RETRY", "").replace("BEFORE", "before")),
    "jest": ("cart.test.js", TESTS.replace("RETRY", "jest.retryTimes(2);").replace("BEFORE", "beforeAll")),
}
COMMANDS = {
    "mocha": ("node_modules/.bin/mocha", "--retries", "2", "--reporter", "json", "cart.spec.js"),
    "jest": ("node_modules/.bin/jest", "--json", "--rootDir", "."),
}
SEEN = [
    ("cart", "adds", ["passed"]), ("cart", "sums", ["failed"] * 3), ("cart", "later", ["skipped"]),
    ("cart", "third time", ["failed", "failed", "passed"]), ("cart", 'счёт 測試 "q"', ["passed"]),
    ("cart inner", "adds", ["passed"]),
]  # fmt: skip
DOWN = {"mocha": ("down", '"before all" hook for "never"', ["failed"]), "jest": ("down", "never", ["failed"])}


def told(cases) -> list[tuple[str, str, list[str]]]:
    found: dict[tuple[str, str], list[str]] = {}
    for case in cases:
        found.setdefault(case[:2], []).append(case.outcome)
    return [(*name, outcomes) for name, outcomes in found.items() if outcomes != ["skipped"] or name[1] == "later"]


@pytest.mark.parametrize("tool", ["mocha", "jest"])
def test_what_the_tool_printed_is_read_with_each_retry_as_an_attempt(tool):
    data = (RECORDED / f"{tool}.txt").read_bytes()
    assert kind_of(data) == tool
    cases = read(f"{tool}.txt", data)
    assert [one for one in told(cases) if one[0] in ("cart", "cart inner", "down")] == [*SEEN, DOWN[tool]]
    assert "no service" in next(case.message for case in cases if case.suite == "down")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with mocha and jest in it."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not here")
    folder = tmp_path_factory.mktemp("javascript")
    ran = subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "mocha@11", "jest@30"],
                         cwd=folder, capture_output=True, text=True, timeout=240, check=False)  # fmt: skip
    if ran.returncode:
        pytest.skip(f"npm cannot install mocha and jest here: {ran.stderr[-200:]}")
    return folder


@pytest.mark.full
@pytest.mark.timeout(400)
@pytest.mark.skipif(sys.platform != "linux", reason="the paths of its commands are of this kind")
@pytest.mark.parametrize("tool", ["mocha", "jest"])
def test_a_run_of_a_campaign_reads_the_tool_of_today(tool, installed):
    name, text = SUITES[tool]
    for other, _ in SUITES.values():
        (installed / other).unlink(missing_ok=True)
    (installed / name).write_text(text, encoding="utf-8")
    (part,) = run_tests(Task(command=COMMANDS[tool], source=str(installed), run=Run(0, 5)))
    assert told(part.cases) == [*SEEN, DOWN[tool]]
