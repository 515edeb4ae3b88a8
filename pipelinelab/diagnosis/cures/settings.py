"""Reading and editing DATABASES in a Django settings file by the positions of its syntax tree. Pure.

Only the DATABASES statement is parsed, so the rest of the file may be Python 2.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipelinelab.diagnosis.values import ProjectFiles

_STATEMENT = re.compile(r"^\ufeff?([ \t]*)(DATABASES(?:\s*:[^=\n]+)?\s*=\s*\{)", re.MULTILINE)
_HERE = re.compile(r"\bif\b[^\n]*\b(?:CI|BITBUCKET\w*|TEST\w*)\b[^\n]*:[ \t]*(?:#[^\n]*)?\r?\n\s*\Z", re.IGNORECASE)
HOSTS = ("", "localhost", "mysql", "mariadb", "db", "database", "postgres", "postgresql")


@dataclass(frozen=True)
class Settings:
    """A settings file with its DATABASES['default'] found. ``begin`` is where the statement starts in ``text``."""

    path: str
    text: str
    begin: int
    default: ast.Dict
    statement: str

    @property
    def module(self) -> str:
        """The dotted name that DJANGO_SETTINGS_MODULE would hold."""
        return self.path.removesuffix(".py").replace("/", ".")


def find_settings(files: ProjectFiles) -> Settings | None:
    """The settings file that defines DATABASES; the one that manage.py names, else the shortest path."""
    found = [s for path in files if path.endswith(".py") and (s := settings_in(files, path))]
    manage = next((files.get(path) or "" for path in files if path.rsplit("/", 1)[-1] == "manage.py"), "")
    named = re.search(r"DJANGO_SETTINGS_MODULE['\"]\s*,\s*['\"]([\w.]+)", manage)
    return min(found, key=lambda s: (not (named and s.module.endswith(named.group(1))), len(s.path)), default=None)


def read_database(files: ProjectFiles) -> dict[str, str]:
    """What can be read of DATABASES['default'] without running it: name, user, host, port, engine, test_name."""
    settings = find_settings(files)
    if settings is None:
        return {}
    known: dict[str, str] = {}
    for key in ("ENGINE", "NAME", "USER", "HOST", "PORT"):
        value = _value(settings.default, key)
        if isinstance(value, ast.Constant):
            known[key.lower()] = str(value.value)
        elif default := default_of(settings, key):
            known[key.lower()] = default
    test = _value(settings.default, "TEST")
    name = _value(test, "NAME") if isinstance(test, ast.Dict) else None
    if isinstance(name, ast.Constant):
        known["test_name"] = str(name.value)
    return known


def again(settings: Settings, text: str) -> Settings:
    """The same statement in the file's new text."""
    return _parse(settings.path, text, settings.begin) or settings


def default_of(settings: Settings, key: str) -> str:
    """A key's default where it is read from elsewhere: os.environ.get("DB_NAME", "shop"); "" without one."""
    texts = list(_constants(_value(settings.default, key)))
    return texts[-1].value if len(texts) >= 2 and isinstance(texts[-1].value, str) else ""


def written(settings: Settings, key: str) -> str | None:
    """A key's text where it is written out, else None."""
    value = _value(settings.default, key)
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def with_texts(settings: Settings, texts: Mapping[str, str]) -> str:
    """The file with these texts for keys that are there."""
    text = settings.text
    nodes = [(node, new) for key, new in texts.items() if (node := _value(settings.default, key)) is not None]
    for (begin, end), new in sorted(((_span(settings, node), new) for node, new in nodes), reverse=True):
        text = f"{text[:begin]}{_quote(settings, new)}{text[end:]}"
    return text


def with_host(settings: Settings, host: str = "127.0.0.1") -> str | None:
    """The file with HOST set; None where it is so already or comes from elsewhere."""
    value = _value(settings.default, "HOST")
    if value is None:
        return _with_entry(settings, settings.default, "HOST", _quote(settings, host))
    place = next((c for c in reversed(list(_constants(value))) if c.value in HOSTS), None)
    if place is None:
        return None
    quote = settings.text[_span(settings, place)[0]]
    return _replaced(settings, place, f"{quote}{host}{quote}" if quote in "'\"" else repr(host))


def variable_of(settings: Settings, key: str) -> str | None:
    """The environment variable that a key is read from, None where it is written out."""
    value = _value(settings.default, key)
    names = [
        c.value for c in _constants(value) if isinstance(c.value, str) and re.fullmatch(r"[A-Z][A-Z0-9_]+", c.value)
    ]
    return names[0] if names and not isinstance(value, ast.Constant) else None


def with_test_name(settings: Settings) -> str | None:
    """The file with TEST NAME the same as NAME; None where it is so already or NAME is not written out."""
    name = _value(settings.default, "NAME")
    if name is None:
        return None
    source = ast.get_source_segment(settings.statement, name) or ""
    test = _value(settings.default, "TEST")
    if test is None:
        return _with_entry(settings, settings.default, "TEST", f"{{{_quote(settings, 'NAME')}: {source}}}")
    if not isinstance(test, ast.Dict):
        return None
    old = _value(test, "NAME")
    if old is None:
        return _with_entry(settings, test, "NAME", source)
    return None if ast.dump(old) == ast.dump(name) else _replaced(settings, old, source)


