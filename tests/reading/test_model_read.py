"""What a file says is what the model holds, and every value knows where it was written."""

from pipelinelab.model.pipelines import (
    AgentTask,
    Artifacts,
    Cache,
    Clone,
    Command,
    Condition,
    CustomVariable,
    Image,
    Import,
    Parallel,
    Pipe,
    Pipelines,
    Service,
    Stage,
    Step,
    Upload,
    Variable,
)
from pipelinelab.model.runtime import Runtime
from pipelinelab.reading.read import read_text


def read(text: str) -> Pipelines:
    reading = read_text(text, "f.yml")
    assert not reading.errors, str(reading)
    assert reading.pipelines is not None
    return reading.pipelines


def one_step(body: str, before: str = "") -> Step:
    text = before + "pipelines:\n  default:\n    - step:\n" + "".join(f"        {row}\n" for row in body.splitlines())
    step = read(text).pipelines[0].elements[0]
    assert isinstance(step, Step)
    return step


def test_both_forms_of_an_image_are_one_image() -> None:
    assert one_step("script: [a]\nimage: node:20").image == one_step("script: [a]\nimage:\n  name: node:20").image
    long = one_step("script: [a]\nimage: {name: x, username: u, password: p, email: e, run-as-user: 1000}").image
    assert long == Image(name="x", username="u", password="p", email="e", run_as_user=1000)
    aws = one_step("script: [a]\nimage: {name: x, aws: {access-key: k, secret-key: s}}").image
    assert aws == Image(name="x", aws={"access-key": "k", "secret-key": "s"})


def test_both_forms_of_artifacts_are_kept() -> None:
    assert one_step("script: [a]\nartifacts: ['d/**']").artifacts == Artifacts(paths=("d/**",))
    long = one_step(
        "script: [a]\nartifacts:\n  download: [x]\n"
        "  upload: [{name: n, paths: [p], type: scoped, capture-on: always, depth: 2, ignore-paths: [i]}]"
    )
    upload = Upload(name="n", paths=("p",), type="scoped", capture_on="always", depth=2, ignore_paths=("i",))
    assert long.artifacts == Artifacts(download=("x",), upload=(upload,))


def test_both_forms_of_parallel_are_one_group() -> None:
    short = read("pipelines: {default: [{parallel: [{step: {script: [a]}}]}]}").pipelines[0].elements[0]
    long = read("pipelines: {default: [{parallel: {steps: [{step: {script: [a]}}]}}]}").pipelines[0].elements[0]
    assert short == long == Parallel(steps=(Step(script=(Command(text="a"),)),))


def test_a_script_holds_commands_pipes_and_agents_in_order() -> None:
    step = one_step(
        "script:\n  - a\n  - |\n    b\n    c\n  - pipe: x/y:1\n    name: p\n    variables: {A: b, L: [c, d]}\n"
        "  - agent: helper\n    prompt: do"
    )
    pipe = Pipe(pipe="x/y:1", name="p", variables=(Variable(name="A", value="b"), Variable(name="L", value=("c", "d"))))
    agent = AgentTask(pipe="agent:helper", agent="helper", prompt="do")
    assert step.script == (Command(text="a"), Command(text="b\nc\n"), pipe, agent)


def test_the_keywords_of_a_step_are_all_read() -> None:
    step = one_step(
        "name: n\nscript: [a]\nafter-script: [b]\nservices: [docker]\ncaches: [node]\nclone: {depth: full, lfs: true}\n"
        "condition: {changesets: {includePaths: [s/**]}}\ndeployment: d\ntrigger: automatic\nmax-time: 5\nsize: 4x\n"
        "oidc: true\nruns-on: self.hosted\nruntime: {cloud: {arch: arm}}\nfail-fast: true\nconcurrency-group: g\n"
        "output-variables: [V]\ninput-variables: {I: w}\nauth: {system: {scopes: [r]}}"
    )
    assert step.after_script == (Command(text="b"),)
    assert (step.clone, step.condition) == (Clone(depth=0, lfs=True), Condition(include_paths=("s/**",)))
    assert (step.deployment, step.max_time, step.size, step.oidc) == ("d", 5, 4, True)
    assert step.runs_on == ("self.hosted",)
    assert isinstance(step.runtime, Runtime) and step.runtime.cloud and step.runtime.cloud.arch == "arm"
    assert (step.fail_fast, step.concurrency_group, step.output_variables) == (True, "g", ("V",))
    assert (step.input_variables, step.scopes) == ({"I": "w"}, ("r",))


def test_services_take_variables_under_their_old_name_too() -> None:
    for word in ("variables", "environment"):
        file = read(
            f"definitions: {{services: {{db: {{image: redis, {word}: {{A: b}}, memory: 256}}}}}}\n"
            "pipelines: {default: [{step: {script: [a], services: [db]}}]}"
        )
        assert file.services["db"] == Service(
            name="db", image=Image(name="redis"), variables=(Variable(name="A", value="b"),), memory=256
        )


