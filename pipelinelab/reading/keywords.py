"""The format: every section's keywords, how each is read, and what it becomes. Misspelt and misplaced keywords are
told from this one table. Sources: Atlassian's public documentation and schema."""

from __future__ import annotations

from pipelinelab.model.pipelines import (
    Clone,
    CustomVariable,
    Import,
    Options,
    Trigger,
    Upload,
)
from pipelinelab.model.runtime import CloudRuntime, Runtime, SelfHostedRuntime
from pipelinelab.reading import build_file, build_image, build_step
from pipelinelab.reading.elements import elements
from pipelinelab.reading.groups import build_parallel, build_stage
from pipelinelab.reading.scripts import build_agent_task, build_pipe, script
from pipelinelab.reading.sections import Keyword, Section, make, section, table
from pipelinelab.reading.start_conditions import build_import, patterns, pipeline
from pipelinelab.reading.values import choice, flag, integer, list_of, one_or_list, short, text, variable_text
from pipelinelab.reading.variables import mapped, variables

MAX_TIME = integer(1, 720, "minutes")
TEXTS = list_of(text)
RUNS_ON = one_or_list(short(50), maximum=10)
TRIGGER = choice("automatic", "manual")
PROVIDER = choice("rovodev", "claude", "codex")

_STEP = {
    "name": Keyword(text),
    "image": Keyword(build_image.image),
    "script": Keyword(script, vital=True),
    "after-script": Keyword(script),
    "services": Keyword(TEXTS),
    "caches": Keyword(TEXTS),
    "artifacts": Keyword(build_step.artifacts),
    "clone": Keyword(section("clone")),
    "condition": Keyword(section("condition")),
    "deployment": Keyword(text),
    "environment": Keyword(text),
    "trigger": Keyword(TRIGGER),
    "max-time": Keyword(MAX_TIME),
    "size": Keyword(build_step.size),
    "oidc": Keyword(flag),
    "runs-on": Keyword(RUNS_ON),
    "runtime": Keyword(section("runtime")),
    "fail-fast": Keyword(flag),
    "concurrency-group": Keyword(short(50)),
    "output-variables": Keyword(TEXTS),
    "input-variables": Keyword(mapped(variable_text, minimum=1, maximum=20)),
    "type": Keyword(choice("inline", "pipeline")),
    "custom": Keyword(text),
    "auth": Keyword(section("auth"), field="scopes"),
}
_FROM_ELSEWHERE = {
    "scripts": "script",
    "run": "script",
    "commands": "script",
    "cmd": "script",
    "timeout": "max-time",
    "timeout-minutes": "max-time",
    "when": "condition",
    "container": "image",
    "concurrency": "concurrency-group",
    "id-token": "oidc",
}

