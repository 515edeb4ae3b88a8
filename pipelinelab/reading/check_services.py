"""Services, caches and memory: what is defined, what is used, what fits."""

from __future__ import annotations

from collections.abc import Iterator

from pipelinelab.model.pipelines import PREDEFINED_CACHES, Pipelines, Service, Step
from pipelinelab.model.source import Span
from pipelinelab.reading.desk import Desk
from pipelinelab.reading.images import known
from pipelinelab.reading.misplaced import walk
from pipelinelab.reading.problems import ERROR, WARNING, Edit, Fix
from pipelinelab.reading.suggest import nearest
from pipelinelab.reading.yaml_tree import Mapping, Scalar, Sequence, YamlNode

PER_SIZE = 4096
SERVICE = 1024
BUILD = 1024
MOST_SERVICES = 5

_SECTIONS = frozenset({"caches", "imports", "pipelines", "services"})  # of the definitions themselves


def check_names(desk: Desk, root: Mapping, file: Pipelines, steps: list[Step]) -> None:
    """Report services and caches that are used and not defined, or defined and not used."""
    for kind, code, defined in (
        ("services", "PL201", {"docker", *file.services, *named(root, "services")}),
        ("caches", "PL202", {*PREDEFINED_CACHES, *file.caches, *named(root, "caches")}),
    ):
        broken = kind_broken(root, kind)
        wanted: dict[str, list[tuple[Span, Step]]] = {}
        for step in steps:
            for index, name in enumerate(getattr(step, kind)):
                if name not in defined and "$" not in name and not broken:
                    place = step.places.get(f"{kind}.{index}", step.place(kind))
                    wanted.setdefault(name, []).append((place, step))
        for name, places in wanted.items():
            _undefined(desk, code, kind, name, [place for place, _ in places], defined)
        used = set(names_used(root, kind)) | ({"docker"} if kind == "services" else set())
        for key in keys_under(root, "definitions", kind):
            if key.value not in used and (kind == "services" or key.value not in PREDEFINED_CACHES):
                one = kind[:-1]
                desk.report(
                    "PL203" if kind == "services" else "PL204",
                    key,
                    f"no step uses the {one} {key.value}",
                    ("definitions", kind),
                    expected=f"`{key.value}` among the `{kind}:` of a step",
                    found="no step that has it",
                    suggestion=f"name it in a step's `{kind}:`, or take it away",
                )


def _undefined(desk: Desk, code: str, kind: str, name: str, places: list[Span], defined: set[str]) -> None:
    """Report a name once, where it stands first, and say where else it stands."""
    places = sorted(set(places), key=lambda place: (place.line, place.column))
    near = nearest(name, defined)
    own = sorted(defined - PREDEFINED_CACHES.keys()) if kind == "caches" else sorted(defined)
    ignored = "" if kind == "services" else ", so nothing is cached"
    more = f" (also in line {', '.join(str(place.line) for place in places[1:])})" if len(places) > 1 else ""
    desk.report(
        code,
        places[0],
        f"the {kind[:-1]} {name} is defined nowhere{ignored}{more}",
        expected=f"`{name}:` under `definitions: {kind}:`",
        found=f"defined here: {', '.join(own) or 'nothing'}",
        suggestion=f"did you mean {near}?" if near else f"define it under `definitions: {kind}:`",
        fix=Fix(title=f"write {near}", edits=tuple(Edit(place, near) for place in places), safe=False)
        if near
        else None,
    )


def named(root: Mapping, kind: str) -> Iterator[str]:
    """Names whose definition is there, though it could not be read or stands in the wrong place (at the top, beside
    the section, under ``pipelines:``), which is told there."""
    yield from (key.value for key in keys_under(root, "definitions", kind))
    for key, value in root.entries:
        if isinstance(key, Scalar) and key.value == kind and isinstance(value, Mapping):
            yield from (name.value for name, _ in value.entries if isinstance(name, Scalar))
    yield from (key.value for key in keys_under(root, "definitions") if key.value not in _SECTIONS)
    yield from (key.value for key in keys_under(root, "pipelines", "definitions", kind))


def kind_broken(root: Mapping, kind: str) -> bool:
    """True where the section itself could not be read, so that nothing can be said of names."""
    for section in children(root, "definitions"):
        if not isinstance(section, Mapping):
            return True
        for inner in children(section, kind):
            if not isinstance(inner, Mapping):
                return True
    return False


def children(node: YamlNode, name: str) -> Iterator[YamlNode]:
    """The values of a keyword in a map, merge keys followed."""
    if not isinstance(node, Mapping):
        return
    for key, value in node.entries:
        if isinstance(key, Scalar) and key.value == name:
            yield value
        elif isinstance(key, Scalar) and key.value == "<<":
            yield from children(value, name)


