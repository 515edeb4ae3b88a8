"""Files that strangers wrote: those that run are read, those that were wrong are told."""

from pathlib import Path

import pytest

from pipelinelab.reading.cured import cured
from pipelinelab.reading.read import read_text

CORPUS = Path(__file__).parents[2] / "../shared/corpus"
pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real files is not beside the repository")

RUNS = sorted(CORPUS.glob("valid/*.yml")) + sorted(CORPUS.glob("disputed/*.yml"))

WRONG = {
    "repo_branch_not_under_branches": ("PL117", 2),
    "repo_dspace_duplicate_anchor": ("PL014", 309),
    "repo_dspace_invalid_syntax": ("PL010", 14),
    "repo_echo_colon_map_emoji": ("PL110", 24),
    "repo_first_step_manual": ("PL206", 12),
    "repo_masked_alias_stars": ("PL013", 15),
    "repo_no_pipelines_root_dup_keys": ("PL118", 1),
    "repo_null_command_comment": ("PL111", 11),
    "repo_parser_error_42noti": ("PL012", 21),
    "repo_parser_error_atlascode": ("PL012", 19),
    "repo_parser_error_fabkit": ("PL012", 10),
    "repo_parser_error_mongodb": ("PL012", 13),
    "repo_parser_error_tichu": ("PL012", 53),
    "repo_pull_requests_list": ("PL115", 103),
    "repo_scripts_typo": ("PL103", 12),
    "repo_stage_formatting": ("PL114", 52),
    "repo_tab_indent": ("PL011", 6),
    "repo_undefined_cache_conda": ("PL202", 16),
    "repo_undefined_cache_pip3": ("PL202", 23),
    "thread_anchor_on_own_line": ("PL106", 34),
    "thread_artifacts_paths_and_upload": ("PL119", 13),
    "thread_default_with_glob_map": ("PL116", 16),
}


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_a_file_that_runs_is_read_without_an_error(path: Path) -> None:
    reading = read_text(path.read_bytes(), path.name)
    assert not reading.errors, str(reading)
    assert reading.pipelines is not None
    assert reading.pipelines.pipelines


@pytest.mark.parametrize("name", WRONG)
def test_a_broken_file_is_told_at_its_line_for_its_reason(name: str) -> None:
    reading = read_text((CORPUS / "broken" / f"{name}.yml").read_bytes(), name)
    worst = [p for p in reading.problems if p.severity == reading.problems[0].severity]
    assert WRONG[name] in {(p.code, p.span.line) for p in worst}, str(reading)


def test_every_broken_file_of_the_corpus_is_held_to_its_line() -> None:
    assert {path.stem for path in CORPUS.glob("broken/*.yml")} == set(WRONG)


def test_a_second_fault_beside_the_first_is_told_too() -> None:
    both = read_text((CORPUS / "broken/repo_no_pipelines_root_dup_keys.yml").read_bytes())
    assert ("PL015", 13) in {(p.code, p.span.line) for p in both.problems}


@pytest.mark.parametrize("name", WRONG)
def test_a_cure_never_makes_a_broken_file_worse(name: str) -> None:
    before = read_text((CORPUS / "broken" / f"{name}.yml").read_bytes(), name)
    after = cured(before)
    assert len(after.errors) <= len(before.errors)


@pytest.mark.parametrize("path", RUNS, ids=lambda path: path.stem)
def test_every_command_of_a_real_file_stands_where_its_span_says(path: Path) -> None:
    from pipelinelab.model.pipelines import Command
    from pipelinelab.reading.check_meaning import steps_of
    from pipelinelab.reading.yaml_tree import Lines

    reading = read_text(path.read_bytes(), path.name)
    lines = Lines(reading.text, path.name)
    assert reading.pipelines is not None
    for pipeline in reading.pipelines.pipelines:
        for step in steps_of(pipeline):
            for item in step.script:
                if isinstance(item, Command):
                    word = item.text.split()[0].strip("\"'")[:10]
                    assert word in lines.slice(item.span).replace("''", "'").replace('\\"', '"')
