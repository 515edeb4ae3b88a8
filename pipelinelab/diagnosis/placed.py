"""What was said elsewhere: on a host that ssh logged in to, in a container of the command's own. Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from pipelinelab.diagnosis.matching import Match
from pipelinelab.diagnosis.regions import Region
from pipelinelab.diagnosis.rule import Rule
from pipelinelab.recording.command_place import Place, place_of

_OWN = {"host": frozenset({"ssh", "yaml", "bitbucket"}), "container": frozenset({"docker", "yaml", "bitbucket"})}
"""Categories of what the program that leads there says itself."""
_OF_SSH = re.compile(r"ssh: |ssh_|kex_|Host key |Connection (?:to \S+ )?(?:closed|reset) by ")
_OF_GIT = re.compile(rb"fatal: Could not read from remote repository")
_NEAR = 400
_THE_IMAGE = re.compile(r"\A(?:The|This) image\b")
_OF_IMAGE = re.compile(r"\b(?:in|of|on) this image\b")
_OUTPUT = ("command", "end", "step")
_DEPLOYER = re.compile(rb"\[(?P<host>[\w.@-]+)\] ")
_ON_HOST = re.compile(rb"^\[(?P<host>[\w.@-]+)\] +(?:run|error) |^ *\xe2\x86\xb3 on \[(?P<on>[\w.@-]+)\]", re.MULTILINE)
_REACH = 4000
_HERE = frozenset({"chmod", "crlf", "insert-before", "install-command", "wait-for-port", "wait-for-service"})
"""Kinds of cure that change nothing but the step's own container."""


def told_at(match: Match, region: Region) -> Place | None:
    """Where it was said that a rule matched in this stretch of output; None for this step."""
    if match.place not in _OUTPUT:
        return None
    place = _by_deployer(region.data, match.at)
    if place is None and region.command is not None:
        place = place_of(region.command.command)
    if place is None or _OF_GIT.search(region.data, match.at, match.at + _NEAR):
        return place  # git asked for a key there
    own = match.rule.category in _OWN[place.kind] or _OF_SSH.match(match.line_text)
    return None if own and not _DEPLOYER.match(match.line_text.encode()) else place


def _by_deployer(data: bytes, at: int) -> Place | None:
    """The host whose task Deployer runs: it says so before it, and before each line."""
    begin = data.rfind(b"\n", 0, at) + 1
    line = _DEPLOYER.match(data, begin)
    told = [*_ON_HOST.finditer(data, max(0, at - _REACH), at)]
    if line is not None and any(one["host"] == line["host"] for one in told):
        return Place("host", line["host"].decode())
    arrows = [one for one in told if one["on"]]
    return Place("host", arrows[-1]["on"].decode()) if arrows else None


def able_there(rule: Rule, place: Place | None) -> Rule:
    """The rule without the cures that do nothing there: none changes a host, and those of a container are its own."""
    if place is None or not rule.cures:
        return rule
    return replace(rule, cures=tuple(one for one in rule.cures if place.kind != "host" and one["kind"] not in _HERE))


def titled(title: str, place: Place | None, migration: str = "") -> str:
    """The title, with the place in it where it is not this step, and the migration that was under way."""
    if place is not None and str(place) not in title:
        there = _OF_IMAGE.sub(lambda _: place.there, _THE_IMAGE.sub(lambda _: f"The {place.kind} {place.name}", title))
        title = there if there != title else f"{title} ({place.there})"
    return f"{title} – in migration {migration}" if migration and migration not in title else title


def reasoned(text: str, place: Place | None) -> str:
    """The cause or the cure, which tells the place where it is not this step."""
    if place is None or str(place) in text:
        return text
    there = _OF_IMAGE.sub(lambda _: place.there, text)
    return there if there != text else f"{text} This happened {place.there}, not in the step's own container."
