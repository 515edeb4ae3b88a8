"""The expressions of ``condition: state:``, read and evaluated. Pure.

Source: Atlassian's pages on the expression language and on dynamic step conditions: variables by name without ``$``,
text in quotes or, to the right of a comparison, bare; numbers, true and false; == != < <= > >= && || ! ( ) and
``glob(variable, "pattern")``. That a variable without a value is the empty text is inferred.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache

from pipelinelab.errors import UsageError
from pipelinelab.planning.globs import glob_matches

Values = Mapping[str, str]
Test = Callable[[Values], bool]
_Text = Callable[[Values], str]
_TOKEN = re.compile(r"""\s*(?:(==|!=|<=|>=|&&|\|\||[()!<>,])|("[^"]*"|'[^']*')|([^\s()!<>=&|,"']+)|(\S))""")
_ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
DEEPEST = 50


@lru_cache(maxsize=256)
def reads(text: str) -> Test:
    """The test that an expression is. Raises UsageError, with the character, for what is none."""
    parser = _Parser(text)
    test = parser.either(0)
    if parser.peek():
        raise parser.wrong("the end, && or ||")
    return test


class _Parser:
    """Goes over the tokens once, from the left."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = [(found[0].strip(), found.end()) for found in _TOKEN.finditer(text.rstrip())]
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self.peek()
        self._at += 1
        return token

    def wrong(self, wanted: str) -> UsageError:
        token = self.peek()
        place = self._tokens[self._at][1] - len(token) + 1 if token else len(self._text) + 1
        return UsageError(f"expected {wanted}, found {token or 'the end'} at character {place} of {self._text!r}")

    def either(self, depth: int) -> Test:
        found = self._both(depth)
        while self.peek() == "||":
            self._next()
            found = _or(found, self._both(depth))
        return found

    def _both(self, depth: int) -> Test:
        found = self._one(depth)
        while self.peek() == "&&":
            self._next()
            found = _and(found, self._one(depth))
        return found

    def _one(self, depth: int) -> Test:
        if depth > DEEPEST:
            raise UsageError(f"more than {DEEPEST} parentheses deep: {self._text[:60]!r}")
        if self.peek() == "!":
            self._next()
            denied = self._one(depth + 1)
            return lambda values: not denied(values)
        if self.peek() == "(":
            self._next()
            found = self.either(depth + 1)
            self._expect(")")
            return found
        if self.peek() == "glob":
            return self._glob()
        left = self._operand(bare_is_text=False)
        sign = self.peek()
        if sign in ("==", "!="):
            self._next()
            right = self._operand(bare_is_text=True)
            return lambda values: _same(left(values), right(values)) == (sign == "==")
        if sign in _ORDER:
            self._next()
            right = self._operand(bare_is_text=True)
            return lambda values: _ordered(sign, left(values), right(values))
        return lambda values: left(values) == "true"

    def _glob(self) -> Test:
        self._next()
        self._expect("(")
        value = self._operand(bare_is_text=False)
        self._expect(",")
        pattern = self._operand(bare_is_text=True)
        self._expect(")")
        return lambda values: glob_matches(pattern(values), value(values))

    def _expect(self, token: str) -> None:
        if self.peek() != token:
            raise self.wrong(token)
        self._next()

    def _operand(self, bare_is_text: bool) -> _Text:
        token = self.peek()
        if token[:1] in ("", "=", "&", "|", "(", ")", "!", "<", ">", ",") or token in ('"', "'"):
            raise self.wrong("a variable or a value")
        self._next()
        if token[0] in "\"'":
            return lambda values: token[1:-1]
        name = token.removeprefix("$")
        if token in ("true", "false") or re.fullmatch(r"-?\d+(\.\d+)?", token):
            return lambda values: token
        return lambda values: values.get(name, token if bare_is_text else "")


def _or(first: Test, second: Test) -> Test:
    return lambda values: first(values) or second(values)


def _and(first: Test, second: Test) -> Test:
    return lambda values: first(values) and second(values)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def _same(left: str, right: str) -> bool:
    first, second = _number(left), _number(right)
    return left == right if first is None or second is None else first == second


def _ordered(sign: str, left: str, right: str) -> bool:
    first, second = _number(left), _number(right)
    return first is not None and second is not None and bool(_ORDER[sign](first, second))
