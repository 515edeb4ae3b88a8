"""The ways in which programs quote a text, and texts to quote."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import quoteattr

from hypothesis import strategies as st


def _go_json(text: str) -> str:
    whole = json.dumps(text, ensure_ascii=False)
    return "".join(f"\\u{ord(sign):04x}" if sign in "&<>'" else sign for sign in whole)


def _go_html(text: str) -> str:
    for sign, entity in (("&", "&amp;"), ("'", "&#39;"), ('"', "&#34;"), ("<", "&lt;"), (">", "&gt;"), ("+", "&#43;")):
        text = text.replace(sign, entity)
    return text


QUOTES: Mapping[str, Callable[[str], str]] = {
    "as it is": str,
    "JSON": json.dumps,
    "JSON in UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "Go's JSON": _go_json,
    "PHP's JSON": lambda text: json.dumps(text).replace("/", "\\/"),
    "a URL": lambda text: quote(text, safe=""),
    "a path in a URL": quote,
    "a form": quote_plus,
    ".NET's URL": lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")),
    "HTML": escape,
    "HTML without quotes": lambda text: escape(text, quote=False),
    "Go's and Jinja's HTML": _go_html,
    "an XML attribute": quoteattr,
    "Python's text": repr,
    "Python's bytes": lambda text: repr(text.encode()),
    "Python's shlex": shlex.quote,
    "a shell's single quotes": lambda text: "'" + text.replace("'", "'\\''") + "'",
    "a shell's double quotes": lambda text: '"' + re.sub(r'([\\"$`])', r"\\\1", text) + '"',
    "printf %q": lambda text: re.sub(r"([^\w@%+=:./-])", r"\\\1", text),
}
"""What quotes a text, by the name of what does it."""

AWKWARD = "\\%&'\"+/=<>$;#x25u0n ä€😀"
SECRETS = st.text(
    st.one_of(st.characters(min_codepoint=33, max_codepoint=126), st.sampled_from(AWKWARD)), min_size=8, max_size=40
).filter(lambda text: len(text.strip()) >= 8)
"""Values of eight signs and more, many of them such as are quoted, or look as if they were."""
