"""An image, its credentials and a runner's storage."""

from __future__ import annotations

from typing import Any

from pipelinelab.model.pipelines import (
    Image,
)
from pipelinelab.reading.desk import Desk, Path
from pipelinelab.reading.sections import Parts, first_line, read_section
from pipelinelab.reading.values import text
from pipelinelab.reading.yaml_tree import Mapping, YamlNode


def image(desk: Desk, node: YamlNode, at: Path) -> Image | None:
    """An image in its short or its long form."""
    if isinstance(node, Mapping) and not desk.source(node).startswith("{{"):
        long: Image | None = read_section(desk, node, at, "image")
        return long
    name = text(desk, node, at)
    return None if name is None else Image(name=name, span=node.span, via=node.via)


def image_of_map(desk: Desk, parts: Parts) -> Image:
    """An image's long form: credentials come in pairs, and of one kind."""
    given = [name for name in ("username", "password", "aws") if name in parts.fields]
    if given and given not in (["username", "password"], ["aws"]):
        wanted = (
            "`username:` and `password:`" if given != ["username", "password", "aws"] else "one kind of credentials"
        )
        desk.report(
            "PL122",
            first_line(parts.node),
            f"an image's credentials need {wanted}",
            parts.at,
            expected=wanted,
            found=", ".join(f"`{name}:`" for name in given),
        )
    return Image(**parts.values, **parts.origin())


def aws(desk: Desk, parts: Parts) -> dict[str, str]:
    """Keys for AWS: an access key with its secret, or an OIDC role."""
    keys = {"access-key", "secret-key"} & parts.fields.keys()
    role = "oidc-role" in parts.fields
    if (len(keys) == 1 and not role) or (len(keys) == 2 and role) or (not keys and not role):
        desk.report(
            "PL122",
            first_line(parts.node),
            "aws needs `access-key:` and `secret-key:`, or `oidc-role:`",
            parts.at,
            expected="one of the two ways",
            found=", ".join(parts.fields) or "nothing",
        )
    return {name.replace("_", "-"): value for name, value in parts.values.items()}


def storage(desk: Desk, parts: Parts) -> dict[str, Any]:
    """A self-hosted runner's storage: one place."""
    given = [name for name in ("gcp", "aws") if name in parts.fields]
    if len(given) != 1:
        desk.report(
            "PL101",
            parts.node,
            "storage needs `gcp:` or `aws:`",
            parts.at,
            expected="one of them",
            found=" and ".join(given) or "neither",
        )
    return {name: value.values if isinstance(value, Parts) else value for name, value in parts.values.items()}