SECTIONS = {
    "top": Section(
        "the file", quiet=True, build=build_file.top, instead={"pipeline": "pipelines", "definition": "definitions"},
        keywords={"pipelines": Keyword(build_file.pipelines, vital=True),
                  "definitions": Keyword(section("definitions"), vital=True)} | table((
            ("image", build_image.image), ("clone", section("clone")), ("options", section("options")),
            ("export", flag),
            ("labels", build_file.labels), ("triggers", mapped(list_of(section("trigger")))),
        )),
    ),
    "options": Section(
        "options", build=make(Options), instead=_FROM_ELSEWHERE,
        keywords=table((
            ("docker", flag), ("max-time", MAX_TIME), ("size", build_step.size), ("runtime", section("runtime")),
            ("runs-on", RUNS_ON),
        )),
    ),
    "definitions": Section(
        "definitions", quiet=True, build=build_file.definitions, instead={"service": "services", "cache": "caches"},
        keywords=table((
            ("services", mapped(build_file.service)), ("caches", mapped(build_file.cache)),
            ("pipelines", patterns("definitions")),
            ("imports", mapped(build_file.import_source)), ("agents", mapped(section("agent"))),
        )),
    ),
    "pipelines": Section(
        "pipelines", build=build_file.start_conditions, stranger=build_file.branch_beside_branches,
        instead={"branch": "branches", "tag": "tags", "pull_request": "pull-requests", "pr": "pull-requests"},
        keywords={
            "default": Keyword(pipeline("default", "", False), vital=True),
            **{
                kind: Keyword(patterns(kind), vital=True)
                for kind in ("branches", "tags", "bookmarks", "pull-requests", "custom")
            },
        },
    ),
    "step": Section("a step", _STEP | {"step": Keyword(section("step"))}, build_step.step, _FROM_ELSEWHERE),
    "final": Section(
        "a final step", build=build_step.final, instead=_FROM_ELSEWHERE,
        keywords=_STEP | {"trigger": Keyword(choice("automatic")), "deployment": Keyword(build_step.not_in_final),
                          "fail-fast": Keyword(build_step.not_in_final), "step": Keyword(section("step"))},
    ),
    "parallel": Section(
        "a parallel group", build=build_parallel,
        keywords=table((("fail-fast", flag), ("steps", elements(("step",)))), required=("steps",)),
    ),
    "stage": Section(
        "a stage", build=build_stage,
        keywords=table((
            ("name", text), ("steps", elements(("step", "parallel"))), ("trigger", TRIGGER), ("deployment", text),
            ("environment", text), ("condition", section("condition")),
        ), required=("steps",)),
    ),
    "custom-variable": Section(
        "a custom pipeline's variable", build=make(CustomVariable),
        keywords=table((
            ("name", text), ("default", variable_text), ("allowed-values", list_of(variable_text)),
            ("description", text),
        ), required=("name",)),
    ),
    "import": Section(
        "an import", build=build_import, strict=True,
        keywords={"import": Keyword(build_file.import_name, field="source", required=True),
                  "variables": Keyword(list_of(section("custom-variable")))},
    ),
    "import-source": Section(
        "an import's source", build=make(Import), strict=True,
        keywords={"import": Keyword(text, field="source", required=True)},
    ),
    "image": Section(
        "an image", build=build_image.image_of_map,
        keywords=table((
            ("name", text), ("username", text), ("password", text), ("email", text), ("run-as-user", integer()),
            ("aws", section("aws")),
        ), required=("name",)),
    ),
    "aws": Section(
        "aws", build=build_image.aws, keywords=table((("access-key", text), ("secret-key", text), ("oidc-role", text))),
    ),
    "service": Section(
        "a service", build=build_file.plain, instead={"vars": "variables", "variable": "variables"},
        keywords={
            "image": Keyword(build_image.image),
            "variables": Keyword(variables("a service", minimum=1)),
            "environment": Keyword(variables("a service", minimum=1), field="variables"),
            "memory": Keyword(integer(128, None, "megabytes")),
            "type": Keyword(choice("docker")),
        },
    ),
    "pipe": Section(
        "a pipe", build=build_pipe, instead={"environment": "variables"},
        keywords=table(
            (("pipe", text), ("name", text), ("variables", variables("a pipe", lists=True))), required=("pipe",)
        ),
    ),
    "agent-task": Section(
        "an agent's task", build=build_agent_task, quiet=True,
        keywords=table((
            ("agent", text), ("prompt", text), ("provider", PROVIDER), ("name", text),
            ("config", section("agent-config")), ("permissions", section("agent-permissions")),
            ("use-legacy-mcp", flag),
        ), required=("agent",)),
    ),
    "agent": Section(
        "an agent", build=build_file.agent, quiet=True,
        keywords=table((
            ("prompt", text), ("provider", PROVIDER), ("config", section("agent-config")),
            ("permissions", section("agent-permissions")), ("setup-script", build_file.setup_script),
            ("use-legacy-mcp", flag),
        ), required=("prompt",)),
    ),
    "agent-config": Section(
        "an agent's config", build=build_file.plain, quiet=True,
        keywords=table((("path", text), ("overrides", build_file.labels))),
    ),
    "agent-permissions": Section(
        "an agent's permissions", build=build_file.plain, quiet=True, keywords=table((("on-ask", build_file.on_ask),)),
    ),
    "agent-rules": Section(
        "an agent's rules", build=build_file.plain, quiet=True,
        keywords=table((
            ("default", choice("allow", "deny")), ("allow", list_of(build_file.rule, minimum=0)),
            ("deny", list_of(build_file.rule, minimum=0)),
        )),
    ),
    "artifacts": Section(
        "artifacts", build=build_step.artifacts_of_map,
        keywords=table((("paths", TEXTS), ("download", build_step.download), ("upload", build_step.uploads))),
    ),
    "upload": Section(
        "an upload", build=make(Upload),
        keywords=table((
            ("name", text), ("paths", TEXTS), ("type", choice("shared", "scoped", "test-reports")),
            ("capture-on", choice("success", "failed", "always")), ("depth", integer(1)),
            ("ignore-paths", list_of(text, minimum=0)),
        ), required=("name", "paths")),
    ),
    "cache": Section(
        "a cache", build=build_file.plain,
        keywords=table((("path", text), ("key", section("cache-key"))), required=("path",)),
    ),
    "cache-key": Section(
        "a cache's key", build=build_file.plain, keywords=table((("files", TEXTS),), required=("files",)),
    ),
    "clone": Section(
        "clone", build=make(Clone),
        keywords=table((
            ("depth", build_step.depth), ("enabled", flag), ("lfs", flag), ("tags", flag), ("skip-ssl-verify", flag),
            ("strategy", text), ("filter", text), ("sparse-checkout", build_step.sparse_checkout),
        )),
    ),
    "condition": Section(
        "a condition", build=build_step.condition,
        keywords=table((("changesets", section("changesets")), ("state", build_step.state))),
    ),
    "changesets": Section(
        "changesets", build=build_step.changesets, strict=True,
        keywords={"includePaths": Keyword(TEXTS, field="include_paths"),
                  "excludePaths": Keyword(TEXTS, field="exclude_paths")},
    ),
    "runtime": Section(
        "runtime", build=make(Runtime),
        keywords=table((("cloud", section("cloud")), ("self-hosted", section("self-hosted")))),
    ),
    "cloud": Section(
        "runtime: cloud", build=make(CloudRuntime),
        keywords=table((
            ("version", text), ("arch", choice("x86", "arm")), ("platform", choice("linux", "windows")),
            ("instance-type", text), ("atlassian-ip-ranges", flag),
        )),
    ),
    "self-hosted": Section(
        "runtime: self-hosted", build=make(SelfHostedRuntime),
        keywords=table((
            ("cpu", integer()), ("memory", integer()), ("volumes", list_of(text, minimum=0)),
            ("storage", section("storage")),
        )),
    ),
    "storage": Section(
        "storage", build=build_image.storage,
        keywords=table((("gcp", section("gcp")), ("aws", section("aws-storage")))),
    ),
    "gcp": Section(
        "storage: gcp", build=build_file.plain,
        keywords=table((("bucket", text), ("key-file", text)), required=("bucket", "key-file")),
    ),
    "aws-storage": Section(
        "storage: aws", build=build_image.aws,
        keywords=table((
            ("bucket", text), ("region", text), ("access-key", text), ("secret-key", text), ("oidc-role", text),
        ), required=("bucket", "region")),
    ),
    "auth": Section("auth", build=build_step.auth, quiet=True, keywords=table((("system", section("system-auth")),))),
    "system-auth": Section(
        "auth: system", build=build_file.plain, quiet=True, keywords=table((("scopes", build_step.scopes),)),
    ),
    "trigger": Section(
        "a trigger", build=make(Trigger),
        keywords=table((("condition", text), ("pipelines", TEXTS)), required=("condition", "pipelines")),
    ),
}  # fmt: skip
"""Every section of the format by its name here."""
