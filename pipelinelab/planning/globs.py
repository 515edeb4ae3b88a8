"""Globs as Bitbucket matches them: ``*`` stays within a part of a name, ``**`` crosses slashes, ``{a,b}`` is either."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_INNER = re.compile(r"(?<![/*{,])\*\*(?!\*)|(?<!\*)\*\*(?![/*},]|$)")


def glob_matches(pattern: str, name: str) -> bool:
    """Whether a branch, a tag or a path matches a glob. Source: Atlassian's page on glob patterns; that ``x**`` crosses
    slashes too is inferred from the glob syntax of Java, which Bitbucket runs on."""
    from wcmatch import glob

    flags = glob.GLOBSTAR | glob.BRACE | glob.DOTGLOB | glob.FORCEUNIX
    return any(glob.globmatch(name, one, flags=flags, limit=1000) for one in _crossing(pattern))


@lru_cache(maxsize=512)
def _crossing(pattern: str) -> tuple[str, ...]:
    """The pattern, with every ``**`` that is only a part of a name written out: ``a**b`` → ``a*b`` and ``a*/**/*b``."""
    found = _INNER.search(pattern)
    if found is None or pattern.count("**") > 4:
        return (pattern,)
    before, after = pattern[: found.start()], pattern[found.end() :]
    return tuple(one for middle in ("*", "*/**/*") for one in _crossing(before + middle + after))


def specificity(pattern: str) -> tuple[int, int, int]:
    """How exactly a pattern names what it matches; the greatest wins. An exact name beats every glob, then the one
    with the most letters of its own, then ``*`` beats ``**``. Source: Atlassian's answers on several matching globs."""
    exact = not any(sign in pattern for sign in "*?{[")
    letters = min((len(re.sub(r"[*?\[\]]", "", one)) for one in alternatives(pattern)), default=0)
    return (int(exact), letters, -pattern.count("**"))


def alternatives(pattern: str) -> Iterator[str]:
    """What ``{a,b}`` stands for, written out, at most a hundred of them."""
    from bracex import ExpansionLimitException, iexpand

    try:
        yield from iexpand(pattern, limit=100)
    except ExpansionLimitException:
        yield pattern


def impossible(pattern: str, of: str) -> str:
    """Why no branch, tag or path can ever match this; "" where one could. ``of`` is "branch", "tag" or "path"."""
    if not pattern.strip():
        return "it is empty"
    if pattern != pattern.strip():
        return "it has blanks at its ends"
    if pattern.count("{") != pattern.count("}"):
        return "a brace has no partner"
    if pattern.startswith("/"):
        return "no name begins with a slash"
    if pattern.endswith("/"):
        return "no name ends with a slash"
    if "//" in pattern:
        return "no name has two slashes in a row"
    if of == "path":
        if pattern.startswith(("./", "../")):
            return "paths are given from the root of the repository, without ./"
        return "a backslash is no separator" if "\\" in pattern else ""
    if pattern.startswith(("refs/heads/", "refs/tags/", "origin/")) and of != "path":
        return f"Bitbucket matches the {of}'s own name, without {pattern.split('/')[0]}/"
    if any(sign in pattern for sign in " ~^:\\"):
        return f"git allows no {of} with a blank or one of ~ ^ : \\"
    return ""