def with_option(settings: Settings, key: str, value: str, into: str = "OPTIONS") -> str | None:
    """The file with OPTIONS[key] (or that of TEST) set to a string; None where it is so already."""
    quoted = _quote(settings, value)
    options = _value(settings.default, into)
    if options is None:
        return _with_entry(settings, settings.default, into, f"{{{_quote(settings, key)}: {quoted}}}")
    if not isinstance(options, ast.Dict):
        return None
    old = _value(options, key)
    if old is None:
        return _with_entry(settings, options, key, quoted)
    if isinstance(old, ast.Constant) and old.value == value:
        return None
    return _replaced(settings, old, quoted)


def tests_in_own(settings: Settings) -> bool:
    """Whether the tests run in a database of their own, not in that of NAME."""
    test, name = _value(settings.default, "TEST"), _value(settings.default, "NAME")
    named = _value(test, "NAME")
    return named is None or name is None or ast.dump(named) != ast.dump(name)


def settings_in(files: ProjectFiles, path: str) -> Settings | None:
    """The file's DATABASES; of several, those that are no SQLite, that an ``if`` for CI holds, or the last outside of
    any. None where that leaves a choice."""
    text = files.get(path) or ""
    found = [(one, known) for one in _STATEMENT.finditer(text) if (known := _parse(path, text, one.start(2)))]
    servers = [pair for pair in found if "sqlite" not in (written(pair[1], "ENGINE") or "")] or found
    if len(servers) > 1:
        ours = [pair for pair in servers if _HERE.search(text, 0, pair[0].start(2))]
        outside = [pair for pair in servers if not pair[0][1]]
        servers = ours if len(ours) == 1 else outside[-1:] if len(outside) == len(servers) else []
    return servers[0][1] if servers else None


def _parse(path: str, text: str, begin: int) -> Settings | None:
    statement = _balanced(text, begin)
    try:
        tree = ast.parse(statement)
    except (SyntaxError, ValueError):
        return None
    assigned = tree.body[0] if tree.body else None
    if not isinstance(assigned, (ast.Assign, ast.AnnAssign)) or not isinstance(assigned.value, ast.Dict):
        return None
    default = _value(assigned.value, "default")
    return Settings(path, text, begin, default, statement) if isinstance(default, ast.Dict) else None


def _balanced(text: str, begin: int) -> str:
    depth, at, quote = 0, begin, ""
    while at < len(text):
        char = text[at]
        if quote:
            if char == "\\":
                at += 1
            elif char == quote:
                quote = ""
        elif char in "'\"":
            quote = char
        elif char == "#":
            end = text.find("\n", at)
            at = len(text) if end < 0 else end
            continue
        elif char in "{[(":
            depth += 1
        elif char in "}])":
            depth -= 1
            if depth == 0:
                return text[begin : at + 1]
        at += 1
    return text[begin:]


def _value(node: ast.AST | None, key: str) -> ast.expr | None:
    if not isinstance(node, ast.Dict):
        return None
    pairs = zip(node.keys, node.values, strict=True)
    return next((v for k, v in pairs if isinstance(k, ast.Constant) and k.value == key), None)


def _constants(node: ast.AST | None) -> Iterator[ast.Constant]:
    if node is not None:
        yield from (child for child in ast.walk(node) if isinstance(child, ast.Constant))


def _offset(settings: Settings, line: int, column: int) -> int:
    """A syntax tree's line (from 1) and UTF-8 column as an index into the file's text."""
    lines = settings.statement.splitlines(keepends=True)
    before = sum(map(len, lines[: line - 1]))
    return settings.begin + before + len(lines[line - 1].encode()[:column].decode())


def _span(settings: Settings, node: ast.expr) -> tuple[int, int]:
    begin = _offset(settings, node.lineno, node.col_offset)
    return begin, _offset(settings, node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def _replaced(settings: Settings, node: ast.expr, new: str) -> str:
    begin, end = _span(settings, node)
    return settings.text[:begin] + new + settings.text[end:]


def _quote(settings: Settings, word: str) -> str:
    first = settings.default.keys[0] if settings.default.keys else None
    quote = settings.text[_span(settings, first)[0]] if first is not None else "'"
    plain = quote in "'\"" and not set(word) & {quote, "\\"}
    return f"{quote}{word}{quote}" if plain else repr(word)


def _with_entry(settings: Settings, into: ast.Dict, key: str, value: str) -> str | None:
    text = settings.text
    entry = f"{_quote(settings, key)}: {value}"
    if not into.values:
        begin, end = _span(settings, into)
        return f"{text[:begin]}{{{entry}}}{text[end:]}"
    last_key, last = into.keys[-1], into.values[-1]
    end = _span(settings, last)[1]
    key_begin = _span(settings, last_key)[0] if last_key is not None else end
    line_begin = text.rfind("\n", 0, key_begin) + 1
    indent = text[line_begin:key_begin]
    comma = re.compile(r"\s*,").match(text, end)
    if indent.strip():  # entries on one line
        at = comma.end() if comma else end
        return f"{text[:at]}{' ' if comma else ', '}{entry}{text[at:]}"
    newline = "\r\n" if "\r\n" in text else "\n"
    if comma:
        at = comma.end()
        rest = text.find("\n", at)
        if text[at:rest].strip().startswith("#"):  # a comment behind the comma stays behind it
            at = rest - (1 if newline == "\r\n" else 0)
        return f"{text[:at]}{newline}{indent}{entry},{text[at:]}"
    return f"{text[:end]},{newline}{indent}{entry},{text[end:]}"