def keys_under(root: YamlNode, *path: str) -> list[Scalar]:
    """The keys of the map at a path."""
    nodes = [root]
    for name in path:
        nodes = [inner for node in nodes for inner in children(node, name)]
    return [
        key for node in nodes if isinstance(node, Mapping) for key, _ in node.entries
        if isinstance(key, Scalar) and key.value != "<<"
    ]  # fmt: skip


def names_used(root: YamlNode, kind: str) -> Iterator[str]:
    """Every name in any list ``services:`` or ``caches:`` of the file, in use or not."""
    for node in walk(root):
        if isinstance(node, Mapping):
            for value in children(node, kind):
                if isinstance(value, Sequence):
                    yield from (one.value for one in value.items if isinstance(one, Scalar))
        elif isinstance(node, Sequence) and node.anchor:
            yield from (one.value for one in node.items if isinstance(one, Scalar) and len(one.value) < 100)


def check_memory(desk: Desk, file: Pipelines, step: Step) -> None:
    """Report a step whose services are too many, take too much, or want one port."""
    place = step.place("services")
    if len(step.services) > MOST_SERVICES:
        desk.report(
            "PL208",
            place,
            f"{len(step.services)} services in one step",
            expected=f"at most {MOST_SERVICES}",
            found=str(len(step.services)),
            bitbucket_says=f"We only support {MOST_SERVICES} services",
        )
        return
    names = [*step.services]
    if file.options.docker and "docker" not in names:
        names.append("docker")
    asked = {name: file.services[name].memory or SERVICE if name in file.services else SERVICE for name in names}
    total = PER_SIZE * (step.size or file.options.size or 1)
    if sum(asked.values()) + BUILD > total:
        listed = " + ".join(f"{name} {memory}" for name, memory in asked.items())
        own = bool(step.runs_on or file.options.runs_on)
        desk.report(
            "PL207",
            place,
            f"the services take {sum(asked.values())} of the step's {total} MB, and the build needs {BUILD}",
            severity=WARNING if own else ERROR,
            expected=f"at most {total - BUILD} MB for all services",
            found=f"{listed} = {sum(asked.values())} MB",
            suggestion=f"give the step `size: {2 * (step.size or file.options.size or 1)}x`, or its services less",
        )
    _check_ports(desk, file, step, place)


def _check_ports(desk: Desk, file: Pipelines, step: Step, place: Span) -> None:
    ports: dict[int, str] = {}
    for name in step.services:
        service = file.services.get(name)
        image = known(service.image.name) if service and service.image else None
        if image is None:
            continue
        if image.port in ports and ports[image.port] != name:
            desk.report(
                "PL218",
                place,
                f"{ports[image.port]} and {name} both listen on port {image.port}",
                expected="one service a port: they share one network",
                found=f"two on {image.port}",
                suggestion="take one out of the step, or give one another port in its image",
            )
        ports.setdefault(image.port, name)


def check_image_variables(desk: Desk, service: Service) -> None:
    """Report variables that the service's image does not know, and those that it cannot start without."""
    image = known(service.image.name) if service.image else None
    unread = not service.variables and ("variables" in service.places or "environment" in service.places)
    if image is None or service.image is None or unread:
        return
    given = {one.name: one for one in service.variables}
    name = service.image.name
    for one in service.variables:
        if one.name.startswith(image.prefixes or ("\0",)) and one.name not in image.knows:
            near = image.meant.get(one.name) or nearest(one.name, image.knows)
            taken = near in given
            key = one.places.get("name", one.span)
            desk.report(
                "PL212",
                key,
                f"the image {name} does not know {one.name}",
                expected=near or ", ".join(sorted(image.knows)[:6]),
                found=one.name,
                suggestion=f"did you mean {near}?" if near and not taken else "take it away",
                fix=Fix(title=f"write {near}", edits=(Edit(key, near),))
                if near and not taken and not service.via
                else None,
            )
        if one.name in ("MYSQL_USER", "MARIADB_USER") and one.value == "root":
            desk.report(
                "PL213",
                one.span,
                f"{one.name} cannot be root: it is always there, and the image stops",
                expected="another user",
                found="root",
                suggestion="take it away, and give root a password with MYSQL_ROOT_PASSWORD",
            )
    place = service.place("variables") if service.variables else service.place("image")
    meant = {image.meant.get(one) for one in given}
    for group in image.needs:
        if not given.keys() & set(group) and not meant & set(group):
            desk.report(
                "PL213",
                place,
                f"the image {name} stops at once without {' or '.join(group[:3])}",
                expected=" or ".join(group[:3]),
                found=", ".join(given) or "no variables",
            )
    for first, second in image.pairs:
        if first in given and second not in given and second not in meant and given[first].value != "root":
            desk.report(
                "PL213",
                given[first].span,
                f"the image {name} wants {second} with {first}",
                expected=f"{first} and {second}",
                found=first,
            )
