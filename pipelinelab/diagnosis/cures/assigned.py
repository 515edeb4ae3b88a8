"""What DATABASES['default'] is in the end: a settings module read statement by statement, with what it imports. Pure.

Nothing is run. What cannot be told (a call that makes the whole mapping, a loop over DATABASES, an ``if`` whose two
sides differ) is ``UNKNOWN``, and no cure is made of it."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Mapping

from pipelinelab.diagnosis.cures.written import UNKNOWN, Tree, Unknown, Value, Written, copied, merged, trees
from pipelinelab.diagnosis.values import ProjectFiles

_CI = re.compile(r"CI|BITBUCKET_\w+")
_NAME = "DATABASES"
_MOST = 30  # modules


def default_database(files: ProjectFiles, path: str, given: Mapping[str, str]) -> Tree | Unknown | None:
    """DATABASES['default'] at the end of the module at ``path``; ``given`` are variables that the script sets. None
    where the module, or one that it imports, makes none, or is no Python of today."""
    databases = _Module(files, path, given, []).read().get(_NAME)
    if not isinstance(databases, dict):
        return databases if isinstance(databases, Unknown) else UNKNOWN if databases is not None else None
    found = databases.get("default")
    return found if isinstance(found, (dict, Unknown)) else UNKNOWN


class _Module:
    """One module being read. ``names`` are its names that matter: mappings, and texts that are put into one."""

    def __init__(self, files: ProjectFiles, path: str, given: Mapping[str, str], above: list[str]) -> None:
        self.files, self.path, self.given = files, path, given
        self.above = [*above, path]
        self.names: Tree = {}

    def read(self) -> Tree:
        try:
            body = ast.parse((self.files.get(self.path) or "").removeprefix("\ufeff")).body
        except (SyntaxError, ValueError, RecursionError):
            body = []
        self._run(body)
        return self.names

    def _run(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._one(statement)

    def _one(self, statement: ast.stmt) -> None:
        match statement:
            case ast.Assign(targets=targets, value=value):
                there = self._value(value)
                for target in targets:
                    self._set(target, there)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._set(target, self._value(value))
            case ast.ImportFrom():
                self._import(statement)
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=owner, attr="update"), args=args, keywords=more)):
                self._update(owner, args, more)
            case ast.If(test=test, body=body, orelse=orelse):
                told = self._told(test)
                if told is None:
                    self._either(body, orelse)
                else:
                    self._run(body if told else orelse)
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=final):
                self._either([*body, *orelse], [one for handler in handlers for one in handler.body])
                self._run(final)
            case ast.FunctionDef() | ast.ClassDef() | ast.AsyncFunctionDef():
                pass
            case _ if _NAME in {one.id for one in ast.walk(statement) if isinstance(one, ast.Name)}:
                self.names[_NAME] = UNKNOWN

    def _value(self, node: ast.expr) -> Value:
        match node:
            case ast.Dict(keys=keys, values=values):
                return self._mapping([(key, value) for key, value in zip(keys, values, strict=True)])
            case ast.Call(func=ast.Name(id="dict"), args=args, keywords=more):
                first: list[tuple[ast.expr | None, ast.expr]] = [(None, one) for one in args]
                return self._mapping(first + [(ast.Constant(k.arg) if k.arg else None, k.value) for k in more])
            case ast.Call(func=ast.Attribute(value=owner, attr="copy"), args=[]) if self._is_tree(owner):
                return self._copied(owner, deep=False)
            case ast.Call(func=ast.Attribute(attr="deepcopy"), args=[owner]) if self._is_tree(owner):
                return self._copied(owner, deep=True)
            case ast.Name(id=name) if name in self.names:
                return self.names[name]
            case ast.Subscript(value=owner, slice=ast.Constant(value=str() as key)) if self._is_tree(owner):
                inner = self._value(owner)
                return inner.get(key, UNKNOWN) if isinstance(inner, dict) else UNKNOWN
        return Written(self.path, node)

    def _copied(self, owner: ast.expr, deep: bool) -> Value:
        there = self._value(owner)
        return there if not isinstance(there, dict) else copied(there, {}) if deep else dict(there)

    def _is_tree(self, node: ast.expr) -> bool:
        names = [one.id for one in ast.walk(node) if isinstance(one, ast.Name)]
        return bool(names) and all(name in self.names and not isinstance(self.names[name], Written) for name in names)

    def _mapping(self, pairs: list[tuple[ast.expr | None, ast.expr]]) -> Value:
        made: Tree = {}
        for key, value in pairs:
            there = self._value(value)
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                made[key.value] = there
            elif key is None and isinstance(there, dict):
                made.update(there)
            else:
                return UNKNOWN
        return made

    def _set(self, target: ast.expr, value: Value) -> None:
        match target:
            case ast.Name(id=name):
                self.names[name] = value
            case ast.Subscript(value=owner, slice=key):
                tree = self._value(owner)
                if isinstance(tree, dict) and isinstance(key, ast.Constant) and isinstance(key.value, str):
                    tree[key.value] = value
                else:
                    self._lose(owner)

    def _update(self, owner: ast.expr, args: list[ast.expr], more: list[ast.keyword]) -> None:
        tree = self._value(owner)
        pairs: list[tuple[ast.expr | None, ast.expr]] = [(None, one) for one in args]
        new = self._mapping(pairs + [(ast.Constant(k.arg) if k.arg else None, k.value) for k in more])
        if isinstance(tree, dict) and isinstance(new, dict):
            tree.update(new)
        else:
            self._lose(owner)

    def _lose(self, owner: ast.expr) -> None:
        """The mapping that an expression is of is not known any more, nor DATABASES where that holds it."""
        while isinstance(owner, (ast.Subscript, ast.Attribute)):
            owner = owner.value
        tree = self.names.get(owner.id) if isinstance(owner, ast.Name) else None
        if isinstance(owner, ast.Name) and isinstance(tree, dict):
            self.names[owner.id] = UNKNOWN
            if any(one is tree for one in trees(self.names.get(_NAME, UNKNOWN))):
                self.names[_NAME] = UNKNOWN

    def _import(self, statement: ast.ImportFrom) -> None:
        path = _module_path(self.files, self.path, statement.module or "", statement.level)
        if path is None or path in self.above or len(self.above) > _MOST:
            return
        there = _Module(self.files, path, self.given, self.above).read()
        for alias in statement.names:
            if alias.name == "*":
                self.names.update(there)
            elif alias.name in there:
                self.names[alias.asname or alias.name] = there[alias.name]

    def _told(self, test: ast.expr) -> bool | None:
        """Whether a test holds in the step; None where nobody knows."""
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                told = self._told(inner)
                return None if told is None else not told
            case ast.Compare(left=ast.Constant(value=str() as name), ops=[ast.In()]) if "environ" in ast.dump(test):
                return True if _CI.fullmatch(name) or name in self.given else None
            case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=str() as wanted)]):
                value = {"CI": "true", **self.given}.get(_asked(left))
                return None if value is None else value == wanted
        name = _asked(test)
        return True if _CI.fullmatch(name) or self.given.get(name) else None

    def _either(self, body: list[ast.stmt], orelse: list[ast.stmt]) -> None:
        before: dict[int, Tree] = {}
        self.names, other = copied(self.names, before), self.names
        self._run(body)
        first, self.names = self.names, other
        self._run(orelse)
        made: dict[tuple[int, int], Tree] = {}
        both = {name for name in first if name in self.names}
        self.names = {**first, **self.names, **{name: merged(first[name], self.names[name], made) for name in both}}


def _asked(node: ast.expr) -> str:
    """The environment variable whose value an expression is, "" for any other."""
    match node:
        case ast.Call(func=func, args=[ast.Constant(value=str() as name), *_]):
            return name if re.search("environ|getenv", ast.dump(func)) else ""
        case ast.Subscript(value=owner, slice=ast.Constant(value=str() as name)):
            return name if "environ" in ast.dump(owner) else ""
    return ""


def _module_path(files: ProjectFiles, path: str, module: str, level: int) -> str | None:
    """The file of an imported module: of a relative one beside the importer, of another from a folder above it."""
    folder = posixpath.dirname(path)
    inner = module.replace(".", "/")
    for _ in range(level - 1):
        folder = posixpath.dirname(folder)
    while True:
        for end in (f"{inner}.py", f"{inner}/__init__.py") if inner else ("__init__.py",):
            if (found := posixpath.join(folder, end)) in files.texts:
                return found
        if level or not folder:
            return None
        folder = posixpath.dirname(folder)
