"""Did you mean …?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

_VARIABLES = (
    "a step has no variables of its own: write `export NAME=value` in its script, or set them for the repository"
)
_SCHEDULES = (
    "schedules are not in this file: make one under Repository settings > Pipelines > Schedules, for a branch or a "
    "custom pipeline"
)
ADVICE = {
    "variables": _VARIABLES,
    "env": _VARIABLES,
    "schedule": _SCHEDULES,
    "schedules": _SCHEDULES,
    "cron": _SCHEDULES,
    "version": "the version is the image's tag: `image: name:version`",
    "pipe": "a pipe is an item of `script:`: `- pipe: owner/name:version`",
    "uses": "that is GitHub's: here it is a pipe, `- pipe: owner/name:version`, in `script:`",
    "with": "that is GitHub's: a pipe takes `variables:`",
    "needs": "steps run in order; put those that may run at once in `parallel:`",
    "depends_on": "steps and services start by themselves; wait for a service's port in the script",
    "if": "that is GitHub's: see `condition:`",
    "only": "that is GitLab's: put the steps under `branches:`",
    "except": "that is GitLab's: put the steps under `branches:`",
    "rules": "that is GitLab's: see `condition:`",
    "before_script": "put its commands first in `script:`",
    "before-script": "put its commands first in `script:`",
    "allow_failure": "write `|| true` after the command that may fail",
    "continue-on-error": "write `|| true` after the command that may fail",
    "retry": "Bitbucket does not run a step again by itself",
    "ports": "everything is on localhost here: no ports need to be named",
    "command": "a service runs what its image starts; bake another command into an image of your own",
    "entrypoint": "a service runs what its image starts; bake another into an image of your own",
    "volumes": "services share no files with the step",
    "healthcheck": "Bitbucket waits for no service: wait for its port in the script",
    "env_file": "write the variables under `variables:`",
    "working_directory": "write `cd` in the script",
}
"""What to do in Bitbucket instead of keywords that people bring from elsewhere."""


def plain(word: str) -> str:
    """A keyword without the differences that people overlook: case, ``_`` for ``-``, camelCase, stray blanks."""
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", word.strip("\u00a0\u200b\ufeff\t :-"))
    return re.sub(r"[\s_\u00a0-]+", "-", word).lower()


def same(word: str, known: Iterable[str]) -> str | None:
    """The known word that differs only in how it is spelt, never in its letters."""
    wanted = plain(word).replace("-", "")
    return next((one for one in known if plain(one).replace("-", "") == wanted), None)


def sure(word: str, meant: str) -> bool:
    """Whether a slip is so small that nobody could have meant anything else."""
    return same(word, [meant]) is not None or SequenceMatcher(None, plain(word), plain(meant)).ratio() >= 0.85


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant; None where none is near."""
    words = list(known)
    exact = same(word, words)
    if exact is not None:
        return exact
    by_plain = {plain(one): one for one in words}
    found = get_close_matches(plain(word), list(by_plain), n=1, cutoff=0.75)
    return by_plain[found[0]] if found else None
