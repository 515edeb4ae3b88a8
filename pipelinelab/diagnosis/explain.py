"""A diagnosis as people read it: one object, as text for a terminal and as HTML for a notebook. Pure.

The order is that of good compilers: what happened, the evidence with its places, why, the cure as a diff, the proof,
what else it could have been, and where to read on.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from pipelinelab.diagnosis.categories import GENERAL
from pipelinelab.diagnosis.nature import EXCEPTION
from pipelinelab.diagnosis.values import Cure, Diagnosis, Evidence, Finding, Unexplained
from pipelinelab.recording.log_verdict import alarmed

_WIDTH = 100
_GLYPHS = {"red": "✘", "green": "✔", "stopped": "■"}
_NO_END = "the log has no exit code, and its last words do not tell whether it failed"
_CALM = "the log has no exit code"
# A log is anybody's: what it says must not move the reader's cursor or colour the terminal.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")
_CONSEQUENCE = re.compile(
    r"\s*(?:make(?:\[\d+\])?: \*\*\*|npm (?:ERR!|error) |ERROR: Job failed|\S* ?exited with code|[}\])]+$)"
)
_HINT_CODE = "if you know that it is red, say so: --exit-code 1 (in Python exit_code=1)"
_IF_RED = "if it is red, then most likely"
_HINT_GENERAL = "No rule of the rulebook knows this failure; the command's own last words, by their kind:"
_HINT_UNPROVEN = "unproven: no replay has tried this cure yet"


@dataclass(frozen=True)
class Explanation:
    """Wraps a diagnosis for display: ``str()`` is the terminal's text, ``_repr_html_`` the notebook's."""

    diagnosis: Diagnosis
    source: str = ""

    def __str__(self) -> str:
        return as_text(self.diagnosis, self.source)

    def _repr_html_(self) -> str:
        return as_html(self.diagnosis, self.source)


def headline(diagnosis: Diagnosis) -> str:
    """One line: what came out."""
    if diagnosis.findings:
        return diagnosis.findings[0].title
    if diagnosis.verdict == "green":
        return "Green: there is nothing to explain."
    if diagnosis.verdict == "stopped":
        return "The replay was stopped before its end, and nothing had failed by then: there is nothing to explain."
    seen = diagnosis.unexplained
    if seen is not None and seen.nature:
        went_on = diagnosis.verdict == "unknown"  # then it may have caught the exception
        nature = seen.nature.replace(EXCEPTION, "an exception was printed") if went_on else seen.nature
        return f"No rule of the rulebook fits – {nature}"
    said = _telling(seen.last_words) if seen is not None else ""
    if said and _calm(diagnosis):
        return f"Nothing in its last words sounds like a failure: {said}"
    return f"No rule of the rulebook fits – its last words: {said}" if said else "No rule of the rulebook fits."


def _telling(words: Sequence[str]) -> str:
    """The last line that sounds like a failure and is no mere consequence; the last one where none does."""
    lines = [line.strip() for line in words if not _CONSEQUENCE.match(line)]
    calm = next((line for line in reversed(lines) if not line.startswith(("WARNING", "warning", "Warning"))), "")
    return next((line for line in reversed(lines) if alarmed(line.encode())), calm)[: _WIDTH * 2]


def _verdict(diagnosis: Diagnosis) -> str:
    if diagnosis.verdict != "unknown":
        return diagnosis.verdict
    if diagnosis.findings:
        return f"not sure that it is red – {_NO_END}"
    return f"unknown – {_CALM if _calm(diagnosis) else _NO_END}"


def _calm(diagnosis: Diagnosis) -> bool:
    """Whether nothing tells how it ended, and its last words are no alarm."""
    words = diagnosis.unexplained.last_words if diagnosis.unexplained else ()
    return diagnosis.verdict == "unknown" and diagnosis.if_red is None and not alarmed("\n".join(words).encode())


def _remarks(diagnosis: Diagnosis) -> tuple[str, ...]:
    return (*diagnosis.remarks, _HINT_CODE) if diagnosis.verdict == "unknown" else diagnosis.remarks


def as_text(diagnosis: Diagnosis, source: str = "") -> str:
    """The whole diagnosis for a terminal, without colours."""
    verdict = _verdict(diagnosis)
    lines = [f"{source}: {verdict}" if source else verdict, ""]
    if not diagnosis.findings:
        lines += [headline(diagnosis), ""]
    elif diagnosis.findings[0].category == GENERAL:
        lines += [_HINT_GENERAL, ""]
    for number, finding in enumerate(diagnosis.findings):
        lines += list(_finding(finding, also=number > 0))
    if diagnosis.if_red is not None:
        lines += [f"{_IF_RED}: {diagnosis.if_red.title}  [{diagnosis.if_red.rule}]", *_wrapped(diagnosis.if_red.cure)]
        lines.append("")
    if diagnosis.unexplained is not None:
        lines += list(_unexplained(diagnosis.unexplained))
    if diagnosis.questions:
        lines += [
            "not asked (no live containers), so less sure",
            *(f"  {_question(q)}" for q in diagnosis.questions[:8]),
            "",
        ]
    lines += [f"note: {remark}" for remark in _remarks(diagnosis)]
    return _CONTROL.sub("\ufffd", "\n".join(lines).rstrip() + "\n")


def as_html(diagnosis: Diagnosis, source: str = "") -> str:
    """The same for a notebook: plain elements, ``<details>`` for what is long; no scripts and no ids."""
    verdict = f"{_GLYPHS.get(diagnosis.verdict, '?')} {_verdict(diagnosis)}"
    parts = [f"<div><p><strong>{escape(verdict)}</strong> {escape(source)}</p>"]
    if not diagnosis.findings:
        parts.append(f"<p>{escape(headline(diagnosis))}</p>")
    elif diagnosis.findings[0].category == GENERAL:
        parts.append(f"<p>{escape(_HINT_GENERAL)}</p>")
    for number, finding in enumerate(diagnosis.findings):
        body = _finding_html(finding)
        title = f"<strong>{escape(finding.title)}</strong> <small>{escape(_tag(finding))}</small>"
        parts.append(f"<details{' open' if number == 0 else ''}><summary>{title}</summary>{body}</details>")
    if diagnosis.if_red is not None:
        title = f"{_IF_RED}: {diagnosis.if_red.title}"
        parts.append(f"<p>{escape(title)} <small>{escape(diagnosis.if_red.rule)}</small></p>")
        parts.append(f"<blockquote>{escape(diagnosis.if_red.cure)}</blockquote>")
    if diagnosis.unexplained is not None:
        parts.append(_unexplained_html(diagnosis.unexplained))
    if diagnosis.questions:
        asked = "".join(f"<li><code>{escape(_question(q))}</code></li>" for q in diagnosis.questions[:8])
        parts.append(f"<details><summary>not asked, so less sure</summary><ul>{asked}</ul></details>")
    parts += [f"<p><small>{escape(remark)}</small></p>" for remark in _remarks(diagnosis)]
    return "".join(parts) + "</div>"


def _tag(finding: Finding) -> str:
    return f"{finding.rule} · {finding.severity} · confidence {finding.confidence:.0%}"


def _finding(finding: Finding, also: bool) -> Iterator[str]:
    yield ("also seen: " if also else "") + finding.title
    yield f"  [{_tag(finding)}]"
    if also:
        yield from (f"    {e.where}: {_one_line(e.text)}" for e in finding.evidence[:1])
        yield ""
        return
    yield ""
    for evidence in dict.fromkeys(finding.evidence):
        yield f"  {evidence.where}"
        yield from (f"    | {line}" for line in evidence.text.splitlines()[:8])
    yield from ("", "  why", *_wrapped(finding.cause))
    yield from ("", "  cure", *_wrapped(finding.cure))
    for cure in finding.cures:
        yield from _cure(cure)
    if finding.cures and any(cure.diff for cure in finding.cures):
        yield from ("", "  proof", f"    {_HINT_UNPROVEN if finding.proof == 'unproven' else finding.proof}")
    if finding.alternatives:
        yield from ("", "  what else it could have been")
        for other in finding.alternatives:
            yield f"    {other.what} – {other.state}{f' by {other.by}' if other.by else ''}"
    if finding.references:
        yield from ("", "  read on", *(f"    {reference}" for reference in finding.references))
    yield ""


def _cure(cure: Cure) -> Iterator[str]:
    yield f"    {cure.rank + 1}. {cure.title} ({cure.safety}{f': {cure.why}' if cure.why else ''})"
    yield from (f"       {line}" for line in cure.diff.splitlines())


def _unexplained(seen: Unexplained) -> Iterator[str]:
    if seen.command:
        yield f"the last command: {_one_line(seen.command)}" + (
            f" (exit code {seen.exit_code})" if seen.exit_code is not None else ""
        )
    if seen.unseen_in_green:
        yield from ("", "lines that the green run does not have, the most telling first")
        yield from (f"  {line:>6}  {text}" for line, text in seen.unseen_in_green[:20])
    if seen.errors:
        yield from ("", "errors in its output")
        for error in seen.errors[-10:]:
            what = " ".join(part for part in (error.exception, error.code, error.message) if part)
            yield f"  line {error.line}  {error.kind}: {what}" + (f"  ({error.location})" if error.location else "")
    if seen.last_words:
        yield from ("", "its last words", *(f"  | {line}" for line in seen.last_words))
    yield ""


def _finding_html(finding: Finding) -> str:
    """As in the text: evidence, why, cure, proof. Open is what the log said; what was asked beside it is folded."""
    seen = dict.fromkeys(finding.evidence)
    said = [e for e in seen if e.kind != "probe"]
    asked = [e for e in seen if e.kind == "probe"]
    cures = "".join(
        f"<li>{escape(c.title)} (<em>{c.safety}</em>{escape(': ' + c.why) if c.why else ''})"
        + (f"<pre>{escape(c.diff)}</pre>" if c.diff else "") + "</li>"
        for c in finding.cures
    )  # fmt: skip
    others = "".join(
        f"<li>{escape(a.what)} – {a.state}{escape(f' by {a.by}' if a.by else '')}</li>" for a in finding.alternatives
    )
    references = "".join(f"<li>{escape(r)}</li>" for r in finding.references)
    proof = _HINT_UNPROVEN if finding.proof == "unproven" else finding.proof
    return (
        f"<ul>{''.join(map(_evidence_html, said))}</ul>"
        + _folded(f"what was asked in the step ({len(asked)})", "".join(map(_evidence_html, asked)))
        + f"<p><strong>Why</strong> {escape(finding.cause)}</p><p><strong>Cure</strong> {escape(finding.cure)}</p>"
        + (f"<ol>{cures}</ol><p><strong>Proof</strong> {escape(proof)}</p>" if cures else "")
        + _folded("what else it could have been", others)
        + _folded("read on", references)
    )


def _evidence_html(evidence: Evidence) -> str:
    return f"<li>{escape(evidence.where)}<pre>{escape(evidence.text)}</pre></li>"


def _folded(summary: str, items: str) -> str:
    return f"<details><summary>{summary}</summary><ul>{items}</ul></details>" if items else ""


def _unexplained_html(seen: Unexplained) -> str:
    lines = [*(f"{line:>6}  {text}" for line, text in seen.unseen_in_green[:20])]
    errors = [f"line {e.line}  {e.kind}: {e.exception} {e.code} {e.message} {e.location}" for e in seen.errors[-10:]]
    blocks = (("lines that the green run does not have", lines), ("errors in its output", errors),
              ("its last words", list(seen.last_words)))  # fmt: skip
    command = f"<p>the last command: <code>{escape(seen.command)}</code></p>" if seen.command else ""
    return command + "".join(
        f"<details open><summary>{name}</summary><pre>{escape(chr(10).join(block))}</pre></details>"
        for name, block in blocks
        if block
    )


def _question(question: object) -> str:
    name, arguments = getattr(question, "name", ""), getattr(question, "arguments", ())
    return f"{name}({', '.join(f'{key}={value}' for key, value in arguments)})"


def _one_line(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= 160 else flat[:157] + "…"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, _WIDTH, initial_indent="    ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
