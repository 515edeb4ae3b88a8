"""No text, however strange, makes the reader crash, hang or point beside the file."""

import random
import time

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pipelinelab.reading.cured import cured
from pipelinelab.reading.edits import apply, safe_edits
from pipelinelab.reading.formats import as_github, as_json, as_sarif
from pipelinelab.reading.keywords import SECTIONS
from pipelinelab.reading.problems import Reading
from pipelinelab.reading.read import read_text
from pipelinelab.reading.report import render
from pipelinelab.reading.report_html import render_html
from pipelinelab.reading.shellcheck_hints import scripts

WORDS = sorted({word for section in SECTIONS.values() for word in section.keywords})
PIECES = [
    *(f"{word}:" for word in WORDS),
    "- step:",
    "- parallel:",
    "- stage:",
    "- ",
    "  ",
    "    ",
    "\n",
    "\n",
    "\n  ",
    "\n    - ",
    "main:",
    "'**':",
    "*",
    "**",
    "&a",
    "*a",
    "&a *a",
    "<<: *a",
    "[",
    "]",
    "{",
    "}",
    ",",
    "|",
    ">-",
    "|2",
    "'",
    '"',
    "#",
    "\t",
    "yes",
    "no",
    "12:30:45",
    "1.10",
    "0x1F",
    "010",
    "null",
    "~",
    "2020-01-01",
    "!!str",
    "!x",
    "---",
    "...",
    "%YAML 1.1",
    "{{ x }}",
    "{% if %}",
    "<<<<<<< a",
    "=======",
    "\u00a0",
    "\u2028",
    "\u0085",
    "\ufeff",
    "“x”",
    "\r\n",
    "\x00",
    "\x1b",
    "echo a: b",
    "make && make",
    "a | b",
    "echo $?",
    "manage.py flush",
    "docker build .",
    "ssh a@b",
    "cat <<EOF",
    "if x; then",
    ": ",
    ":",
    "?",
    "? ",
    "-",
    "@",
    "`",
    "\\",
    "é",
    "🔹",
    "x" * 300,
]
SAMPLE = """\
image: {name: 'node:20', run-as-user: 1000}
definitions:
  services: {db: {image: 'mysql:8', variables: {MYSQL_ROOT_PASSWORD: x}}}
  caches: {deps: {path: a, key: {files: [b]}}}
  steps:
    - step: &build
        name: Build  # a comment
        services: [db]
        caches: [deps, node]
        script:
          - make && make test
          - |
            pytest | tee log
            echo "a: b"
          - pipe: atlassian/demo:1.0.0
            variables: {A: 'b', L: [a, b]}
        artifacts: {upload: [{name: x, paths: ['a/**']}]}
pipelines:
  default:
    - step: *build
    - parallel:
        steps:
          - step: {<<: *build, name: again, condition: {changesets: {includePaths: [a/**]}}}
  branches:
    '{main,release/*}':
      - stage: {name: s, deployment: test, steps: [{step: {script: [a]}}]}
  custom:
    go:
      - variables: [{name: A, default: b, allowed-values: [b, c]}]
      - step: {script: ['a']}
"""


def hold(data: str | bytes) -> Reading:
    """What must be true of every reading, however bad the text."""
    begin = time.process_time()
    reading = read_text(data, "f.yml")
    last = reading.text.count("\n") + 1
    for problem in reading.problems:
        assert 1 <= problem.span.line <= last + 1, problem
        assert problem.span.column >= 1, problem
        assert (problem.span.line, problem.span.column) <= (problem.span.end_line, problem.span.end_column), problem
    assert reading.pipelines is not None or reading.errors
    render(reading)
    render_html(reading)
    as_json([reading]), as_sarif([reading], "0"), as_github([reading])
    scripts(reading)
    assert time.process_time() - begin < 2
    return reading


def test_the_sample_itself_is_read_without_errors() -> None:
    assert not hold(SAMPLE).errors


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
@example("pipelines:\n  default:\n    - step:\n        script:\n          - &a\n          - *a\n")
@example("pipelines: &a\n  default: *a\n")
def test_pieces_of_the_format_in_any_order_are_read(text: str) -> None:
    hold(text)


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_any_bytes_are_read(data: bytes) -> None:
    hold(data)


@settings(max_examples=100)
@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    hold(text)


def damaged(chance: random.Random, text: str) -> str:
    """A text after one slip of the keyboard."""
    rows = text.split("\n")
    at = chance.randrange(len(rows))
    kind = chance.randrange(8)
    if kind == 0:
        del rows[at]
    elif kind == 1:
        rows.insert(at, rows[at])
    elif kind == 2:
        rows[at] = " " * chance.randrange(4) + rows[at]
    elif kind == 3:
        rows[at] = rows[at][chance.randrange(4) :]
    elif kind == 4:
        column = chance.randrange(len(rows[at]) + 1)
        rows[at] = rows[at][:column] + chance.choice(PIECES) + rows[at][column:]
    elif kind == 5:
        column = chance.randrange(len(rows[at]) + 1)
        rows[at] = rows[at][:column] + rows[at][column + 1 :]
    elif kind == 6:
        other = chance.randrange(len(rows))
        rows[at], rows[other] = rows[other], rows[at]
    else:
        rows[at] = rows[at].replace(": ", ":", 1) if chance.random() < 0.5 else rows[at].replace("- ", "-", 1)
    return "\n".join(rows)


def hold_cures(text: str) -> None:
    """Cures leave a file that is read again, with no more errors, and are done with when they are done."""
    before = hold(text)
    after = cured(before)
    assert len(after.errors) <= len(before.errors)
    assert cured(after).text == after.text
    edits = safe_edits(before.text, before.problems)
    assert apply(before.text, ()) == before.text
    assert not edits or apply(before.text, edits) != before.text


@settings(max_examples=150)
@given(st.integers(min_value=0), st.integers(min_value=1, max_value=4))
def test_a_damaged_file_is_read_and_its_cures_do_no_harm(seed: int, slips: int) -> None:
    chance, text = random.Random(seed), SAMPLE
    for _ in range(slips):
        text = damaged(chance, text)
    hold_cures(text)


@pytest.mark.full
@pytest.mark.timeout(1500)
@settings(max_examples=20_000, suppress_health_check=list(HealthCheck))
@given(st.integers(min_value=0), st.integers(min_value=1, max_value=8), st.lists(st.sampled_from(PIECES), max_size=60))
def test_long_nothing_breaks_the_reader(seed: int, slips: int, pieces: list[str]) -> None:
    chance, text = random.Random(seed), SAMPLE
    for _ in range(slips):
        text = damaged(chance, text)
    hold_cures(text)
    hold("".join(pieces))