def test_caches_have_paths_and_keys_and_some_are_predefined() -> None:
    file = read(
        "definitions: {caches: {a: p, b: {path: q, key: {files: [f]}}}}\n"
        "pipelines: {default: [{step: {script: [x], caches: [a, b]}}]}"
    )
    assert file.caches == {"a": Cache(name="a", path="p"), "b": Cache(name="b", path="q", key_files=("f",))}
    assert file.cache("pip") == Cache(name="pip", path="~/.cache/pip")
    assert file.cache("none") is None


def test_a_stage_a_final_step_and_a_custom_variable_are_read() -> None:
    file = read(
        "pipelines:\n"
        "  default:\n"
        "    - stage: {name: s, deployment: d, steps: [{step: {script: [a]}}]}\n"
        "    - final: {script: [b]}\n"
        "  custom:\n"
        "    c:\n"
        "      - variables: [{name: V, default: x, allowed-values: [x, y], description: t}]\n"
        "      - step: {script: [a]}\n"
    )
    stage, final = file.pipelines[0].elements
    assert isinstance(stage, Stage) and stage.deployment == "d"
    assert isinstance(final, Step) and final.final
    assert file.pipelines[1].variables == (
        CustomVariable(name="V", default="x", allowed_values=("x", "y"), description="t"),
    )


def test_imports_name_their_source() -> None:
    pipeline = read("pipelines: {branches: {main: {import: 'repo:main:build'}}}").pipelines[0]
    assert pipeline.imported == Import(source="repo:main:build")


def test_pipelines_stand_in_the_order_of_the_file_with_kind_and_pattern() -> None:
    step = "[{step: {script: [a]}}]"
    file = read(f"pipelines: {{branches: {{main: {step}, 'x/*': {step}}}, default: {step}, tags: {{v1: {step}}}}}")
    assert [one.title for one in file.pipelines] == ["branches/main", "branches/x/*", "default", "tags/v1"]


def test_a_value_knows_its_line_through_an_alias_and_the_alias_too() -> None:
    file = read(
        "definitions:\n"
        "  steps:\n"
        "    - step: &build\n"
        "        name: Build\n"
        "        script:\n"
        "          - make\n"
        "pipelines:\n"
        "  default:\n"
        "    - step: *build\n"
        "    - step:\n"
        "        <<: *build\n"
        "        name: Again\n"
    )
    first, second = file.pipelines[0].elements
    assert isinstance(first, Step) and isinstance(second, Step)
    assert str(first.place("name")) == "f.yml:4:15"
    assert str(first.script[0].span) == "f.yml:6:13"
    assert [span.line for span in first.via] == [9]
    assert (second.name, str(second.place("name"))) == ("Again", "f.yml:12:15")
    assert str(second.script[0].span) == "f.yml:6:13"


def test_the_first_of_several_merged_maps_counts_and_what_is_written_counts_most() -> None:
    step = one_step(
        "<<: [*a, *b]\nsize: 8x",
        before="definitions:\n  a: &a {name: A, script: [a], size: 1x}\n  b: &b {name: B, oidc: true, script: [b]}\n",
    )
    assert (step.name, step.oidc, step.size) == ("A", True, 8)
    assert step.script == (Command(text="a"),)


def test_the_second_of_two_anchors_with_one_name_counts_from_there_on() -> None:
    reading = read_text(
        "definitions:\n  a: &x one\n  b: *x\n  c: &x two\npipelines:\n  default:\n    - step: {name: *x, script: [a]}\n"
    )
    assert reading.pipelines is not None
    step = reading.pipelines.pipelines[0].elements[0]
    assert isinstance(step, Step) and step.name == "two"
    assert [problem.code for problem in reading.warnings] == ["PL014"]


def test_two_files_that_say_the_same_are_equal_wherever_it_stands() -> None:
    assert read("pipelines: {default: [{step: {script: [a]}}]}") == read(
        "# a comment\npipelines:\n  default:\n    - step:\n        script:\n          - a\n"
    )


def test_yaml_reads_numbers_as_bitbucket_does_and_says_so() -> None:
    reading = read_text(
        "pipelines:\n  default:\n    - step:\n        script:\n          - pipe: a/b:1\n"
        "            variables: {A: 1.10, B: 010, C: 12:30:45, D: 0x10}\n"
    )
    assert reading.pipelines is not None
    step = reading.pipelines.pipelines[0].elements[0]
    assert isinstance(step, Step) and isinstance(step.script[0], Pipe)
    assert [one.value for one in step.script[0].variables] == ["1.1", "8", "45045", "16"]
    assert [problem.code for problem in reading.problems] == ["PL109"] * 4


def test_problems_are_a_frame_a_row_each_with_its_place() -> None:
    frame = read_text("pipelines:\n  default:\n    - step:\n        scripts: [true]\n", "f.yml").to_frame()
    first = frame.iloc[0]
    assert (first["file"], first["line"], first["severity"]) == ("f.yml", 4, "error")
    assert "script" in first["suggestion"]
    assert read_text("pipelines:\n  default:\n    - step:\n        script: [make]\n", "f.yml").to_frame().empty
