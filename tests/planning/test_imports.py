"""An imported pipeline stands in the place of its import, with the definitions of the file it came from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinelab.errors import UsageError
from pipelinelab.model.pipelines import Import, Pipelines
from pipelinelab.planning.build import build
from pipelinelab.planning.context import Given, Options, Repository
from pipelinelab.planning.imports import FILE, Shared, named, resolved
from pipelinelab.reading.read import read_text

REPO = Repository(name="r", commit="c" * 40, branch="main")
SHARED = """
export: true
image: theirs
definitions:
  services: {db: {image: their-db}}
  caches: {deps: their/deps}
  pipelines:
    build:
      - variables: [{name: LEVEL, default: low}, {name: TARGET}]
      - step: {name: Build, script: [make], services: [db], caches: [deps]}
      - step: {name: Scan, type: pipeline, custom: scan}
pipelines:
  custom:
    scan: [step: {name: Scan it, script: [scan]}]
"""


def model(text: str, name: str = FILE) -> Pipelines:
    reading = read_text(text, name)
    assert reading.ok, reading
    assert reading.pipelines is not None
    return reading.pipelines


def found(text: str, title: str = "default", **shared: str):
    """The plan of the pipeline, with these shared files by name: underscores stand for colons."""
    file = model(text)
    files = {name.replace("__", ":"): content for name, content in shared.items()}

    def fetch(one: Shared, home: Shared, imported: Import) -> Pipelines:
        return model(files[one.repository or one.path], str(one))

    pipeline = file.find(title)
    assert pipeline is not None
    return build(file, resolved(file, pipeline, fetch), REPO, Given(), Options())


def test_the_definitions_of_the_shared_file_hold_and_not_those_of_the_importing_one():
    plan = found("image: ours\npipelines: {default: {import: 'ci:main:build'}}", ci=SHARED)
    build_step, scan = plan.steps()
    assert plan.pipeline == "default"
    assert build_step.image.name == "theirs"
    assert build_step.services[0].image.name == "their-db"
    assert build_step.caches[0].path == "their/deps"
    assert scan.name == "Scan it"
    assert scan.stage == "Scan"


def test_lines_of_a_shared_file_are_no_lines_of_ours():
    plan = found("pipelines: {default: {import: 'ci:main:build'}}", ci=SHARED)
    assert {item.yaml_line for step in plan.steps() for item in step.items} == {None}


def test_an_import_may_say_its_own_variables_and_keeps_the_others():
    text = "pipelines: {custom: {nightly: {import: 'ci:main:build', variables: [{name: LEVEL, default: high}]}}}"
    file = model(text)
    pipeline = resolved(file, file.pipelines[0], lambda one, home, imported: model(SHARED, str(one)))
    assert [(one.name, one.default) for one in pipeline.variables] == [("TARGET", None), ("LEVEL", "high")]


@pytest.mark.parametrize(
    ("sources", "shared"),
    [
        ("{s: .bitbucket/shared.yml}", Shared("", "", ".bitbucket/shared.yml")),
        ("{s: 'ci:feature/x'}", Shared("ci", "feature/x")),
        ("{s: 'ci:main:build/pipelines.yml'}", Shared("ci", "main", "build/pipelines.yml")),
        ("{s: {import: 'ci:main'}}", Shared("ci", "main")),
    ],
)
def test_a_source_is_a_file_here_or_in_another_repository(sources: str, shared: Shared):
    file = model(f"definitions: {{imports: {sources}}}\npipelines: {{default: {{import: build@s}}}}")
    imported = file.pipelines[0].imported
    assert imported is not None
    assert named(file, imported, Shared("", "")) == (shared, "build")


def test_a_file_of_the_same_repository_need_not_be_exported():
    text = "definitions: {imports: {s: shared.yml}}\npipelines: {default: {import: build@s}}"
    plan = found(text, **{"shared.yml": "definitions: {pipelines: {build: [step: {script: [make]}]}}"})
    assert [step.script[0].text for step in plan.steps()] == ["make"]


PART = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)


@given(PART, st.lists(PART, min_size=1, max_size=3).map("/".join), PART)
def test_every_repository_ref_and_name_come_back_from_the_text_they_make(repository: str, ref: str, pipeline: str):
    assert named(Pipelines(), Import(source=f"{repository}:{ref}:{pipeline}"), Shared("", "")) == (
        Shared(repository, ref), pipeline,
    )  # fmt: skip


def refusal(text: str, **shared: str) -> UsageError:
    with pytest.raises(UsageError) as refused:
        found(text, **shared)
    assert str(refused.value).startswith(f"{FILE}:1:"), refused.value
    assert refused.value.hint
    return refused.value


OURS = "pipelines: {default: {import: 'ci:main:build'}}"
EXPORTED = "export: true\ndefinitions: {pipelines: {%s}}"


def test_a_file_that_is_not_exported_shares_nothing():
    why = refusal(OURS, ci="definitions: {pipelines: {build: [step: {script: [make]}]}}")
    assert "ci:main:bitbucket-pipelines.yml shares nothing: it does not say `export: true`" in str(why)


def test_a_name_that_is_not_shared_comes_with_those_that_are():
    assert "it shares: other" in refusal(OURS, ci=EXPORTED % "other: [step: {script: [make]}]").hint


def test_a_pipeline_in_the_wrong_place_is_found_there():
    text = "export: true\npipelines: {custom: {build: [step: {script: [make]}]}}"
    assert "custom/build is there, in line 2: move it under definitions: pipelines:" in refusal(OURS, ci=text).hint


def test_a_source_that_is_not_defined_is_told():
    assert "no import source 's'" in str(refusal("pipelines: {default: {import: build@s}}"))


def test_an_import_of_an_import_names_the_one_to_import():
    why = refusal(OURS, ci=EXPORTED % "build: {import: 'far:v1:build'}", far=EXPORTED % "build: [step: {script: [x]}]")
    assert "itself an import, of far:v1:bitbucket-pipelines.yml:build" in str(why)


def test_imports_in_a_circle_are_told_with_the_whole_way():
    ci, far = EXPORTED % "build: {import: 'far:v1:build'}", EXPORTED % "build: {import: 'ci:main:build'}"
    why = str(refusal(OURS, ci=ci, far=far))
    assert "circle: ci:main:bitbucket-pipelines.yml:build → far:v1:bitbucket-pipelines.yml:build → ci:main" in why


def test_a_pipeline_that_starts_itself_is_refused():
    text = """
pipelines:
  custom:
    a: [step: {name: to b, type: pipeline, custom: b}]
    b: [step: {name: to a, type: pipeline, custom: a}]
"""
    with pytest.raises(UsageError, match="itself: custom/a → custom/b → custom/a") as refused:
        found(text, "custom/a")
    assert str(refused.value).startswith(f"{FILE}:")
