"""Which Django settings a command runs with, and from where: what the script says, else manage.py. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipelinelab.diagnosis.cures.case import Case
from pipelinelab.diagnosis.cures.settings import Settings, find_settings, settings_in
from pipelinelab.diagnosis.cures.shell import Simple, joined
from pipelinelab.diagnosis.values import ProjectFiles

_RUNS = re.compile(r"manage\.py|django-admin|\bpytest\b|\bpy\.test\b|\btox\b|\bpython[\d.]*\b")
_SAID = re.compile(r"--(?:settings|ds)[= ]\s*[\"']?([\w.]+)")
_NAMED = re.compile(r"DJANGO_SETTINGS_MODULE['\"]?\s*[,=]\s*['\"]?([\w.]+)")
_SHARED = ("base", "common", "__init__", "default", "defaults")


@dataclass(frozen=True)
class Project:
    """A Django project as a command uses it. ``root`` is the folder that its modules are imported from, from the
    clone's root; ``folder`` is where the command runs; ``module`` is "" where nothing names one; ``path`` is the file
    that its settings begin with, "" where that is not known."""

    root: str
    folder: str
    module: str
    settings: Settings | None
    command: Simple | None
    path: str = ""

    @property
    def dotted(self) -> str:
        """The module to give DJANGO_SETTINGS_MODULE."""
        if self.module:
            return self.module
        path = self.settings.path if self.settings else ""
        inner = posixpath.relpath(path, self.root or ".")
        return inner.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def project_of(case: Case) -> Project | None:
    """The project that the failing command runs; None where its folder or its settings cannot be told."""
    runs = [one for one in case.script.here if _RUNS.search(one.text)]
    last = case.script.here[-1] if case.script.here else None
    command = runs[-1] if runs else last
    return project_at(case.files, command)


def project_at(files: ProjectFiles, command: Simple | None) -> Project | None:
    """The project that a simple command runs."""
    folder = "" if command is None else command.folder
    if folder is None:
        return None
    root, manage = _manage(files, command, folder)
    module = _module(files, command, root, manage)
    if module:
        found = _of_module(files, root, module)
    elif command is None or not (root or manage):
        found = _only(files, "")
    else:
        found = _only(files, root)
    path = _path_of(files, root, module) if module else found.path if found else ""
    return Project(root, folder, module, found, command, path)


def _manage(files: ProjectFiles, command: Simple | None, folder: str) -> tuple[str, str]:
    """The folder of the manage.py that the command runs (else of the folder's own, or of the only one) and its text."""
    named = next((word for word in (command.words if command else []) if word.endswith("manage.py")), "")
    path = joined(folder, named) if named else joined(folder, "manage.py")
    if path is not None and (path in files.texts or named):
        return posixpath.dirname(path), files.get(path) or ""
    below = [one for one in files if posixpath.basename(one) == "manage.py" and _under(one, folder)]
    return (posixpath.dirname(below[0]), files.get(below[0]) or "") if len(below) == 1 else (folder, "")


def _module(files: ProjectFiles, command: Simple | None, root: str, manage: str) -> str:
    if command is not None:
        if said := _SAID.search(command.text):
            return said[1]
        if given := command.variables.get("DJANGO_SETTINGS_MODULE", ""):
            return given if re.fullmatch(r"[\w.]+", given) else ""
        if re.search(r"\bpy\.?test\b|\btox\b", command.text):
            for name in ("pytest.ini", "tox.ini", "setup.cfg", "pyproject.toml"):
                if said := _NAMED.search(files.get(posixpath.join(root, name)) or ""):
                    return said[1]
    said = _NAMED.search(manage)
    return said[1] if said else ""


def _of_module(files: ProjectFiles, root: str, module: str) -> Settings | None:
    """The module's own DATABASES; where it has none, those of the settings beside it that others build upon."""
    own = _path_of(files, root, module)
    if own and (found := settings_in(files, own)):
        return found
    inner = module.replace(".", "/")
    package = posixpath.join(root, posixpath.dirname(inner))
    beside = [
        one for one in files if one.endswith(".py") and posixpath.dirname(one) in (package, f"{package}/settings")
    ]
    known = [found for one in beside if (found := settings_in(files, one))]
    shared = [one for one in known if posixpath.basename(one.path).removesuffix(".py") in _SHARED]
    return shared[0] if len(shared) == 1 else known[0] if len(known) == 1 else None


def _path_of(files: ProjectFiles, root: str, module: str) -> str:
    """The module's file in its root, else the only one below it that is called so; "" without one."""
    inner = module.replace(".", "/")
    ends = (f"{inner}.py", f"{inner}/__init__.py")
    whole = next((path for end in ends if (path := posixpath.join(root, end)) in files.texts), "")
    ending = [one for one in files if one.endswith(tuple(f"/{end}" for end in ends)) and _under(one, root)]
    return whole or (ending[0] if len(ending) == 1 else "")


def _only(files: ProjectFiles, root: str) -> Settings | None:
    """The only settings under a folder; of several, those that a manage.py names or that are called settings.py."""
    mine = ProjectFiles({path: files.texts[path] for path in files if _under(path, root)})
    found = _all(mine)
    if len(found) <= 1:
        return found[0] if found else None
    manages = [one for one in mine if posixpath.basename(one) == "manage.py"]
    plain = [one for one in found if posixpath.basename(one.path) == "settings.py"]
    if len(manages) == 1:
        return find_settings(mine)
    return plain[0] if len(plain) == 1 else None


def _all(files: ProjectFiles) -> Sequence[Settings]:
    return [found for path in files if path.endswith(".py") and (found := settings_in(files, path))]


def _under(path: str, folder: str) -> bool:
    return not folder or path.startswith(f"{folder}/")
