"""What a plan lacks, told before anything runs. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelinelab.planning.plan import Plan, StepPlan

# Names that the shell, the image or usual tools set by themselves.
KNOWN = frozenset((
    "BASH", "BASH_VERSION", "BASHPID", "COLUMNS", "DEBIAN_FRONTEND", "EUID", "GOPATH", "GOROOT", "HOME", "HOSTNAME",
    "HOSTTYPE", "IFS", "JAVA_HOME", "LANG", "LC_ALL", "LINENO", "LINES", "LOGNAME", "MACHTYPE", "NODE_VERSION",
    "NVM_DIR", "OLDPWD", "OPTARG", "OPTIND", "OSTYPE", "PATH", "PIPESTATUS", "PPID", "PS1", "PWD", "PYTHONPATH",
    "RANDOM", "REPLY", "SECONDS", "SHELL", "SHLVL", "TERM", "TMPDIR", "UID", "USER", "VIRTUAL_ENV", "FUNCNAME",
    "ANDROID_HOME", "DOCKER_HOST", "COMPOSER_HOME", "M2_HOME", "MAVEN_HOME", "GEM_HOME", "PYENV_ROOT", "BUNDLE_PATH",
))  # fmt: skip
_USED = re.compile(r"(?<!\\)\$(?:\{([A-Z][A-Z0-9_]{2,})\}|([A-Z][A-Z0-9_]{2,}))")
_QUOTED = re.compile(r"'[^'\n]*'")
_SET = re.compile(r"\b([A-Z][A-Z0-9_]{2,})\+?=|\b(?:for|read(?:\s+-\w+)*|getopts\s+\S+)\s+([A-Z][A-Z0-9_]{2,})\b")


def missing_variables(plan: Plan) -> tuple[str, ...]:
    """Names that the scripts to run use without a default and that nobody gives them; each once, sorted."""
    lacking: set[str] = set()
    left = {name for step in plan.steps() for name in step.output_variables}
    for step in plan.steps():
        if not step.skipped and not step.guarded:
            lacking |= set(_lacking(step)) - left
    return tuple(sorted(lacking))


def _lacking(step: StepPlan) -> Iterator[str]:
    text = "\n".join(item.text for item in step.items)
    given = {*step.variables, *KNOWN, *(name for pair in _SET.findall(text) for name in pair if name)}
    values = [v for service in step.services for v in service.variables.values()]
    values += [str(v.value) for item in step.items if item.pipe for v in item.pipe.variables]
    values += [step.image.name, step.image.username or "", step.image.password or ""]
    for found in _USED.finditer(_QUOTED.sub("", text) + "\n" + "\n".join(values)):
        name = found[1] or found[2]
        if name not in given and not name.startswith("BITBUCKET_"):  # what Bitbucket does not set here is empty there
            yield name


def env_stub(names: tuple[str, ...]) -> str:
    """A .env file to fill in."""
    return "".join(f"{name}=\n" for name in names)


def notes(plan: Plan) -> Iterator[str]:
    """Sentences on what this plan lacks here, and what will differ from Bitbucket."""
    if missing := missing_variables(plan):
        yield (
            f"used and not given: {', '.join(missing)} (give --var or --secret NAME=VALUE, or --env-file FILE;"
            " --env-stub FILE writes one to fill in)"
        )
    for step in plan.steps():
        if step.skipped or step.guarded:
            continue
        if step.image.aws:
            yield f"step {step.index} {step.name!r} takes its image from AWS with a key or a role: pull it first"
        if "ssh" in {word for item in step.items for word in re.findall(r"\bssh\b", item.text)}:
            yield f"step {step.index} {step.name!r} uses ssh: give --ssh-key and --known-hosts if it needs them"
